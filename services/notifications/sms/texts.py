"""What an SMS weighs and costs, and the words of the code. Pure."""

ALONE, JOINED, LONGEST = 70, 67, 500
"""Characters, 【sign】 included: of a text that goes as one, of each piece of a longer one, and of the longest."""
CODE = "您的验证码是 {code}，5 分钟内有效。请勿告诉他人；不是您本人操作，请忽略。"
"""The words that the provider's template of codes must have; its only variable is the code (docs/launch.md)."""


def signed(text: str, sign: str) -> str:
    return f"【{sign}】{text}"


def segments(text: str, sign: str) -> int:
    """How many messages the carrier counts. A sign outside the basic plane (an emoji) counts as two characters."""
    length = len(signed(text, sign).encode("utf-16-le")) // 2
    return 1 if length <= ALONE else -(-length // JOINED)


def cost_fen(text: str, sign: str, *, fen: int) -> int:
    """What one number costs, at `fen` a segment."""
    return segments(text, sign) * fen


def fits(text: str, sign: str) -> bool:
    """Whether a provider takes it at all, by length."""
    return len(signed(text, sign).encode("utf-16-le")) // 2 <= LONGEST
