"""What a code is put into."""

from typing import NamedTuple


class Wording(NamedTuple):
    """Chinese and English for the clerk, then for the member; the member's are the same where left empty."""

    zh: str
    en: str
    member_zh: str = ""
    member_en: str = ""
