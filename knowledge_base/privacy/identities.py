"""What a state or an employer calls somebody by: passports, insurance and tax numbers, dates of birth."""

import re

from knowledge_base.privacy.figures import CODE, IS, B, E
from knowledge_base.privacy.rule import DIGITS, Needs, Rule

_PAPERS = (
    r"(?:passport|driving licen[cs]e|driver'?s? licen[cs]e|licen[cs]e (?:number|no)|national insurance|\bnino?\b"
    r"|social security|\bssn\b|\bni (?:number|no)\b|\bvat\b|\btax (?:id|number|no)"
    r"|护照|護照|身份证|身份證|驾照|驾驶证|社保|通行证|税号|稅號|统一社会信用代码)"
)
_FEWEST_DIGITS = 4
_PAPER_CUES = (
    "passport",
    "licence",
    "license",
    "insurance",
    "social security",
    "ssn",
    "ni n",
    "nin",
    "vat",
    "tax",
    "护照",
    "護照",
    "身份",
    "驾",
    "社保",
    "通行证",
    "税号",
    "稅號",
    "信用代码",
)


def _is_long(match: re.Match[str]) -> bool:
    """Whether it has the figures of a number: "passport 1/2" counts pages."""
    return len(DIGITS.findall(match["hide"])) >= _FEWEST_DIGITS


def _rule(kind: str, pattern: str, needs: Needs, flags: int = re.IGNORECASE) -> Rule:
    return Rule(kind, re.compile(pattern, flags), needs=needs, also=DIGITS)


RULES = (
    Rule(
        "identity",
        re.compile(
            rf"{_PAPERS}(?:\s?(?:of|for|id|card))?{IS}"
            rf"(?P<hide>(?:[A-Za-z]{{1,3}}[ -])?{CODE}(?:[ -][A-Za-z](?![A-Za-z\d]))?){E}",
            re.IGNORECASE,
        ),
        _is_long,
        _PAPER_CUES,
        also=DIGITS,
    ),
    _rule("identity", rf"{B}[A-Z]{{2}}(?:[ -]?\d){{6}}[ -]?[A-Z]{E}", DIGITS, 0),
    _rule("identity", rf"{B}[a-z]{{2}}(?: \d\d){{3}} [a-z]{E}", DIGITS, 0),
    _rule("identity", r"(?:\bvat\b|\btax)[^\d\n]{0,20}(?P<hide>(?:[A-Z]{2}\s?)?\d(?:[ .-]?\d){6,14})", ("vat", "tax")),
    _rule(
        "birthday",
        rf"(?:birthday|birth ?date|date of birth|\bdob\b|\bborn)\b[^\d\n]{{0,30}}"
        rf"(?P<hide>\d{{1,4}}(?:st|nd|rd|th)?[-/. ](?:\d{{1,2}}|[A-Za-z]{{3,9}})(?:[-/., ]{{1,2}}\d{{2,4}})?){E}",
        ("birth", "dob", "born"),
    ),
    # A date of the last century, or a little after, is when somebody was born.
    _rule(
        "birthday",
        rf"{B}(?:\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19\d{{2}}|200\d)|(?:19\d{{2}}|200\d)[-/.]\d{{1,2}}[-/.]\d{{1,2}}){E}",
        DIGITS,
    ),
    _rule("birthday", r"(?P<hide>(?:19|20)\d{2}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?[日号]?)(?=的|出生|生)", ("年",)),
    _rule(
        "birthday",
        r"(?:生日|出生)[^\d\n]{0,8}(?P<hide>\d{1,4}\s?[-/.年月]\s?\d{1,2}(?:\s?[-/.月]\s?\d{1,2})?\s?[日号]?)",
        ("生日", "出生"),
    ),
)
