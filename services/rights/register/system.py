"""The audit trail, and what is about nobody."""

from services.rights.register.entries import Kept, Table, Text, Topic, Viewer, nothing

TRAIL = Topic(
    Text("安全记录", "The security record"),
    Text(
        "谁在什么时候改了、看了什么，出了问题能查清。里面没有姓名和号码。法律要求至少保存六个月。",
        "Who changed or read what and when, so that it can be traced. No names or numbers are in it. By law it is kept "
        "for six months at least.",
    ),
    (Viewer.SELF, Viewer.FEDERATION),
    Text("会员、店员、工会干部", "members, clerks, officers"),
)

TABLES = (
    Table(
        "audit_entries",
        TRAIL,
        Kept(Text("长期保存，不少于 183 天", "for good; never less than 183 days")),
        {"action": Text("对您的资料做过什么、为什么", "what was done with your data, and why")},
        "id at actor subject_id detail",
    ),
    nothing("audit_seals", "the chain over the audit trail", "id first_id last_id rows digest previous_id sealed_at"),
    nothing("idempotency_keys", "answers to repeated requests; 48 hours", "scope key digest status answer stored_at"),
    nothing("spendings", "counts of attempts, by digests; two days", "who seconds begins_at used"),
    nothing("day_exceptions", "the calendar of working days", "day works name"),
    nothing(
        "unions",
        "the tree of unions and how to reach them",
        "id parent_id path level name phone address latitude longitude join_token trade_group closed_at",
    ),
)
