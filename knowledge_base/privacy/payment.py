"""What money is paid with and to: bank accounts by their checksum, and what is said of cards."""

import re

from stdnum import iban

from knowledge_base.privacy.figures import IS, B, E
from knowledge_base.privacy.rule import DIGITS, Rule

_SHORTEST_IBAN, _LONGEST_IBAN, _IBAN_DIGITS = 15, 34, 8
_GROUPS = re.compile(r"[A-Za-z\d]+")
_IN_FOURS = re.compile(r"[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]{4}){2,7}(?:[ -]?[A-Z\d]{1,4})?")
_CARD_CUES = ("ending", "ends ", "last four", "last 4", "尾号", "尾號", "末四位")


def _iban_in(match: re.Match[str]) -> tuple[int, int] | None:
    """As many groups as make a valid IBAN, else all that has an IBAN's usual form: a typo does not unmask."""
    text = match[0]
    ends = [group.end() for group in _GROUPS.finditer(text)]
    for end in reversed(ends):
        compact = "".join(_GROUPS.findall(text[:end]))
        if _SHORTEST_IBAN <= len(compact) <= _LONGEST_IBAN and iban.is_valid(compact, check_country=False):
            return match.start(), match.start() + end
    formed = _IN_FOURS.match(text)
    if formed and formed.end() in ends and sum(map(str.isdigit, formed[0])) >= _IBAN_DIGITS:
        return match.start(), match.start() + formed.end()
    return None


RULES = (
    Rule(
        "bank",
        re.compile(rf"{B}[A-Z]{{2}}[ -]?\d(?:[ -]?[A-Z\d]){{11,32}}{E}", re.IGNORECASE),
        borders=_iban_in,
        needs=DIGITS,
    ),
    Rule(
        "bank",
        re.compile(
            rf"(?:sort ?code|routing|bsb|swift|bic|开户行|银行账号|银行卡号?){IS}"
            rf"(?P<hide>\d{{2,4}}(?:[- ]?\d{{2,4}}){{1,6}}|[A-Z]{{6}}[A-Z\d]{{2,5}}){E}",
            re.IGNORECASE,
        ),
        needs=("sort", "routing", "bsb", "swift", "bic", "开户", "银行"),
        also=DIGITS,
    ),
    Rule(
        "card",
        re.compile(
            rf"(?:ending(?:\s(?:in|with))?|ends\s(?:in|with)|last (?:four|4)(?: digits)?|尾号|尾號|末四位)"
            rf"{IS}(?P<hide>\d{{4}}){E}",
            re.IGNORECASE,
        ),
        needs=_CARD_CUES,
        also=DIGITS,
    ),
    Rule(
        "card",
        re.compile(
            rf"(?:\bexp(?:iry|ires|iration)?(?: date)?|valid thru|有效期至?){IS}"
            rf"(?P<hide>(?:0[1-9]|1[0-2])\s?/\s?(?:20)?\d{{2}}){E}",
            re.IGNORECASE,
        ),
        needs=("exp", "valid thru", "有效期"),
        also=DIGITS,
    ),
    Rule(
        "card",
        re.compile(rf"(?:\bcvv2?|\bcvc2?|security code|安全码){IS}(?P<hide>\d{{3,4}}){E}", re.IGNORECASE),
        needs=("cvv", "cvc", "security code", "安全码"),
        also=DIGITS,
    ),
)
