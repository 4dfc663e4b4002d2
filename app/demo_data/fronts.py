"""How the demo's shops show themselves: a sentence, hours, phones, places. Numbers and points are invented."""

from collections.abc import Collection
from dataclasses import dataclass

from services.merchants.opening import WEEK, hours_of
from services.merchants.types import OpenHours
from services.unions.types import Place


@dataclass(frozen=True)
class Front:
    """`opens` is every day's but for the weekdays `closed` (1 is Monday)."""

    zh: str
    en: str
    opens: str
    closed: Collection[int] = ()

    def hours(self) -> list[OpenHours]:
        days = [day for day in WEEK if day not in self.closed]
        return [OpenHours(day, one) for day in days for one in hours_of(self.opens, field="opens")]


FRONTS = {
    "老灶牛肉面": Front(
        "一口老灶，每天现熬的牛骨汤。", "Beef broth, simmered fresh every day.", "07:00-14:00 17:00-21:30"
    ),
    "满碗粥铺": Front(
        "天没亮就开门，上早班先喝碗热粥。", "Open before dawn: hot congee for early shifts.", "05:30-13:30"
    ),
    "半场羽毛球馆": Front("十二片木地板场地，球拍可以借。", "Twelve wooden courts, rackets on loan.", "09:00-22:30"),
    "铁桩健身": Front("器械全，没有推销。", "All the machines, and nobody who sells.", "06:30-23:00"),
    "启程职业培训学校": Front(
        "电工、焊工、叉车，考证有人带。", "Electricians, welders, forklifts.", "08:30-20:30", (1,)
    ),
    "墨点儿书画": Front("孩子写字画画的地方。", "Where children write and paint.", "09:00-20:00", (1, 2)),
    "长相守婚庆": Front("婚礼策划、司仪、婚车。", "Weddings, from the plan to the car.", "10:00-18:30", (2,)),
    "拾影照相馆": Front("证件照立等可取。", "ID photos while you wait.", "09:00-20:00"),
    "蓝雀影城": Front("六个厅，夜场到半夜一点。", "Six screens, the last show ends at one.", "10:00-01:00"),
    "哼唱量贩 KTV": Front("大包厢，自助小吃。", "Big rooms, snacks to help yourself.", "12:00-02:00"),
    "麦溪采摘园": Front("四季有果摘，带孩子来。", "Fruit to pick in every season.", "08:00-18:00"),
    "暖泉池汤浴": Front("山里的温泉，可以过夜。", "Hot springs in the hills, rooms to stay.", "10:00-24:00"),
    "亮堂堂家电": Front("送货、安装、清洗都管。", "Delivered, fitted and cleaned.", "09:30-20:30"),
    "芯桥数码": Front("手机电脑，修了再卖。", "Phones and computers, mended first.", "10:00-20:00"),
    "快净洗车": Front("十五分钟一辆，下雨打折。", "A car in fifteen minutes.", "07:30-21:00"),
    "稳当汽修": Front("换下来的旧件给您看。", "We show you the parts that we replaced.", "08:30-18:00", (7,)),
}

AREAS = {
    "高营产业园": (30.5962, 104.0421),
    "柳渡镇": (30.5617, 104.1035),
    "雍城街道": (30.6203, 104.0108),
    "青堤街道": (30.6311, 104.0277),
    "望桥街道": (30.6098, 103.9861),
    "锦带街道": (30.6254, 103.9702),
    "北岸科技园": (30.6489, 104.0193),
    "禾丰镇": (30.5523, 103.9537),
    "麦溪镇": (30.6715, 103.9318),
    "松岭镇": (30.7064, 103.9025),
    "白芷镇": (30.5841, 103.9206),
    "东篱街道": (30.6027, 104.0655),
    "云埠镇": (30.5408, 104.0714),
    "雍河天地": (30.6176, 104.0009),
}
STEP = 0.0011
"""Degrees, some hundred metres: two shops of one area do not stand on one another."""


def place(address: str, number: int) -> Place:
    """Where the branch with this number stands, by the area that its address begins with."""
    latitude, longitude = next(at for area, at in AREAS.items() if address.startswith(area))
    return Place(round(latitude + number % 5 * STEP, 6), round(longitude + number % 7 * STEP, 6))


def phone(number: int) -> str:
    return f"010-1000{2000 + number}"


def plaque(number: int) -> str:
    return f"YH-{number:04}"
