"""Unions, their directory, and the officers' pages about them."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "union_unknown": Wording(
        "没有这个工会，可能已经撤并，或者海报换过了。请到“找工会”里按单位名再找。",
        "There is no such union; it may have closed, or its poster was replaced. Search for it by your employer.",
    ),
    "union_closed": Wording("这个工会已经撤销，不能再改。", "This union is closed and cannot be changed."),
    "union_has_branches": Wording(
        "下面还有没撤销的工会，请先处理完下面的。", "There are open unions below it. Deal with those first."
    ),
    "union_is_root": Wording("区总工会不能撤销。", "The federation cannot be closed."),
    "union_not_chosen": Wording("请填所在工会。", "Please say which union."),
    "union_not_clear": Wording(
        "工会名称对不上一个工会。请写全称，或在下面选一个。",
        "This is not the name of one union. Type it in full, or choose one below.",
    ),
    "not_confirmed": Wording("请先打勾，表示确定。", "Please tick the box to say that you mean it."),
    "union_level": Wording("这一级下面不能建这种工会。", "A union of this level cannot stand there."),
    "union_name_missing": Wording("请填工会名称。", "Please type the union's name."),
    "union_phone_malformed": Wording(
        "电话看不懂。请写数字，如 010-12345678。", "This is not a phone number. Type digits such as 010-12345678."
    ),
    "union_place_malformed": Wording(
        "坐标看不懂。请从地图上复制“经度,纬度”，如 121.4737,31.2304。",
        "These are no coordinates in China. Copy “longitude, latitude” from the map: 121.4737,31.2304.",
    ),
    "union_text_too_long": Wording("文字太长，最多 {most} 个字。", "Too long: at most {most} characters."),
    # an officer at a member's record
    "own_record": Wording(
        "自己的资料不能自己改，请上级工会的经办人来改。",
        "You cannot change your own record. Ask an officer of the union above.",
    ),
    "officers_record": Wording(
        "这位会员是工会干部（或是您本人），他的资料和绑定要由上级工会来改。",
        "This member is an officer (or you yourself): the union above changes the record and the binding.",
    ),
    "member_name_missing": Wording("请填姓名，最多 60 个字。", "Please type the name, 60 characters at most."),
    "choice_missing": Wording("请选一个原因。", "Please choose one."),
    "note_missing": Wording("选了“其他”，请写一句原因。", "You chose “other”: please say why in a few words."),
    "note_with_numbers": Wording(
        "原因会一直留在记录里，请不要写号码。", "The reason stays on record: please write no numbers in it."
    ),
    "note_with_name": Wording(
        "原因会一直留在记录里，请不要写会员的姓名。", "The reason stays on record: please leave the member's name out."
    ),
    "join_token_taken": Wording("请再点一次。", "Please try once more."),
}
