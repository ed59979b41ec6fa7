"""How people are called in texts with Latin letters: after a greeting, with a title, at the end of a letter."""

import re

from knowledge_base.privacy.slots import NAME, OPEN, OTHER_THAN_NAME, Rule, one_of
from knowledge_base.privacy.words import may_be_name

UPPER, LETTER = "A-ZÀ-ÖØ-ÞĀ-Ɏ", "A-Za-zÀ-ÖØ-öø-ɏ"
WORD = rf"[{UPPER}](?:[{LETTER}]|['’-](?=[{LETTER}])){{1,24}}"
ANY_WORD = rf"[{LETTER}][{LETTER}'’-]{{1,24}}"
# Words that begin a sentence; after a name without a full stop they are no part of it.
_OPENER = (
    r"(?:We|I|You|Your|The|This|It|If|Please|Thank|Thanks|Sorry|Can|Could|What|How|Have|Is|Are|Do|Just|That|There|As|In|For"
    r"|My|Our|Was|Were|Did|Would|Let|When|Where|Which|Who|Why|No|Yes|Not|Unfortunately|Kindly|Apologies|Any|Been|Has|At|On"
    r"|And|But|So)\b"
)
_NEXT = rf"\s(?!{_OPENER})(?:(?:van|von|de|der|da|al|bin|el)\s){{0,2}}(?:{WORD}|[{UPPER}]\b\.?)"
FULL = rf"(?:[{UPPER}]\.?\s)?{WORD}(?:{_NEXT}){{0,2}}"
_INITIALS = rf"(?:[{UPPER}]\.\s?){{0,2}}"
_END = rf"\s*(?:[.,;:!?()/\n{OPEN}<]|$|[-–—]\s|\d/\d)"
_LINE_END = rf"\s*(?:$|\d/\d|https?:|{OPEN})"

_HELLO = r"(?:hi|hello|hey|dear)"
_GREETING = one_of(
    _HELLO,
    r"hiya|yo|ta|greetings|bye|goodbye|congratulations|congrats",
    r"(?:good\s)?(?:morning|afternoon|evening|day)",
    r"welcome(?:\sback)?",
    r"thanks|thank\s?you|thx|ty|cheers",
    r"(?:it's\s)?me(?:\sagain)?",
)
_ACKNOWLEDGEMENT = one_of(
    r"sorry|apologies|no\sproblem|no\sworries|sure|perfect|great|okay|ok|yes|no",
    r"absolutely|certainly|of\scourse|understood",
)
_SIGN_OFF = one_of(
    r"(?:kind|best|warm|many)\s(?:regards|wishes|thanks)",
    r"best|regards|yours|cheers|love|xx?",
    r"(?:yours\s)?(?:faithfully|sincerely|truly)",
    r"thanks(?:\sagain|\sa\slot)?|thank\syou(?:\sagain)?|with\sthanks",
    r"此致|祝好|谢谢|谢啦|敬上",
)
_TITLE = one_of(
    r"Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Herr|Frau|Mme|M\.",
    r"[Uu]ncle|[Aa]unt|[Aa]untie|[Gg]randma|[Gg]randpa|[Nn]an",
)
_NAME_IS = one_of(
    r"(?:(?:my|his|her|their)\s(?:full\s)?)?name(?:['’]s|\sis)",
    r"name\s?[:：]",
    r"i(?:['’]m|\sam)\scalled",
    r"on\sbehalf\sof",
    r"(?:in|under)\sthe\sname(?:\sof)?",
    r"addressed\sto",
    r"account\sholder(?:\sis)?[:：]?",
)
_I_AM = r"(?:this\sis|it's|it\sis|i\sam|i'm|im|speaking\s(?:to|with)|chatting\swith|called|named)"
_NOT_NEXT = (
    one_of(
        "and|i|im|from|but|my|with|the|order|on|in|at|email|is|was|please|thanks|here|not|so|can|could|to|for|if|you|it"
    )
    + r"\b"
)


def _is_name(match: re.Match[str]) -> bool:
    words = re.findall(rf"[{LETTER}'’-]+", match["hide"])
    return not words or may_be_name(words[0])


def _rule(pattern: str) -> Rule:
    return Rule("name", re.compile(pattern), _is_name)


# What these find is a name wherever it stands in the dialogue.
SURE = (
    _rule(rf"(?i:\b{_NAME_IS})\s{{0,3}}(?P<hide>{FULL}|{ANY_WORD}(?:\s(?!(?i:{_NOT_NEXT})){ANY_WORD})?)"),
    _rule(rf"(?i:\b{_I_AM})\s(?P<hide>{FULL})(?=\s(?:here|from|and|speaking|again)\b|{_END})"),
    _rule(rf"\b{_TITLE}\.?\s(?P<hide>{FULL})"),
    _rule(rf"(?i:{_GREETING}(?:\s(?:there|again|back|and))?)[,!]?\s(?P<hide>{FULL})(?={_END})"),
    _rule(rf"(?i:\b{_HELLO})\s(?P<hide>{FULL})"),
    _rule(rf"(?i:\b{_HELLO})\s(?P<hide>{ANY_WORD})(?=\s?[,!\n])"),
    _rule(rf"(?i:\b{_ACKNOWLEDGEMENT}),\s(?P<hide>{FULL})(?={_END})"),
    _rule(rf"(?i:\b(?:sorry|apologies))\s(?P<hide>{FULL})(?=[,.!])"),
    _rule(
        rf"(?m:^|[.!?,]\s{{1,2}})(?i:{_SIGN_OFF})\s?[,!.]?\s{{1,3}}(?P<hide>{_INITIALS}{FULL})(?=\s*(?:$|[\n({OPEN},.]))"
    ),
    _rule(rf"(?m:^(?:对|是的?|嗯|yes|yep)[\s,，]{{1,2}}(?P<hide>{FULL})$)"),
)
# What these find is masked where it stands only: initials, and words that may be something else elsewhere.
LOCAL = (
    _rule(rf"(?:(?<!\S)[\^*~/]|(?<=[.!?,…])[\^*~])[ ]?(?P<hide>[{LETTER}]{{1,20}})(?=\s|$|\d/\d|https?:|{OPEN})"),
    _rule(
        rf"(?m:(?:^|\s)[-–—~]\s?(?P<hide>[{UPPER}][{LETTER}]{{0,14}}(?:\s[{UPPER}][{LETTER}]{{0,14}})?)\.?(?={_LINE_END}))"
    ),
    _rule(rf"(?m:(?:^|[.!?]\s)(?P<hide>{WORD})(?=,\s))"),
    _rule(rf"(?m:,\s(?P<hide>{WORD})(?=\s?[.!?]?\s*$))"),
    _rule(rf",\s(?P<hide>{WORD}(?:\s{WORD})?)(?=[.!?])"),
    _rule(rf"(?m:[.!?]\s(?P<hide>{WORD})\.?\s*(?:\d/\d\s*)?$)"),
    _rule(rf"(?P<hide>{WORD}\s(?:(?:{WORD}|&)\s){{0,4}}(?:Ltd|Limited|GmbH|Inc|LLC|PLC|BV|AG|SARL)\b\.?)"),
    _rule(
        r"(?i:\b(?:ty|thanks|regards|thx|cheers|hope\sthis\shelps))\b[\s,.!]{0,3}[-–—]?\s?"
        rf"(?m:(?P<hide>{WORD})(?=\s?[.!]?{_LINE_END}))"
    ),
)
# A name written beside something that was masked: "+44 7700 900477, Dean", "Mr Pell" after "Geoffrey" is known.
_BESIDE = rf"(?P<hide>{_INITIALS}{FULL}(?:\s[\u4e00-\u9fff])?)"
BESIDE = (
    _rule(rf"{NAME}\s(?P<hide>{WORD})(?={_END})"),
    _rule(rf"(?<![{LETTER}.])(?P<hide>(?:[{UPPER}]\.\s?){{1,2}}|{WORD}\s){NAME}"),
    _rule(rf"{NAME}\s(?:from|in|of)\s(?P<hide>{WORD})"),
    _rule(rf"{OTHER_THAN_NAME}[\s,.;:，。；：()-]{{1,4}}{_BESIDE}(?=\s*(?:$|[\n,.;!({OPEN}]))"),
    _rule(rf"(?m:(?:^|[\n,.;!?(]\s?){_BESIDE})[\s,.;:(]{{1,4}}{OTHER_THAN_NAME}"),
)
