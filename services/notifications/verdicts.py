"""What each of the platform's codes means for one message, and what else follows from it."""

from dataclasses import dataclass

from services.accounts.wechat import Failed
from services.notifications.ports import Effect
from services.notifications.sending import DOWN
from services.notifications.types import DeliveryStatus

CREATED, PERMANENT, TECHNICAL, UNKNOWN = (
    DeliveryStatus.CREATED, DeliveryStatus.PERMANENT_FAILURE, DeliveryStatus.TECHNICAL_FAILURE, DeliveryStatus.UNKNOWN,
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """`charged`: a consent is used up. `alarm`: an operator must look."""

    status: DeliveryStatus
    effect: Effect = Effect.NONE
    charged: bool = False
    alarm: bool = False


BUSY = Verdict(CREATED)
STALE_TWICE = Verdict(CREATED, alarm=True)
NO_SUCH_PERSON = Verdict(PERMANENT, Effect.BLOCK_ADDRESS)
NOT_LET_IN = Verdict(TECHNICAL, Effect.STOP_CHANNEL, alarm=True)
BAD_TEMPLATE = Verdict(TECHNICAL, Effect.PAUSE_TEMPLATE, alarm=True)
OUR_FAULT = Verdict(TECHNICAL, alarm=True)
QUOTA = Verdict(CREATED, Effect.PAUSE_UNTIL_MIDNIGHT, alarm=True)
SLOWER = Verdict(CREATED, Effect.PAUSE_MINUTE)
BAD_WORDS = Verdict(PERMANENT, alarm=True)
UNHEARD_OF = Verdict(TECHNICAL)

TABLE: dict[int, Verdict] = {
    -1: BUSY,
    # The token: by now a new one was tried too.
    **dict.fromkeys((40001, 40014, 42001), STALE_TWICE),
    40003: NO_SUCH_PERSON,
    # Configuration, permission, ban; those from 41002 on come from fetching the token.
    **dict.fromkeys((40013, 40125, 40164, 40243, 48001, 48004, 50002), NOT_LET_IN),
    **dict.fromkeys((40002, 41002, 41004, 50004, 50007, 89501, 89503, 89506, 89507), NOT_LET_IN),
    # Codes of signing in, and of looking at texts: no send answers so.
    **dict.fromkeys((40029, 40163, 61010), UNHEARD_OF),
    # 40249: no marketing here. Whoever goes on loses the interface.
    **dict.fromkeys((40036, 40037, 40249, 43107, 43116), BAD_TEMPLATE),
    **dict.fromkeys((41030, 40097, 40129, 40169, 47001, 44002, 43001, 43002, 47003), OUR_FAULT),
    43004: Verdict(PERMANENT, Effect.NOT_FOLLOWING),
    43101: Verdict(PERMANENT, Effect.NO_CREDIT),
    43108: Verdict(CREATED, Effect.SOON),
    45009: QUOTA,
    **dict.fromkeys((45011, 44991), SLOWER),
    **dict.fromkeys((45168, 87014), BAD_WORDS),
    # Of mass messages: it has this one; the month's are used up; the same one came again within a minute.
    45065: Verdict(DeliveryStatus.SENT),
    45028: Verdict(PERMANENT),
    45066: Verdict(CREATED),
}


def verdict(failed: Failed, *, repeats_safely: bool) -> Verdict:
    """What a send that failed comes to.

    An answer that was lost: sent again where the channel recognises the repeat, else unknown and never repeated.
    """
    if failed.lost:
        return BUSY if repeats_safely else Verdict(UNKNOWN)
    if failed.errcode is not None:
        return TABLE.get(failed.errcode, UNHEARD_OF)
    answered = failed.status is not None and failed.status < 500
    return OUR_FAULT if answered else BUSY


def reason(failed: Failed) -> str:
    """The code, of 47003 with the field it names; what is no answer begins with DOWN. Names nobody."""
    if failed.errcode is not None:
        return f"{failed.errcode}:{failed.field}" if failed.errcode == 47003 and failed.field else str(failed.errcode)
    if failed.status is not None:
        return f"{DOWN}:{failed.status}" if failed.status >= 500 else f"http:{failed.status}"
    return f"{DOWN}:answer_lost" if failed.lost else f"{DOWN}:not_connected"
