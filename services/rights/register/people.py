"""The roster, binding, and what members ask of us."""

from services.bindings import rules as bindings
from services.members import forgetting
from services.members.roster.service import purging as rosters
from services.rights import rules
from services.rights.register.entries import Kept, Table, Text, Topic, Viewer, forgotten

ROSTER = Topic(
    Text("您的会员资料", "Your member record"),
    Text(
        "工会依法登记会员，按它确认您是会员、归哪个工会管。资料由您单位的工会提供。",
        "Unions register their members by law: it says that you are one, and of which union. Your union supplies it.",
    ),
    (Viewer.SELF, Viewer.UNION),
)
BINDING = Topic(
    Text("把账号绑定到您本人", "Binding your account to you"),
    Text(
        "核对您就是花名册上的那个人，别人不能冒用您的卡。",
        "To make sure that you are the person on the roster, so that nobody else uses your card.",
    ),
    (Viewer.SELF, Viewer.UNION),
)
ASKED = Topic(
    Text("您提出的更正", "Corrections that you ask for"),
    Text("资料错了，您的工会照您说的核对、改正。", "Your union checks what you say and corrects what is wrong."),
    (Viewer.SELF, Viewer.UNION),
)

AS_MEMBER = Kept(
    Text(
        "您是会员期间一直保存；离会后由您单位的工会按档案规定保存",
        "as long as you are a member; after that your union keeps it as the rules on records say",
    )
)
AS_BOND = Kept(Text("随会员资料保存", "as long as the member record"))

TABLES = (
    Table(
        "members",
        ROSTER,
        AS_MEMBER,
        {
            "name": Text("姓名", "name"),
            "union_id": Text("所在工会", "union"),
            "standing": Text("会籍状态", "standing"),
            "phone": Text("手机号（加密）", "phone (encrypted)"),
            "id_type": Text("证件类型", "kind of identity document"),
            "id_number": Text("证件号码（加密）", "document number (encrypted)"),
            "printed_card": Text("旧会员卡号（加密）", "number of your old card (encrypted)"),
            "sex": Text("性别", "sex"),
            "born_on": Text("出生日期", "date of birth"),
            "joined_on": Text("入会日期", "day you joined"),
            "left_on": Text("离会日期", "day you left"),
        },
        "id phone_index id_index changed_at",
    ),
    Table(
        "roster_imports",
        ROSTER,
        forgotten(rosters.ROWS_KEPT, Text("导入后", "after the import"), by="rosters"),
        {
            "file_key": Text("导入的表格原件（加密）", "the sheet that was imported (encrypted)"),
            "file_name": Text("表格的文件名（加密）", "its file name (encrypted)"),
        },
        "id union_id reach kind state sha256 run fault fault_facts report counts outcomes progress total "
        "missing members_before created_by created_at second_by applied_by begun_at applied_at undo_until cleared_at",
    ),
    Table(
        "roster_rows",
        ROSTER,
        forgotten(rosters.PAYLOADS_KEPT, Text("导入后", "after the import"), by="rosters"),
        {
            "payload": Text("表格里关于您的一行（加密）", "the row about you in an imported sheet (encrypted)"),
            "before": Text("改动前的资料，供撤销（加密）", "the record before it, for undoing (encrypted)"),
        },
        "import_id line own_verdict verdict action notes changes id_index name_index phone_index member_id chosen "
        "outcome applied_at phone_taken_at",
    ),
    Table(
        "bonds",
        BINDING,
        AS_BOND,
        {"how": Text("什么时候、怎样绑定和解绑", "when and how you were bound and unbound")},
        "id member_id account_id made_at ended_at ended_because",
    ),
    Table(
        "binding_requests",
        BINDING,
        forgotten(bindings.KEPT_CLOSED, Text("办结后", "after it is decided"), by="requests"),
        {
            "name": Text("申请时填的姓名（加密，办结就删）", "name in your request (encrypted, gone when decided)"),
            "document_kind": Text("申请时选的证件类型", "kind of document in your request"),
            "document_number": Text(
                "申请时填的证件号码（加密，办结就删）", "document number in your request (encrypted, gone when decided)"
            ),
            "phone": Text(
                "申请时验证的手机号（加密，办结就删）", "phone in your request (encrypted, gone when decided)"
            ),
            "note": Text("工会写给您的话（加密）", "what the union wrote to you (encrypted)"),
            "reason": Text("办理结果和原因", "what was decided, and why"),
        },
        "id account_id member_id union_id named_union_id why crowded status filed_at due_at nudged_at raised_at "
        "closed_at decided_by bound_account_id",
    ),
    Table(
        "consents",
        BINDING,
        AS_BOND,
        {"version": Text("您同意的是哪一版说明、什么时候、怎样同意的", "which text you agreed to, when and how")},
        "id account_id text how accepted_at",
    ),
    Table(
        "correction_requests",
        ASKED,
        forgotten(rules.CORRECTIONS_KEPT, Text("办结后", "after it is decided"), by="corrections"),
        {
            "asked": Text("您说应该改成什么（加密，办结就删）", "what you say is right (encrypted, gone when decided)"),
            "note": Text("工会写给您的话（加密）", "what the union wrote to you (encrypted)"),
            "outcome": Text("办理结果", "what was decided"),
            "proven": Text("提交时有没有验证手机", "whether you proved your phone when you asked"),
        },
        "id member_id union_id status fields filed_at due_at closed_at decided_by",
    ),
    Table(
        "unmask_tallies",
        None,
        forgotten(forgetting.TALLIES_KEPT, Text("当天之后", "after that day"), by="tallies"),
        plain="actor day looks",
        why="how many records in full an officer has read on a day",
    ),
)
