"""What leads to somebody's account or page: handles, messengers' names, logins, links."""

import re

from knowledge_base.privacy.contacts import TOP_LEVEL
from knowledge_base.privacy.figures import IS, QUOTE
from knowledge_base.privacy.rule import DIGITS, Rule, one_of
from knowledge_base.privacy.words import is_ordinary

_MESSENGERS = (
    r"(?:微信|wechat|weixin|(?<![A-Za-z])(?:vx|wx|v信)|whatsapp|telegram|line id|skype|signal|抖音|小红书|微博)"
)
_NETWORKS = "instagram|insta|ig|twitter|tiktok|facebook|fb|snapchat|snap|telegram|discord|reddit|twitch|steam|xbox|psn"
_LOGINS = one_of(
    r"\b(?:user\s?(?:name|id)|screen name|gamertag|log[- ]?in(?: name)?|account(?: name)?|handle|nick(?:name)?)"
    r"(?![a-z])",
    "账号|帳號|賬號|账户名|用户名|用戶名|昵称|登录名|会员名",
)
_LOGIN_CUES = (
    "user",
    "screen name",
    "gamertag",
    "log",
    "account",
    "handle",
    "nick",
    "账",
    "帳",
    "賬",
    "用户名",
    "用戶名",
    "昵称",
    "登录名",
    "会员名",
)
# "Account: Maria Keller" speaks of a name.
_VALUE = rf"(?!(?-i:[A-Z][a-z]+\s[A-Z]))(?P<hide>[^\s，。；！？、,;:：{QUOTE}]{{2,64}})"
_PLAIN_VALUE = r"(?!(?-i:[A-Z][a-z]+\s[A-Z]))(?P<hide>[A-Za-z\d@][A-Za-z\d_.+-]{1,63})"
_PLAIN_LINK = re.compile(
    r"(?:https?://)?(?:[a-z\d-]+\.)+[a-z]{2,}(?:/(?:[a-z]+(?:-[a-z]+)*(?:\.html?)?)?)*", re.IGNORECASE
)
_SOCIAL = re.compile(r"(?:facebook|instagram|twitter|x|tiktok|linkedin|weibo|t)\.(?:com|me)/.", re.IGNORECASE)
_LEAST_LETTERS = 3


def _leads_to_a_person(match: re.Match[str]) -> bool:
    link = match[0].rstrip(".,;:!?)")
    return _PLAIN_LINK.fullmatch(link) is None or _SOCIAL.search(link) is not None or link.lower().count("t.co/") > 0


def _is_no_word(match: re.Match[str]) -> bool:
    return not is_ordinary(match["hide"].strip(".-'’"))


def _is_no_plain_word(match: re.Match[str]) -> bool:
    """After a word that may mean something else: what has a figure or a sign in it, or is in no dictionary."""
    value = match["hide"].strip(".-'’!?")
    return not value.isdigit() and value.isascii() and not is_ordinary(value)


def _is_joined(match: re.Match[str]) -> bool:
    """Words joined by underscores, as only names of accounts (and of files) are."""
    return sum(character.isalpha() for character in match[0]) >= _LEAST_LETTERS


LINKS = (
    Rule(
        "link",
        re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；！？、）]{1,2000}", re.IGNORECASE),
        _leads_to_a_person,
        ("http", "www."),
    ),
    Rule(
        "link",
        re.compile(
            rf"(?<![A-Za-z\d@.-])(?:[a-z\d-]{{1,63}}\.){{1,4}}{TOP_LEVEL}/[A-Za-z\d_.~%/?#&=+-]{{1,2000}}",
            re.IGNORECASE,
        ),
        _leads_to_a_person,
        ("/",),
    ),
)
# "@maria_k", but not what comes after the sign in an address of mail.
HANDLES = (Rule("account", re.compile(r"(?:(?<=\s)|^)@[A-Za-z\d_](?:[\w.-]{0,62}\w)?", re.ASCII), needs=("@",)),)
RULES = (
    Rule("account", re.compile(r"@[A-Za-z\d_](?:[\w.-]{0,62}\w)?", re.ASCII), needs=("@",)),
    Rule(
        "account",
        re.compile(
            rf"{_MESSENGERS}(?:\s|号|號|id|是|为|[:：{QUOTE}]|is\b){{0,5}}(?P<hide>[A-Za-z][\w.-]{{4,24}})(?!\s*pay)",
            re.IGNORECASE | re.ASCII,
        ),
        _is_no_word,
        (
            "微信",
            "chat",
            "weixin",
            "vx",
            "wx",
            "v信",
            "whatsapp",
            "telegram",
            "line",
            "skype",
            "signal",
            "抖音",
            "小红书",
            "微博",
        ),
    ),
    Rule(
        "account",
        re.compile(
            rf"(?:加(?:我|一下)?(?:微信|好友)?|find\sme\s(?:as|under)|add\sme(?:\sas)?)[\s:：{QUOTE}]{{0,3}}{_PLAIN_VALUE}",
            re.IGNORECASE,
        ),
        _is_no_plain_word,
        ("加", "find me", "add me"),
    ),
    Rule(
        "account",
        re.compile(r"(?<![A-Za-z])qq(?:\s|号|號|number|是|为|[:：]|is\b){0,4}(?P<hide>\d{5,12})", re.IGNORECASE),
        needs=("qq",),
    ),
    Rule(
        "account",
        re.compile(
            rf"\b(?:am|i'?m|im|is|it's)\s[{QUOTE}]?(?P<hide>[\w.-]{{3,40}})[{QUOTE}]?\son\s(?:{_NETWORKS})\b",
            re.IGNORECASE,
        ),
        _is_no_word,
        frozenset(_NETWORKS.split("|")),
    ),
    Rule(
        "account",
        re.compile(rf"{_LOGINS}(?:\s+(?:is|was)\s+|\s?[:：=是为]\s?)[{QUOTE}]?{_VALUE}", re.IGNORECASE),
        _is_no_word,
        _LOGIN_CUES,
    ),
    Rule("account", re.compile(rf"{_LOGINS}{IS}{_PLAIN_VALUE}", re.IGNORECASE), _is_no_plain_word, _LOGIN_CUES),
    Rule(
        "account", re.compile(r"(?<![\w.])(?P<hide>[a-z][a-z-]{3,32})\.\d{1,4}(?![\w.])", re.ASCII), _is_no_word, DIGITS
    ),
    Rule(
        "account",
        re.compile(r"(?<![\w.])[A-Za-z\d.]{1,32}(?:_{1,2}[A-Za-z\d.]{1,32}){1,4}(?<!\.)_?(?!\w)", re.ASCII),
        _is_joined,
        ("_",),
    ),
)
