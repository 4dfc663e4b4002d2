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
    "member.phone_seen": _("查看绑定申请的手机号（记到会员）"),
    "binding.phone_seen": _("查看申请人的手机号"),
    "member.added": _("添加会员"),
    "member.corrected": _("更正会员资料"),
    "member.phone": _("改手机号"),
    "member.standing": _("改会籍状态"),
    "correction.decided": _("决定更正申请"),
    "data.copied": _("会员取资料副本"),
    "account.closed": _("会员注销账号"),
    "binding.approved": _("同意绑定申请"),
    "binding.refused": _("不同意绑定申请"),
    "binding.raised": _("绑定申请转到上级"),
    "binding.passed_on": _("绑定申请转给别的工会"),
    "bond.made": _("绑定会员"),
    "bond.moved": _("绑定换了微信"),
    "bond.ended": _("解除绑定"),
    "roster.handed_in": _("交来名单"),
    "roster.row_opened": _("查看名单一行的全部资料"),
    "roster.approved": _("第二人同意名单"),
    "roster.applied": _("名单写入"),
    "roster.undone": _("名单撤销"),
    "session.opened": _("干部和店员登录"),
    "desk.confirmed": _("手机扫码登录电脑"),
    "sign_in.failed": _("密码或动态码不对"),
    "sign_in.stopped": _("猜密码被拦下"),
    "role.granted": _("授予职责"),
    "role.ended": _("收回职责"),
    "officer.invited": _("邀请干部"),
    "officer.uninvited": _("撤回邀请"),
    "factor.reset_asked": _("请求重设密码和动态码"),
    "factor.reset_agreed": _("同意重设密码和动态码"),
    "factor.reset": _("重设了密码和动态码"),
    "union.founded": _("新建工会"),
    "union.renamed": _("工会改名"),
    "union.closed": _("撤销工会"),
    "offer.published": _("发布优惠"),
    "offer.discarded": _("删掉优惠草稿"),
    "offer.paused": _("暂停优惠"),
    "offer.resumed": _("恢复优惠"),
    "offer.withdrawn": _("撤下优惠"),
    "event.ticked": _("补录纸质签到"),
    "event.check_in_undone": _("撤销签到"),
    "event.miss_cleared": _("取消爽约记录"),
    "event.pause_rule": _("改爽约的规定"),
    "redemption.voided": _("撤销核销"),
    "redemption.settled": _("核实了会员的异议"),
    "signal.looked": _("看过一条提醒"),
    "merchant.signed": _("登记合作商户"),
    "merchant.changed": _("改商户资料"),
    "merchant.hung": _("登记牌匾和告示"),
    "agreement.signed": _("登记新协议"),
    "merchant.suspended": _("暂停商户"),
    "merchant.resumed": _("恢复商户"),
    "merchant.ended": _("结束合作"),
    "branch.opened": _("开门店"),
    "branch.changed": _("改门店资料"),
    "branch.closed": _("关门店"),
    "branch.reopened": _("门店重新开业"),
    "complaint.answered": _("答复会员反馈"),
    "notice.written": _("写或改会员通知"),
    "notice.asked": _("交出会员通知等放行"),
    "notice.released": _("放行会员通知"),
    "notice.release_refused": _("放行会员通知被拒"),
    "notice.taken_back": _("收回会员通知"),
    "notice.dropped": _("不要会员通知"),
    "notice.started": _("会员通知开始发"),
    "notice.grown": _("会员通知的人变多，等第二人"),
    "notice.stopped": _("停止会员通知"),
    "notice.withdrawn": _("撤回会员通知"),
    "event.drafted": _("新建活动草稿"),
    "event.copied": _("复制活动"),
    "event.changed": _("改活动"),
    "event.published": _("发布活动"),
    "event.discarded": _("删掉活动草稿"),
    "event.cancelled": _("取消活动"),
    "event.drawn": _("摇号"),
    "event.list_read": _("查看不公开活动的报名名单"),
    "event.exported": _("导出活动报名名单"),
    "signup.noted": _("填写主办方的报名备注"),
    "clerk.invited": _("邀请店员"),
    "clerk.taken_on": _("店员上岗"),
    "clerk.left": _("店员离开"),
    "clerk.passed": _("店员换了账号"),
    "channel.mapped": _("设置消息模板"),
    "channel.resumed": _("恢复消息渠道"),
    "message.tested": _("发测试消息"),
    "keys.rotated": _("更换密钥"),
    "outbox.released": _("恢复后放行通知"),
    "calendar.set": _("改工作日历"),
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
