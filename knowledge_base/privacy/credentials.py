"""What opens an account: passwords, one-time codes, keys and tokens of programs."""

import re

from knowledge_base.privacy.figures import QUOTE, B, E
from knowledge_base.privacy.references import PRODUCT_CODE
from knowledge_base.privacy.rule import DIGITS, Rule, one_of
from knowledge_base.privacy.words import is_ordinary

_SECRETS = one_of(
    r"pass\s?(?:word|code|phrase)|passwd|pwd|\bpw|\bpin(?:\s?code)?",
    r"\b(?:api|access)[ _-]?key|\bsecret|\btoken|\botp|(?:one[- ]time|verification) code",
)
_SECRET_CUES = ("pass", "pwd", "pw", "pin", "key", "secret", "token", "otp", "code")
_CHINESE_SECRETS = r"(?:密码|密碼|口令|验证码|驗證碼|密钥|密鑰|令牌|token)"
_CHINESE_CUES = ("密", "口令", "验证码", "驗證碼", "令牌", "token")
_BORDERS = f".,;:!?，。；：！？{QUOTE}".replace("\\", "")
_VALUE = r"(?P<hide>[^\s，。；！？、‹›]{3,128})"
_MIXED = re.compile(r"\d|[A-Za-z][!#$%^&*_+=~@]|[a-z][A-Z]")
_MONEY = re.compile(r"[A-Z]{0,3}[$€£]\d+(?:[.,]\d+)?[km]?")
# "the password was changed.Thanks"
_AFTER_WORD = re.compile(r"(?<=[a-z]{2})[.,!?;:/(](?=[A-Z^(/]|$)")
_LEAST, _LEAST_MIXED = 3, 7
_SIGNED = re.compile(r"(?!#[A-Za-z\d]+$)(?=.*[A-Za-z])(?=.*\d).*[A-Za-z\d][!#$%^&*_+=~@]+[A-Za-z\d].*")
_ENCLOSED = re.compile(r"(?!#)(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?:[!$%^&*_+=~@(){}\[\]].*|.*[!#$%^&*_+=~@(){}\[\]])")
_SWITCHED = re.compile(
    r"(?=.*\d.*\d)(?=.*[a-z])(?=.*[A-Z])(?!v?\d)[A-Za-z\d]*(?:[a-z]\d+[A-Za-z]|[a-z][A-Z]+[a-z]*\d|\d[a-z]+[A-Z])[A-Za-z\d]*"
)
_PERCENT = re.compile(r"\d+[%+]\w*|[A-Z]{2,4}[+]\d+|\d/\d.*")


def _is_secret(match: re.Match[str]) -> bool:
    value = match["hide"].strip(_BORDERS)
    return bool(value) and not is_ordinary(_AFTER_WORD.split(value)[0])


def _is_no_word(match: re.Match[str]) -> bool:
    """Without a word between, "password reset" speaks of no password: a secret has figures, signs or odd capitals."""
    value = match["hide"].strip(_BORDERS)
    return len(value) >= _LEAST and _MIXED.search(value) is not None


def _is_strung(match: re.Match[str]) -> bool:
    return not PRODUCT_CODE.fullmatch(match[0])


def _mixed_in(match: re.Match[str]) -> tuple[int, int] | None:
    """A string as nobody writes a word: figures, letters and signs, or capitals among small letters and figures."""
    value = match[0].strip(_BORDERS)
    if len(value) < _LEAST_MIXED or not (
        _SIGNED.match(value) or _ENCLOSED.fullmatch(value) or _SWITCHED.fullmatch(value)
    ):
        return None
    if _MONEY.fullmatch(value) or _PERCENT.fullmatch(value) or "/" in value or "&amp;" in value:
        return None
    start = match.start() + match[0].index(value)
    return start, start + len(value)


RULES = (
    Rule(
        "secret",
        re.compile(r"(?<![A-Za-z\d])(?:sk|pk|rk|ghp|gho|ghs|xox[abp]|AKIA|wvr|glpat)[-_]?[A-Za-z\d_-]{12,}"),
        needs=DIGITS,
    ),
    Rule("secret", re.compile(r"(?<![A-Za-z\d])sk-[A-Za-z\d_-]{4,}"), needs=("sk-",)),
    Rule("secret", re.compile(r"\bBearer\s+(?P<hide>[A-Za-z\d._~+/=-]{4,})", re.IGNORECASE), needs=("bearer",)),
    Rule("secret", re.compile(r"(?<![A-Za-z\d])eyJ[A-Za-z\d_-]{5,}(?:\.[A-Za-z\d_-]+){0,2}"), needs=("eyj",)),
    Rule("secret", re.compile(rf"{B}[\da-f]{{8}}(?:-[\da-f]{{4}}){{3}}-[\da-f]{{12}}{E}", re.IGNORECASE), needs=("-",)),
    Rule("secret", re.compile(rf"{B}(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{{16,128}}{E}", re.IGNORECASE), needs=DIGITS),
    Rule(
        "secret",
        re.compile(
            rf"{_SECRETS}(?:\s(?:i|we|you)\s\w{{2,8}})?(?:\s+(?:is|was|are|to|of|for\s\S{{1,20}}\sis)\s+|\s?[:=：]\s?){_VALUE}",
            re.IGNORECASE,
        ),
        _is_secret,
        _SECRET_CUES,
    ),
    Rule("secret", re.compile(rf"{_SECRETS}\s{_VALUE}", re.IGNORECASE), _is_no_word, _SECRET_CUES),
    Rule(
        "secret",
        re.compile(rf"(?P<hide>\S{{3,64}})\s(?:as|for)\s(?:the|my|a|his|her)\s(?:new\s)?{_SECRETS}", re.IGNORECASE),
        _is_secret,
        _SECRET_CUES,
    ),
    Rule(
        "secret",
        re.compile(
            rf"{_CHINESE_SECRETS}(?:\s|是|为|為|[:：=]|改成|应该|就|我?设的|设置的){{0,4}}[{QUOTE}]?(?P<hide>[\x21-\x7e]{{3,128}})",
            re.IGNORECASE,
        ),
        _is_secret,
        _CHINESE_CUES,
    ),
    # Words and figures strung together, as people make passwords.
    Rule(
        "secret",
        re.compile(r"(?<![\w-])(?=[^\s]*[A-Z])(?:[A-Za-z]{3,20}[-_!@#$%&*.]){1,4}\d{4,8}(?![\w-])"),
        _is_strung,
        DIGITS,
    ),
    Rule("secret", re.compile(r"[\x21-\x7e]{7,64}"), borders=_mixed_in, needs=DIGITS),
    Rule(
        "secret",
        re.compile(rf"(?<!#){B}(?=[A-Za-z_-]*\d)(?=[\d_A-Z-]*[a-z])(?=[\da-z_-]*[A-Z])[A-Za-z\d_-]{{16,}}{E}"),
        needs=DIGITS,
    ),
    Rule(
        "secret",
        re.compile(
            r"(?<![\w-])(?!(?i:iphone|windows|android|galaxy|covid|playstation|python|office|route)\d)"
            r"[A-Za-z][a-z]{4,24}\d{2,4}(?![\w-])",
            re.ASCII,
        ),
        needs=DIGITS,
    ),
)
