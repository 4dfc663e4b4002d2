"""The auditor's page: who did what, kind by kind. It shows ids and facts, and nobody's name but officers'."""

import uuid

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app import permissions
from app.pages.paths import page_asked
from app.pages.staff import desk
from services.accounts import queries as accounts
from services.accounts.types import AccountId, Capability
from services.core import audit

blueprint = Blueprint("staff_audit", __name__, template_folder="..")

KINDS = {
    "member.unmasked": _("查看会员完整资料"),
    "member.corrected": _("更正会员资料"),
    "member.standing": _("改会籍状态"),
    "binding.approved": _("同意绑定申请"),
    "binding.refused": _("不同意绑定申请"),
    "bond.ended": _("解除绑定"),
    "roster.applied": _("名单写入"),
    "roster.undone": _("名单撤销"),
    "role.granted": _("授予职责"),
    "role.ended": _("收回职责"),
    "officer.invited": _("邀请干部"),
    "factor.reset_agreed": _("同意重设密码和动态码"),
    "sign_in.stopped": _("猜密码被拦下"),
    "union.founded": _("新建工会"),
    "clerk.invited": _("邀请店员"),
    "keys.rotated": _("更换密钥"),
}


@blueprint.get("/")
def acts() -> ResponseReturnValue:
    """Acts of one kind, the newest first; what is no kind is the first."""
    permissions.scopes(Capability.SEE_AUDIT)
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else next(iter(KINDS))
    page = audit.acts(kind, page_asked())
    names = accounts.display_names({account for entry in page.items if (account := _officer(entry.actor))})
    return desk.page("staff/audit.html", page=page, kind=kind, kinds=KINDS, names=names)


def _officer(actor: str) -> AccountId | None:
    """The account of "officer:<id>"."""
    kind, _, identity = actor.partition(":")
    return AccountId(uuid.UUID(identity)) if kind == "officer" else None
