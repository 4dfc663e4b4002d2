"""The terms of an offer in plain words, and whether the reader may use it."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app import permissions
from app.language import language, text
from app.wording import day
from services.accounts.types import MemberActor
from services.core.errors import Refusal
from services.core.money import yuan
from services.members import queries as members
from services.offers.queries import ListedOffer, Reader
from services.offers.types import Offer, OfferKind
from services.redemptions import queries as redemptions


@dataclass(frozen=True)
class ShownOffer:
    """One offer of the list, with its terms in words."""

    listed: ListedOffer
    terms: list[str]
    allowed: bool | None
    refusal: Refusal | None


def reader() -> Reader | None:
    """The signed-in member as a reader of offers."""
    actor = permissions.caller_if_any()
    if not isinstance(actor, MemberActor):
        return None
    return Reader(members.profile(actor.member_id), redemptions.shops_used(actor.member_id))


def shown(listed: ListedOffer) -> ShownOffer:
    return ShownOffer(listed, terms(listed.offer), listed.allowed, listed.refusal)


def terms(offer: Offer) -> list[str]:
    """What is given, unless the title says it already; how often, to whom, until when."""
    given = deal(offer)
    said = [] if _bare(given) in _bare(text(offer.title)) else [given]
    if offer.per_member_daily is not None:
        said.append(_("每人每天 %(count)s 次", count=offer.per_member_daily))
    if offer.per_member_total is not None:
        said.append(_("每人一共 %(count)s 次", count=offer.per_member_total))
    if offer.stock_left is not None:
        said.append(_("还剩 %(count)s 份", count=offer.stock_left))
    if offer.audience_path is not None and offer.audience_path.count("."):
        said.append(_("只给部分单位的会员"))
    return [*said, _("到 %(date)s 为止", date=day(offer.ends_on, language()))]


def line(offer: Offer) -> str:
    """The offer in one line: its title, and what is given unless the title says it."""
    title, given = text(offer.title), deal(offer)
    return title if _bare(given) in _bare(title) else f"{title}{_('：')}{given}"


def deal(offer: Offer) -> str:
    """What the member gets: "满 30 元减 8 元", "按原价的 88% 付", "送酸梅汤一杯"."""
    said: str
    if offer.kind is OfferKind.PERCENT:
        said = _("按原价的 %(percent)s%% 付", percent=100 - (offer.percent_off or 0))
    elif offer.kind is OfferKind.FIXED_PRICE:
        said = _("只付 %(price)s 元", price=_round(offer.price_fen or 0))
    elif offer.kind is OfferKind.MEMBER_PRICE:
        price, usual = _round(offer.price_fen or 0), _round(offer.list_fen or 0)
        said = _("会员价 %(price)s 元，原价 %(usual)s 元", price=price, usual=usual)
    elif offer.kind is OfferKind.GIFT:
        said = _("送%(gift)s", gift=text(offer.gift))
    else:
        threshold, off = _round(offer.threshold_fen or 0), _round(offer.off_fen or 0)
        said = _("满 %(threshold)s 元减 %(off)s 元", threshold=threshold, off=off)
    return said


def _bare(words: str) -> str:
    """Without spaces and "元": "满 30 减 8" says the same as "满 30 元减 8 元"."""
    return words.replace(" ", "").replace("元", "")


def _round(fen: int) -> str:
    """ "30" for 3000, "30.50" for 3050: whole yuan need no decimals in a sentence."""
    return str(fen // 100) if fen % 100 == 0 else yuan(fen)
