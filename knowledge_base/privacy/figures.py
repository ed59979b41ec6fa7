"""Long runs of digits, however they are grouped, and what kind of number each is."""

import re

from stdnum import luhn
from stdnum.cn import ric

from knowledge_base.privacy.rule import DIGITS, HAN, Rule

# A token's borders. \b is no use beside Chinese, where every character is a word character.
B, E = r"(?<![A-Za-z\d])", r"(?![A-Za-z\d])"
QUOTE = "\"'“”‘’「」『』《》（）()\\[\\]"
# What stands between a word that says what comes, and that.
IS = (
    rf"(?:\s|[:：#№.=,，{QUOTE}-]|是|为|為|is\b|was\b|号|號|number\b|no\b|nr\b|num\b|id\b|code\b"
    r"|编号|編號|码|碼){0,8}"
)
# A code in one piece or in several, each of which holds a digit.
CODE = (
    r"(?:(?-i:[A-Z]{1,4})[ -])?(?=[A-Za-z/_.-]{0,24}\d)"
    r"[A-Za-z\d](?:[A-Za-z\d]|[ .](?=[A-Za-z]{0,4}\d)|[-/_](?=[A-Za-z\d])){2,40}"
)
# Not part of a price, a decimal number or a version.
_PRICE = r"(?<![£$€¥￥]\d)(?<![£$€¥￥])(?<![£$€¥￥]\s)(?<!\d[.,])"
UNIT = (
    r"(?!\s?(?:元|块|円|米|英镑|美元|欧元|港币|日元|个|件|天|小时|分钟|次|公里|克|度|人|(?:pieces|pcs|units|items|points|people|customers|EUR|GBP|USD|CNY|RMB|mAh|hours|lumens"
    r"|rpm|mm|cm|kg|ml|mb|gb|kb|hz|khz|mhz|px)\b))"
)
_GAP = r"[ \t.()/-]{0,3}"
_DATE = (
    r"(?:(?:19|20)\d{2}\s?[-/.]\s?(?:0?[1-9]|1[0-2])\s?[-/.]\s?(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:19|20)\d{2})(?![\d])(?:[T ]\d{1,2}(?=:\d))?"
)
RUN = re.compile(
    rf"{B}{_DATE}|(?P<hide>{_PRICE}{B}(?:\+|\(\+?)?\d(?:{_GAP}\d){{6,29}}(?:{_GAP}[Xx](?![A-Za-z\d]))?)(?![A-Za-z\d]){UNIT}",
    re.IGNORECASE,
)
_CARD_LENGTHS, _PHONE_LENGTHS, _CHINESE_ID = range(13, 20), range(7, 16), 18
_IN_FOURS = re.compile(r"\d{4}(?:[ .-]{1,3}\d{4}){2,3}(?:[ .-]{1,3}\d{1,3})?|\d{4}[ .-]\d{6}[ .-]\d{5}")
_SOCIAL_SECURITY = re.compile(r"\d{3}-\d{2}-\d{4}")
_YEARS = re.compile(r"(?:19|20)\d{2}\s?[-/]\s?(?:19|20)\d{2}")
_BORN = re.compile(r"\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
# 1.0.64.399, where a phone number would have three or four figures between its dots.
_VERSION = re.compile(r"\d{1,2}(?:\.\d{1,3}){3,4}|\d{1,2}\.\d\.\d{3,5}(?:\.\d{1,5})?")
_MOBILE = re.compile(r"1[3-9]\d{9}")


def _is_run(match: re.Match[str]) -> bool:
    text = match["hide"]
    return not (_YEARS.fullmatch(text) or _VERSION.fullmatch(text))


def kind_of(match: re.Match[str]) -> str:
    """What a run of digits is: by checksums where there are some, else by its length and its groups."""
    text = match["hide"]
    digits = re.sub(r"[^\dX]", "", text.upper())
    if _SOCIAL_SECURITY.fullmatch(text) or (len(digits) == _CHINESE_ID and _is_chinese_identity(digits)):
        return "identity"
    if len(digits) in _CARD_LENGTHS and (_IN_FOURS.fullmatch(text) or luhn.is_valid(digits)):
        return "card"
    if len(digits) in _PHONE_LENGTHS and _looks_dialled(text, digits):
        return "phone"
    return "number"


def _is_chinese_identity(digits: str) -> bool:
    """A checksum that fails lowers confidence; a date of birth at its place tells as much."""
    return ric.is_valid(digits) or _BORN.fullmatch(digits) is not None


def _looks_dialled(text: str, digits: str) -> bool:
    return text.startswith(("+", "(", "0")) or _MOBILE.fullmatch(digits) is not None or not text.lstrip("(+").isdigit()


_SPOKEN = r"(?:oh|zero|nought|one|two|three|four|five|six|seven|eight|nine|double|triple)"
RULES = (
    Rule(
        "phone",
        re.compile(rf"\b{_SPOKEN}(?:[\s,-]{{1,2}}{_SPOKEN}){{5,30}}\b", re.IGNORECASE),
        needs=frozenset("oh zero nought one two three four five six seven eight nine".split()),  # noqa: SIM905
    ),
    Rule("phone", re.compile(r"[零〇一二三四五六七八九幺](?:[\s-]?[零〇一二三四五六七八九幺]){6,18}"), needs=HAN),
    Rule(kind_of, RUN, _is_run, needs=DIGITS),
    Rule("number", re.compile(rf"{_PRICE}{B}\d{{6}}{E}{UNIT}"), needs=DIGITS),
)
