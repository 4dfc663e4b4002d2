"""What the personas did: told by hand, since people look at it."""

from app.demo_data.shops import NOODLES

Line = tuple[int, str, str, int, int | None]
"""Days ago, time in China, shop, number of its offer, bill in fen (None: none typed)."""

PERSONA_MONTH: tuple[Line, ...] = (
    (29, "12:14", NOODLES.zh, 1, 4650),
    (27, "19:32", "蓝雀影城", 0, 9000),
    (24, "18:05", NOODLES.zh, 0, 3800),
    (21, "10:20", "快净洗车", 0, 4500),
    (17, "12:11", NOODLES.zh, 2, None),
    (15, "16:40", "拾影照相馆", 1, None),
    (12, "20:02", "半场羽毛球馆", 1, 12000),
    (9, "12:26", NOODLES.zh, 1, 4650),
    (6, "11:05", "亮堂堂家电", 0, 25900),
    (3, "12:18", NOODLES.zh, 0, 5200),
    (2, "19:48", "蓝雀影城", 1, 9600),
    (1, "07:35", "满碗粥铺", 0, 1450),
    (0, "07:42", "满碗粥铺", 0, 1200),
)
"""The member's. The last three are still unread; they are at other shops than the clerk's, whose inbox has its own."""

CLERK_DAY = 30
"""Redemptions in a whole day at the clerk's till, beside what happens there by chance."""
UNREAD_BY_MEMBER, UNREAD_BY_CLERK = 3, 2
