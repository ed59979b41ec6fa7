"""What in a mined text may hold for one customer only: figures and names that no rule recognised."""

import re

from knowledge_base.privacy.slots import SLOT

# A figure with the word after it: "9 september" tells more of one customer than "9".
_FIGURE = re.compile(r"[^\W\d_]{0,12}[-£$€¥]?\d[\d.,:/-]*(?:[^\W\d_]{1,12})?(?:\s[A-Za-z]+|[^\x00-\x7f]{0,2})?")
_DATE = re.compile(r"\d+\s?[月年]\s?\d+(?:\s?月\s?\d+)?\s?[日号]?")
# A capital letter inside a sentence; at its beginning it says nothing.
_NAME = re.compile(r"(?<=[a-z\d,;:’'\"(&-]\s)[A-ZÀ-Þ][\w'’-]+|(?<=[\u4e00-\u9fff])[A-Z][a-z]\w*")
# The numbers and dashes of a list count what the company says, nothing of a customer's; what follows begins a sentence.
_LIST_MARK = re.compile(r"^[^\S\n]*(?:\d{1,2}(?:[.)]\s+|、\s*)|[-*•]\s+)", re.MULTILINE)
_NEVER = frozenset(("I", "I'm", "I'd", "I'll", "I've", "I’m", "I’d", "I’ll", "I’ve", "OK"))


def of(text: str) -> frozenset[str]:
    """The facts of a text, each in one spelling: figures with what they count, and names."""
    text = _LIST_MARK.sub(".\n", SLOT.sub(" ", text))
    figures = {" ".join(match[0].casefold().split()).rstrip(".,:/-") for match in _FIGURE.finditer(text)}
    dates = {"".join(match[0].split()) for match in _DATE.finditer(text)}
    names = {match[0].casefold() for match in _NAME.finditer(text) if match[0] not in _NEVER}
    return frozenset(figures | dates | names)
