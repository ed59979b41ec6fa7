"""Where somebody can be reached: addresses of mail, however the signs in them are written, and phone numbers."""

import re

from knowledge_base.privacy.figures import IS, E
from knowledge_base.privacy.rule import DIGITS, Rule
from knowledge_base.privacy.words import is_ordinary

TOP_LEVEL = (
    r"(?:com|net|org|co|uk|io|de|fr|eu|cn|me|info|gov|edu|app|shop|store|example|ly|gl|to|be|us|ca|hk|sg|link|page)"
)
_LOCAL = r"(?P<local>[A-Za-z\d][\w.+%-]{0,63}(?:\s(?:dot|DOT)\s[\w+%-]{1,32}){0,3})"
_AT = r"(?P<at>\s@\s|@|\s?[\[({<]\s?(?:at|AT|@)\s?[\])}>]\s?|\s?艾特\s?|\s(?:at|AT)\s)"
_DOT = r"(?:\s?[\[({<]\s?(?:dot|DOT|\.)\s?[\])}>]\s?|\s(?:dot|DOT)\s|\.)"
_HOST = rf"[A-Za-z\d-]{{1,63}}(?:{_DOT}[A-Za-z\d-]{{1,63}}){{0,4}}"
_SIGN_INSIDE = re.compile(r"[^\s<>()@,;:，。；：！？、‹›]@[^\s<>()@，。；：！？、‹›]{2}")
_PHONE_CUES = ("phone", "tel", "mobile", "cell", "call", "ring", "电话", "電話", "手机", "手機", "致电")


def _is_email(match: re.Match[str]) -> bool:
    """Where a word stands for the sign, as in "look at amazon.com", an ordinary word before it means no address."""
    signed = match["at"].strip().casefold() != "at" or "dot" in match[0].casefold().split()
    return signed or not is_ordinary(match["local"])


def _is_no_word(match: re.Match[str]) -> bool:
    return not is_ordinary(match["local"].strip(".*!#\"'"))


EMAILS = (
    Rule(
        "email",
        re.compile(rf"(?<![\w.+-]){_LOCAL}{_AT}{_HOST}{_DOT}(?:{TOP_LEVEL}\b|[A-Za-z]{{2,24}})", re.ASCII),
        _is_email,
        needs=("@", " at ", "[at", "(at", "(a)", "{at", "<at", "艾特"),
    ),
    # Whatever has the sign inside, in any script and with any end.
    Rule(
        "email",
        re.compile(r"(?P<local>[^\s<>()@,;:，。；：！？、‹›]{1,64})@[^\s<>()@，。；：！？、‹›]{2,63}(?<![.,;:!?])"),
        _is_no_word,
        _SIGN_INSIDE,
    ),
)
PHONES = (
    Rule(
        "phone",
        re.compile(
            rf"(?:\bphone|\btel(?:ephone)?|\bmobile|\bcell|\b(?:call|ring)(?:\sme)?(?:\s(?:on|at))?|电话|電話|手机|手機|致电)"
            rf"{IS}(?P<hide>\+?\d(?:[\s().-]{{0,2}}\d){{4,14}}){E}",
            re.IGNORECASE,
        ),
        needs=_PHONE_CUES,
        also=DIGITS,
    ),
)
