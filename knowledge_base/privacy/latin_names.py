"""How people are called in texts with Latin letters: after a greeting, with a title, at the end of a letter."""

import re

from knowledge_base.privacy import lexicon
from knowledge_base.privacy.figures import QUOTE
from knowledge_base.privacy.listed_names import LETTER, UPPER
from knowledge_base.privacy.rule import CAPITALS, Accept, CuedRule, Needs, Rule, one_of
from knowledge_base.privacy.slots import NAME, OPEN, OTHER_THAN_NAME
from knowledge_base.privacy.words import AMBIGUOUS, is_ordinary, may_be_name

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


_PERSONS = one_of(
    "neighbou?r|husband|wife|partner|son|daughter|mum|mom|mother|dad|father|brother|sister|friend|flatmate|roommate",
    "colleague|boss|boyfriend|girlfriend|landlord|assistant|secretary|recipient|addressee",
)
_Q = rf"[{QUOTE}]?"

# Words of which a text must hold one for the rules below to find anything.
_GREETINGS = frozenset(
    [
        "hi",
        "hello",
        "hey",
        "dear",
        "hiya",
        "yo",
        "ta",
        "greetings",
        "bye",
        "goodbye",
        "congratulations",
        "congrats",
        "morning",
        "afternoon",
        "evening",
        "day",
        "welcome",
        "thanks",
        "thank",
        "thx",
        "ty",
        "cheers",
        "me",
    ]
)
_HELLOS = frozenset(["hi", "hello", "hey", "dear"])
_ACKNOWLEDGEMENTS = frozenset(
    "sorry apologies problem worries sure perfect great okay ok yes no absolutely certainly course understood".split()  # noqa: SIM905
)
_SIGN_OFFS = tuple(
    "regards wishes thanks thank best yours cheers love faithfully sincerely truly 此致 祝好 谢谢 谢啦 敬上".split()  # noqa: SIM905
)
_TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam herr frau mme m uncle aunt auntie grandma grandpa nan".split()  # noqa: SIM905
)
_NAMES = frozenset("name names called behalf addressed holder".split())  # noqa: SIM905
_TALKS = frozenset(
    "ask asked tell told contact contacted both say says saying read reads spoke speak talk talked met rang".split()  # noqa: SIM905
)
_INITIAL = re.compile(r"[A-ZÀ-Þ]\.")
_UNDERS = frozenset(["under", "account", "belongs", "attention", "attn"])
_AMS = (
    "this is ",
    "it's ",
    "it’s ",
    "it is ",
    "i am ",
    "i'm ",
    "i’m ",
    "im ",
    "speaking",
    "chatting with",
    "called",
    "named",
)
_RELATIVES = frozenset(re.sub("[^a-z|]", "", _PERSONS.replace("u?", "")).split("|")) | {"neighbour"}


def _is_name(match: re.Match[str]) -> bool:
    words = [word for word in re.findall(rf"[{LETTER}'’-]+", match["hide"]) if len(word) > 1]
    return not words or may_be_name(words[0])


def _is_strange(match: re.Match[str]) -> bool:
    """In small letters: a word that is in no dictionary, or two of which one is such."""
    return any(not is_ordinary(word) for word in match["hide"].split())


def _is_family(match: re.Match[str]) -> bool:
    """An initial before a word that is in no dictionary: "J. Solberg"."""
    family = match["hide"].rpartition(".")[2].strip()
    return family.casefold() in lexicon.family_names() or not is_ordinary(family)


def _rule(pattern: str, needs: Needs | None = None) -> Rule:
    return Rule("name", re.compile(pattern), _is_name, needs)


def _may_stand_alone(match: re.Match[str]) -> bool:
    """A word that nothing but its place makes a name of: one of the lists, or of no dictionary."""
    word = match["hide"].split()[0]
    folded = word.casefold()
    initials = len(word.rstrip(".")) == 1
    return _is_name(match) and (
        initials or not is_ordinary(word) or folded in lexicon.given_names() or folded in AMBIGUOUS
    )


def _local(pattern: str, needs: Needs | None = None) -> Rule:
    return Rule("name", re.compile(pattern), _may_stand_alone, needs, also=CAPITALS)


def _after(cue: str, value: str, needs: Needs | None = None, accept: Accept = _is_name) -> CuedRule:
    """A name after words in whatever case."""
    return CuedRule("name", re.compile(cue), re.compile(value), accept, needs)


# What these find is a name wherever it stands in the dialogue.
SURE = (
    _after(
        _NAME_IS,
        rf"[\s:：]{{0,3}}{_Q}(?P<hide>{FULL}|{ANY_WORD}(?:\s(?!(?i:{_NOT_NEXT})){ANY_WORD})?)",
        _NAMES,
    ),
    _after(_I_AM, rf"\s{_Q}(?P<hide>{FULL})(?={_Q}(?:\s(?:here|from|and|speaking|again)\b|{_END}))", _AMS),
    _after(
        r"(?:this\sis|i\sam|i['’]?m|speaking\s(?:to|with)|it['’]?s)",
        rf"\s{_Q}(?P<hide>{ANY_WORD}(?:\s{ANY_WORD})??)(?={_Q}(?:\s(?:here|from|speaking|again)\b|\sand\si\b|,\s))",
        _AMS,
        _is_strange,
    ),
    _rule(rf"\b{_TITLE}\.?\s(?P<hide>{FULL})", _TITLES),
    _after(_GREETING, rf"(?:\s(?:there|again|back|and))?[,!]?\s{_Q}(?P<hide>{FULL})(?={_Q}{_END})", _GREETINGS),
    _after(_HELLO, rf"\s{_Q}(?P<hide>{FULL})", _HELLOS),
    _after(_HELLO, rf"\s(?P<hide>{ANY_WORD})(?=\s?[,!\n])", _HELLOS),
    _after(_ACKNOWLEDGEMENT, rf",\s{_Q}(?P<hide>{FULL})(?={_Q}{_END})", _ACKNOWLEDGEMENTS),
    _after("(?:sorry|apologies)", rf"(?:\sabout\sthat)?,?\s{_Q}(?P<hide>{FULL})(?=[,.!{QUOTE}])", _ACKNOWLEDGEMENTS),
    _rule(
        rf"(?m:^|[.!?,]\s{{1,2}})(?i:{_SIGN_OFF})\s?[,!.]?\s{{1,3}}{_Q}(?P<hide>{_INITIALS}{FULL})"
        rf"(?={_Q}\s*(?:$|[\n({OPEN},.]))",
        _SIGN_OFFS,
    ),
    Rule(
        "name",
        re.compile(rf"(?m:(?:^|[.!?]\s){_Q}(?P<hide>{FULL}))(?={_Q}\s(?:here|again)\b)"),
        _may_stand_alone,
        re.compile(r"[A-ZÀ-Þ]\S* (?:here|again)\b"),
    ),
    _rule(rf"(?m:^(?:对|是的?|嗯|yes|yep)[\s,，]{{1,2}}(?P<hide>{FULL})$)", ("yes", "yep", "对", "是", "嗯")),
    _after(rf"(?:my|his|her|our|the|their)\s{_PERSONS}", rf",?\s{_Q}(?P<hide>{FULL})", _RELATIVES),
    _after(
        rf"(?:my|his|her|our|their)\s{_PERSONS}",
        rf",?\s{_Q}(?P<hide>{ANY_WORD}(?:\s{ANY_WORD})?)",
        _RELATIVES,
        _is_strange,
    ),
    _after(
        r"(?:send|sent|give|gave|given|hand|handed|deliver|delivered|leave|left)\s",
        rf"(?:(?:it|this|them|(?:the|my)\s\w+)\s)?(?:to|with)\s{_Q}(?P<hide>{FULL})",
        frozenset("send sent give gave given hand handed deliver delivered leave left".split()),  # noqa: SIM905
    ),
    _after(
        r"(?:ask(?:ed)?|tell|told|contact(?:ed)?|both|says?|saying|reads?|(?:spoke|speak|talk(?:ed)?)\s(?:to|with)|met|rang)",
        rf"\s{_Q}(?P<hide>{FULL})",
        _TALKS,
        _may_stand_alone,
    ),
    _after(r"name(?:\s\w{1,10}){0,3}\s?[:：]", rf"\s?{_Q}(?P<hide>{FULL}|{ANY_WORD}(?:\s{ANY_WORD})?)", _NAMES),
    Rule("name", re.compile(rf"(?<![{LETTER}.])(?P<hide>[{UPPER}]\.\s?{WORD})"), _is_family, _INITIAL),
    _after(
        r"(?:under|account\sof|belongs\sto|attention\sof|attn:?)",
        rf"\s{_Q}(?P<hide>{FULL})",
        _UNDERS,
        _may_stand_alone,
    ),
)
# What these find is masked where it stands only: initials, and words that may be something else elsewhere.
LOCAL = (
    _rule(
        rf"(?:(?<!\S)[\^*~/]|(?<=[.!?,…])[\^*~])[ ]?(?P<hide>[{LETTER}]{{1,20}})(?=\s|$|\d/\d|https?:|{OPEN})",
        ("^", "*", "~", "/"),
    ),
    _rule(
        rf"(?m:(?:^|\s)[-–—~]\s?(?P<hide>[{UPPER}][{LETTER}]{{0,14}}(?:\s[{UPPER}][{LETTER}]{{0,14}})?)\.?(?={_LINE_END}))",
        ("-", "–", "—", "~"),
    ),
    _local(rf"(?m:(?:^|[.!?]\s){_Q}(?P<hide>{WORD})(?={_Q},\s))", (",",)),
    _local(rf"(?m:,\s{_Q}(?P<hide>{WORD})(?={_Q}\s?[.!?]?\s*$))", (",",)),
    _local(rf",\s{_Q}(?P<hide>{WORD}(?:\s{WORD})?)(?={_Q}[.!?])", (",",)),
    _local(rf"(?m:[.!?]\s(?P<hide>{WORD})\.?\s*(?:\d/\d\s*)?$)"),
    _local(
        rf"(?P<hide>{WORD}\s(?:(?:{WORD}|&)\s){{0,4}}(?:Ltd|Limited|GmbH|Inc|LLC|PLC|BV|AG|SARL)\b\.?)",
        frozenset(["ltd", "limited", "gmbh", "inc", "llc", "plc", "bv", "ag", "sarl"]),
    ),
    _local(
        r"(?i:\b(?:ty|thanks|regards|thx|cheers|hope\sthis\shelps))\b[\s,.!]{0,3}[-–—]?\s?"
        rf"(?m:(?P<hide>{WORD})(?=\s?[.!]?{_LINE_END}))",
        frozenset(["ty", "thanks", "regards", "thx", "cheers", "helps"]),
    ),
    _local(rf"(?m:(?:^|[.!?]\s){_Q}(?P<hide>{FULL})(?={_Q}\s[-–—]\s))", ("-", "–", "—")),
)
# A name written beside something that was masked: "+44 7700 900477, Dean", "Mr Pell" after "Geoffrey" is known.
_BESIDE = rf"(?P<hide>{_INITIALS}{FULL}(?:\s[\u4e00-\u9fff])?)"
BESIDE = (
    _local(rf"{NAME}\s(?P<hide>{WORD})(?={_END})"),
    _local(rf"{NAME},\s(?P<hide>{WORD})(?!,?\sand\b)"),
    _local(rf"(?<![{LETTER}.])(?P<hide>(?:[{UPPER}]\.\s?){{1,2}}|{WORD}\s){NAME}"),
    _local(rf"{NAME}\s(?:from|in|of)\s(?P<hide>{WORD})"),
    _local(rf"{OTHER_THAN_NAME}[\s,.;:，。；：()-]{{1,4}}{_BESIDE}(?=\s*(?:$|[\n,.;!({OPEN}]))"),
    _local(rf"(?m:(?:^|[\n,.;!?(]\s?){_BESIDE})[\s,.;:(]{{1,4}}{OTHER_THAN_NAME}"),
)
