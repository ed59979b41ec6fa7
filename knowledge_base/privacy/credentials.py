"""What opens an account or leads to one: addresses of mail and web, handles, passwords, tokens."""

import re

from knowledge_base.privacy.numbers import PRODUCT_CODE, B, E
from knowledge_base.privacy.slots import Rule, one_of
from knowledge_base.privacy.words import is_common

_SECRETS = one_of(
    r"pass\s?(?:word|code|phrase)|passwd|pwd|\bpin(?:\s?code)?",
    r"\b(?:api|access)[ _-]?key|\bsecret|\btoken|\botp|(?:one[- ]time|verification) code",
)
_MESSENGERS = r"(?:微信|wechat|weixin|(?<![A-Za-z])(?:vx|wx|v信)|whatsapp|telegram|line id)"
_LOGINS = one_of(
    r"user\s?name|user\s?id|screen name|gamertag|login(?: name)?|account name",
    "账号|帳號|賬號|用户名|用戶名|昵称",
)
_PLAIN_LINK = re.compile(
    r"(?:https?://)?(?:[a-z\d-]+\.)+[a-z]{2,}(?:/(?:[a-z]+(?:-[a-z]+)*(?:\.html?)?)?)*", re.IGNORECASE
)
_SOCIAL = re.compile(r"(?:facebook|instagram|twitter|x|tiktok|linkedin|weibo|t)\.(?:com|me)/.", re.IGNORECASE)
_TOP_LEVEL = (
    r"(?:com|net|org|co|uk|io|de|fr|eu|cn|me|info|gov|edu|app|shop|store|example|ly|gl|to|be|us|ca|hk|sg|link|page)"
)


def _is_secret(match: re.Match[str]) -> bool:
    value = match["hide"].strip("\"'“”‘’.,!?;:")
    return bool(value) and not is_common(value)


def _leads_to_a_person(match: re.Match[str]) -> bool:
    link = match[0].rstrip(".,;:!?)")
    return _PLAIN_LINK.fullmatch(link) is None or _SOCIAL.search(link) is not None or link.lower().count("t.co/") > 0


RULES = (
    Rule(
        "secret", re.compile(r"(?<![A-Za-z\d])(?:sk|pk|rk|ghp|gho|ghs|xox[abp]|AKIA|wvr|glpat)[-_]?[A-Za-z\d_-]{12,}")
    ),
    Rule("secret", re.compile(r"(?<![A-Za-z\d])sk-[A-Za-z\d_-]{4,}")),
    Rule("secret", re.compile(r"\bBearer\s+(?P<hide>[A-Za-z\d._~+/=-]{4,})", re.IGNORECASE)),
    Rule("secret", re.compile(r"(?<![A-Za-z\d])eyJ[A-Za-z\d_-]{5,}(?:\.[A-Za-z\d_-]+){0,2}")),
    Rule("link", re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；！？、）]{1,2000}", re.IGNORECASE), _leads_to_a_person),
    Rule(
        "link",
        re.compile(
            rf"(?<![A-Za-z\d@.-])(?:[a-z\d-]{{1,63}}\.){{1,4}}{_TOP_LEVEL}/[A-Za-z\d_.~%/?#&=+-]{{1,2000}}",
            re.IGNORECASE,
        ),
        _leads_to_a_person,
    ),
    Rule("email", re.compile(r"(?<![\w.+-])[A-Za-z\d][\w.+%-]{0,63}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}", re.ASCII)),
    Rule("email", re.compile(r"[^\s<>()@,;:，。；：]{1,64}@[^\s<>()@,;:，。；：]{1,63}\.[^\W\d_]{2,24}")),
    Rule(
        "email",
        re.compile(
            rf"{B}[\w.+-]{{1,64}}\s?[\[(]?\s?\bat\b\s?[\])]?\s?[\w-]{{1,63}}\s?[\[(]?\s?\bdot\b\s?[\])]?\s?{_TOP_LEVEL}\b",
            re.IGNORECASE,
        ),
    ),
    Rule(
        "secret",
        re.compile(
            rf"{_SECRETS}(?:\s+(?:is|was|are|to|of|for\s\S{{1,20}}\sis)\s+|\s?[:=：]\s?)(?P<hide>[^\s，。；！？、]{{3,128}})",
            re.IGNORECASE,
        ),
        _is_secret,
    ),
    Rule(
        "secret",
        re.compile(
            r"(?:密码|密碼|口令|验证码|驗證碼)(?:\s|是|为|為|[:：=]|改成|应该|就){0,4}(?P<hide>[\x21-\x7e]{3,128})"
        ),
    ),
    # Words and figures strung together, as people make passwords.
    Rule(
        "secret",
        re.compile(r"(?<![\w-])(?=[^\s]*[A-Z])(?:[A-Za-z]{3,20}[-_!@#$%&*.]){1,4}\d{4,8}(?![\w-])"),
        lambda match: not PRODUCT_CODE.fullmatch(match[0]),
    ),
    Rule(
        "secret",
        re.compile(rf"{B}(?=[^\s]{{0,64}}\d)(?=[A-Za-z\d]{{1,64}}[!#$%^&*]+[A-Za-z\d])[A-Za-z\d!#$%^&*]{{8,64}}"),
    ),
    Rule("secret", re.compile(rf"{B}(?=[A-Za-z_-]*\d)(?=[\d_A-Z-]*[a-z])(?=[\da-z_-]*[A-Z])[A-Za-z\d_-]{{16,}}{E}")),
    Rule(
        "secret",
        re.compile(
            r"(?<![\w-])(?!(?:iphone|windows|android|galaxy|covid|playstation|python)\d)[a-z]{5,24}\d{2,4}(?![\w-])",
            re.ASCII,
        ),
    ),
    Rule(
        "account",
        re.compile(
            rf"{_MESSENGERS}(?:\s|号|號|id|是|为|[:：]|is\b){{0,4}}(?P<hide>[A-Za-z][\w-]{{4,24}})(?!\s*pay)",
            re.IGNORECASE | re.ASCII,
        ),
        lambda match: not is_common(match["hide"]),
    ),
    Rule(
        "account",
        re.compile(r"(?<![A-Za-z])qq(?:\s|号|號|number|是|为|[:：]|is\b){0,4}(?P<hide>\d{5,12})", re.IGNORECASE),
    ),
    Rule(
        "account",
        re.compile(
            rf"{_LOGINS}(?:\s+(?:is|was)\s+|\s?[:：=是为]\s?)(?P<hide>[^\s，。；！？、,;]{{2,64}})",
            re.IGNORECASE,
        ),
        lambda match: not is_common(match["hide"]),
    ),
    Rule("account", re.compile(r"(?<![A-Za-z\d])[@\uff20][A-Za-z\d_](?:[\w.-]{0,62}\w)?", re.ASCII)),
)
