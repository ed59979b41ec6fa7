"""Where people live: streets, postcodes, Chinese addresses."""

import re
from dataclasses import replace

from knowledge_base.privacy.rule import DIGITS, HAN, Rule
from knowledge_base.privacy.words import is_ordinary

_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Crescent|Gardens|Grove|Boulevard"
    r"|Blvd|Row|Hill|Park|Mews|Walk|Wharf|Quay|Rise|View|Green|Gate|Parade|Highway|Hwy|Parkway|Pkwy|Circle|Yard|Wynd|Vale|End)"
)
_STREETS = frozenset(re.sub(r"[^a-z|]", "", _STREET.lower()).split("|"))
_SURE_STREET = r"(?:street|road|avenue|lane|terrace|crescent|boulevard|mews|close|grove)"
_WORD = r"[A-ZÀ-Þ][\w'’.-]{0,24}"
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}(?![A-Za-z\d])"
_FLAT = r"(?:(?:Flat|Apt|Apartment|Unit|Suite|Room)\.?\s?[\w-]{1,6},?\s{1,2})?"
_TOWN = rf"(?:,?\s{{1,2}}{_WORD}){{0,3}}"
# Characters that lead to an address and are not part of it.
_HAN = r"(?:(?![在到是往至为為住寄送于於我的了址])[\u4e00-\u9fff])"
_HAN_NUMBER = r"[\d一二三四五六七八九十百]{1,6}"
_HAN_PART = r"(?:号楼|栋|棟|幢|座|楼|樓|层|单元|單元|室|号|號|院|弄)"
_HAN_PARTS = rf"(?:\s?(?:[A-Za-z\d一二三四五六七八九十-]{{1,6}}|{_HAN}{{1,8}}){_HAN_PART})"
_HAN_STREET = r"(?:大道|路|街|巷|胡同)"
_HAN_QUARTER = r"(?:道|弄|里|村|小区|花园|苑|大厦|广场)"
_HAN_REGION = rf"(?:{_HAN}{{2,7}}?(?:省|自治区))?(?:{_HAN}{{2,7}}?[市州])?(?:{_HAN}{{1,6}}?[区區县縣镇鎮乡鄉])?"

# "to 10 Moss Drive", "the address is", "deliver to", "寄到"
_LEADS = re.compile(r"(?:\b(?:to|at|is|in|on|address|live|moved)|[:：至到是在])\s*$", re.IGNORECASE)
_STOP = r"(?!(?:of|on|in|the|at|to|a|an|and|or|for|days?|hours?|minutes?|weeks?|people|times|more|per)\b)"
_ANY_CODE = r"(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]{2}\s\d{5}(?:-\d{4})?|\d{5})(?![A-Za-z\d])"
_ANY_TOWN = r"(?:,\s?[^\W\d_][\w' -]{1,30}){0,2}?"


def _is_street(match: re.Match[str]) -> bool:
    """In whatever case: a street of a sure kind, or one with a postcode, or after a word that leads to it."""
    if match["code"] or re.search(rf"\b{_SURE_STREET}\b", match["street"], re.IGNORECASE):
        return True
    words = re.findall(r"[^\W\d_]+", match["street"])
    if all(word[:1].isupper() for word in words):
        return True
    return _LEADS.search(match.string[: match.start()]) is not None


def _is_no_country(match: re.Match[str]) -> bool:
    """A country is no address: "I live in Norway" asks for its postage."""
    return not is_ordinary(match["hide"].strip(".,"))


_LATIN = (
    Rule(
        "address",
        re.compile(
            rf"{_FLAT}(?<![\d£$€¥.:-])\b\d{{1,5}}[A-Za-z]?,?\s{{1,2}}(?:{_WORD}\s{{1,2}}){{1,4}}{_STREET}\b\.?(?:{_TOWN},?\s{{1,2}}{_POSTCODE})?"
        ),
        needs=_STREETS,
    ),
    Rule(
        "address",
        re.compile(
            rf"{_FLAT}(?<![\d£$€¥.:-])\b\d{{1,5}}[a-z]?,?\s{{1,2}}(?P<street>(?:{_STOP}[^\W\d_][\w'’-]{{1,20}}\s{{1,2}}){{1,3}}"
            rf"{_STREET}\b\.?)(?:{_ANY_TOWN},?\s{{1,2}}(?P<code>{_ANY_CODE}))?",
            re.IGNORECASE,
        ),
        _is_street,
        _STREETS,
    ),
    Rule(
        "address",
        re.compile(
            r"\b[A-ZÄÖÜ][\w-]{1,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|straat|laan|plein)\s{1,2}\d{1,4}[a-z]?\b(?:,?\s\d{4,5}\s[A-ZÄÖÜ][\w-]{1,30})?"
        ),
    ),
    Rule(
        "address",
        re.compile(
            r"\b\d{1,4},?\s(?:rue|avenue|boulevard|chemin|calle|via|plaza)\s(?:[a-zà-ÿ']{1,5}\s){0,2}[A-ZÀ-Þ][\w-]{1,30}"
        ),
    ),
    Rule("address", re.compile(rf"(?<![A-Za-z\d]){_POSTCODE}")),
    Rule(
        "address",
        re.compile(
            r"(?<![A-Za-z\d])[a-z]{1,2}\d[a-z\d]?\s\d(?!gb|mb|tb|kg|mm|cm|am|pm|in|ft|st|nd|rd|th|oz|lb)[a-z]{2}(?![A-Za-z\d])"
        ),
    ),
    Rule("address", re.compile(r"\b(?!KB|PC|HD)[A-Z]{2}\s\d{5}(?:-\d{4})?\b")),
    Rule(
        "address",
        re.compile(
            r"(?i:\b(?:my|new|home|delivery|shipping|billing|postal|the)\s(?:\w{1,10}\s)?address(?:\s(?:is|was|to)\b|:)\s{0,2})"
            r"(?P<hide>(?=[^\n.!?]{0,80}\d)[^\n!?]{4,120}?)(?=[.!?\n]|$)"
        ),
    ),
)
_CHINESE = (
    Rule(
        "address",
        re.compile(
            rf"{_HAN_REGION}{_HAN}{{1,8}}?(?:{_HAN_STREET}\s?\d{{1,5}}(?:号|號|弄|巷|院)?|(?:{_HAN_STREET}|{_HAN_QUARTER})\s?{_HAN_NUMBER}\s?(?:号|號|弄|巷|院|栋|棟|幢|座)){_HAN_PARTS}{{0,5}}"
        ),
    ),
    Rule("address", re.compile(rf"{_HAN}{{2,7}}?(?:省|自治区)\s?{_HAN}{{2,7}}?[市州县](?:{_HAN}{{1,6}}?[区县镇乡])?")),
    Rule(
        "address",
        re.compile(
            rf"{_HAN}{{2,5}}?市\s?{_HAN}{{1,5}}?[区區](?:{_HAN}{{1,12}}?(?:路|街|道|镇|小区|花园|苑)(?:{_HAN_NUMBER}[号號弄]?)?{_HAN_PARTS}{{0,5}})?"
        ),
    ),
    Rule(
        "address", re.compile(rf"{_HAN_NUMBER}(?:号楼|栋|棟|幢|单元|單元)\s?{_HAN_PARTS}{{0,4}}(?:{_HAN_NUMBER}室?)?")
    ),
    Rule(
        "address",
        re.compile(
            r"(?:收货地址|收貨地址|家庭地址|(?<!邮箱)(?<!邮件)地址)\s?(?:是|为|為|[:：])\s?"
            r"(?P<hide>(?=[^\n。！？，]{0,40}[\d区路街村镇号])[^\n。！？，,]{4,80})"
        ),
    ),
)
RULES = (
    *(replace(rule, needs=rule.needs or DIGITS, also=DIGITS) for rule in _LATIN),
    *(replace(rule, needs=HAN) for rule in _CHINESE),
    Rule(
        "address",
        re.compile(
            rf"(?i:\b(?:live|living|based|lives)\s(?:at|in|on)\s)(?P<hide>(?:\d{{1,5}}\s)?{_WORD}(?:,?\s{_WORD}){{0,4}})"
        ),
        _is_no_country,
        frozenset(["live", "living", "based", "lives"]),
    ),
)
