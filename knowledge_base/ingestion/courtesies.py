"""What people say besides the matter: greetings, thanks, "one moment", "please send us a message"."""

import re
from enum import StrEnum

from knowledge_base.privacy.slots import NAME, SLOT
from weaver_core.texts import sentences


class Courtesy(StrEnum):
    """Why a sentence answers nothing."""

    GREETING = "greeting"
    HOLD = "please hold"
    REDIRECT = "asks to write elsewhere"
    COUNTER_QUESTION = "asks back"
    PROMISE = "promises to see to it"
    SHORT = "too short"


def _one_of(*phrases: str) -> str:
    return f"(?:{'|'.join(phrases)})"


_FLAGS = re.IGNORECASE | re.DOTALL
_I_AM = r"(?:(?:i|we)(?:['’]m|['’]re|\sam|\sare)\s)?"
_I_WILL = r"(?:i|we)(?:['’]ll|['’]d|['’]re|['’]m|\swill|\swould|\sare|\sam|\scan)?\s"
_THAT_IS = r"(?:that|this|it)(?:['’]s|\sis|\ssounds|\sdoes(?:n['’]t|\snot)\ssound)\s(?:not\s|so\s|very\s|all\s)?"

_HOLD = re.compile(
    r"\b"
    + _one_of(
        r"please\s(?:hold|wait|bear with)",
        r"bear with",
        r"hold on",
        r"(?:one|just a)\s(?:moment|second|sec|minute)",
        r"moment please",
        r"give me a (?:moment|minute|few|second)",
        r"(?:let me|let['’]?s|let us|(?:i|we)(?:['’]ll|\swill)) (?:just )?"
        r"(?:check|look|(?:take|have) a (?:closer )?look|find out|see|investigate|work on (?:this|it|that)|dig into)\b"
        r"(?! our|\sout)",
        r"i(?:['’]m|\sam) (?:checking|looking)",
        r"(?:thanks|thank you) for (?:waiting|holding|your patience)",
    )
    + r"|稍等|请等|等一下|我查一下|我看一下|查询一下|核实一下|久等",
    _FLAGS,
)
_PROMISE = re.compile(
    _one_of(
        # "I'll make sure your feedback is passed on", "we have shared this with the team".
        rf"\b{_I_WILL}(?:also |just |now |certainly |definitely |have |make sure |be sure |get |make a |send |take )*"
        r"(?:pass|shar|forward|feed|fed|log|report|rais|escalat|relay|note|address|investigat|flag)\w*\b",
        r"\b(?:your|this|the|it)\b.{0,20}\b(?:feedback|comments?|concerns?|complaint|suggestion|request|case|report)\b.{0,12}"
        r"\b(?:has been|have been|is being|will be|is|are)\b.{0,12}"
        r"(?:pass|shar|forward|feed|fed|log|report|rais|escalat|relay|noted|address|investigat|flag|in progress)\w*",
        r"\b(?:we|i)(?:['’]ve|\shave) (?:also )?(?:received|noted|got) your\b",
        r"\b(?:we|i|they|someone|our team|the team)(?:['’]ll|\swill|\sare going to) (?:be in touch|reach out|get back|"
        r"follow up|contact you|update you|keep you (?:posted|updated)|let you know|look into|investigate)\b",
        r"\b(?:we|they|our (?:team|engineers))(?:['’]re|\sare) (?:currently |already |still )?"
        r"(?:working on|looking into|investigating|aware of)\b",
        r"\b(?:working|doing) (?:hard|all we can|our best)\b.{0,40}|\ballow us (?:some|a little|more) time\b",
        r"(?:会|将|已经?|正在|这边|马上|尽快)(?:为您|帮您|给您|替您|尽快|马上|继续)*(?:反馈|转达|上报|登记|记录|核实|跟进|催促|联系您|回复您|处理)(?!方式|方法|流程)",
    ),
    _FLAGS,
)
_REDIRECT = re.compile(
    _one_of(
        r"\b(?:dms?|direct messages?|private messages?|inbox)\b",
        r"\bpm (?:us|me)\b",
        r"\b(?:shoot|send|drop) us an? (?:message|note|email)",
        r"\breach out to (?:us|me) (?:via|through|in)\b",
        r"\bfollow us\b",
        r"私信|私聊|加(?:我|一下)?微信",
    ),
    _FLAGS,
)
_GREETING = re.compile(
    r"^\W*"
    + _one_of(
        rf"(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day)|morning|welcome|greetings)\b"
        rf"(?:\W+(?:there|all|team|again|both|sir|madam|mate|{NAME}))*",
        r"(?:thank you|thanks|thank|thx|ty|tysm|cheers|ta)\b.{0,60}",
        r".{0,30}\b(?:thank you|thanks|thx|appreciated)\b.{0,12}",
        r"(?:i|we)?\s?appreciate (?:it|your|you|the)\b.{0,60}",
        r"you(?:['’]re|\sare) (?:(?:very |most )?welcome.{0,40}|right.{0,12})",
        r"(?:you(?:['’]ve|\shave)) (?:reached|come to) the right place.{0,30}",
        r"(?:my|our) pleasure.{0,30}",
        r"no (?:problem|worries)(?: at all)?",
        rf"{_I_AM}(?:so |very |really |terribly )?sorry\b.{{0,80}}",
        r"(?:our |my |many )?(?:sincere )?apologies\b.{0,60}",
        r"(?:i|we)(?: do| sincerely)? apologi[sz]e.{0,80}",
        r"oh (?:no|dear).{0,20}",
        r"(?:have|enjoy) a .{0,40}",
        r"welcome (?:to|back)\b.{0,40}",
        r"(?:take care|bye|any ?time|fingers crossed).{0,20}",
        r"(?:is there )?(?:anything|something) else.{0,50}",
        r"(?:please )?let (?:us|me) know (?:if|how|when|what)\b.{0,80}",
        rf"{_I_WILL}(?:be )?(?:here|happy|glad|delighted|love|want|like)?.{{0,12}}(?:to )?"
        rf"(?:help|assist|look into|speak with|hear|chat)\b.{{0,40}}",
        r"(?:glad|great|good|happy|pleased|lovely) to hear.{0,60}",
        rf"{_THAT_IS}(?:great|good|right|ok|okay|fine|correct|all|definitely not|no good)\b.{{0,40}}",
        rf"{_THAT_IS}(?:strange|odd|unusual|frustrating|awful)\b.{{0,40}}",
        r"(?:we|i) (?:completely )?(?:understand|hear you|appreciate|see|get it)\b.{0,60}",
        r"(?:sure|ok|okay|yes|no|alright|great|perfect|done|understood|noted|of course|agreed|right|fine)",
        r"(?:got it|will do|sounds good|certainly|absolutely)",
        r"(?:how (?:can|may)|what can) (?:i|we) (?:help|assist|do).{0,30}",
        r"(?:kind |best |warm )?regards.{0,60}",
        r"(?:please )?(?:keep us (?:posted|updated|informed)|stay tuned|stay in touch).{0,40}",
        r"(?:i |we )?hope (?:this|that) helps.{0,30}",
    )
    + r"\W*$",
    _FLAGS,
)
_HAN_YES = r"(?:好的?|嗯+|行|哦+|对的?|是的?|可以|收到|明白|知道|懂|记下)"
_HAN_GREETING = re.compile(
    r"^\W*"
    + _one_of(
        rf"(?:{NAME}|亲爱的|尊敬的|亲|先生|女士|小姐)*\W*(?:您好|你好|你们好|早上好|下午好|晚上好|在的|在吗|有人吗|人工|亲)+"
        rf"\W*(?:亲|{NAME}|在吗|先生|女士)*",
        rf"{_HAN_YES}?了?\W*(?:非常|太|十分|多)?(?:谢谢|感谢|谢啦|谢了|多谢|唔該).{{0,12}}",
        r"(?:不客气|不用客气|不用谢|不谢|别客气|你太客气).{0,24}",
        r"(?:非常|很|十分|实在|真的)?(?:抱歉|对不起|不好意思).{0,24}",
        rf"{_HAN_YES}(?:了|哒|呢|吧|啦)?",
        r"(?:祝您|欢迎|很高兴|理解您).{0,20}",
        r"(?:请问)?(?:有什么|还有什么|有别的)?.{0,6}(?:可以|能)帮(?:到|助)?(?:您|你).{0,12}",
        r"再见|拜拜",
    )
    + r"\W*$"
)
# What a sentence may begin with before it says what it is.
_INTERJECTION = re.compile(
    r"^\W*(?:(?:ok|okay|great|oh|ah|aha|ha|well|yes|yeah|no|sure|alright|right|awesome|perfect|wow|hmm+|ouch|cool|excellent"
    r"|and|but|then|so|absolutely|of course)\b[\s,!.:;–-]*)+(?=\w)",
    _FLAGS,
)
_QUESTION_END = re.compile(r"[?？]\W*$")
_ASKS = re.compile(
    _one_of(
        r"\b(?:could|can|may|would) (?:you|i|we) (?:please |kindly )?"
        r"(?:have|get|provide|tell|send|give|confirm|share|let|check|try)\b.{0,120}$",
        r"\b(?:please|kindly) (?:provide|confirm|send|share|tell|give)\b.{0,120}$",
        r"请(?:您)?(?:先)?(?:提供|告诉|发|说|给)(?:一下|我)?.{0,30}$",
    ),
    _FLAGS,
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
MIN_WORDS, MIN_HAN = 4, 6


def classify(sentence: str) -> Courtesy | None:
    """Why a sentence answers nothing, None when it may be (a part of) an answer."""
    if _REDIRECT.search(sentence):
        return Courtesy.REDIRECT
    if _HOLD.search(sentence):
        return Courtesy.HOLD
    if _PROMISE.search(sentence):
        return Courtesy.PROMISE
    plain = _INTERJECTION.sub("", sentence)
    if any(pattern.match(form) for pattern in (_GREETING, _HAN_GREETING) for form in (sentence, plain)):
        return Courtesy.GREETING
    if _QUESTION_END.search(sentence) or _ASKS.search(sentence):
        return Courtesy.COUNTER_QUESTION
    return None


def is_only_courtesy(text: str) -> bool:
    """Whether a customer's text holds nothing but greetings and thanks."""
    return all(
        classify(sentence) is Courtesy.GREETING or not _WORD.search(sentence) for sentence in sentences.split(text)
    )


def is_long_enough(text: str) -> bool:
    """Whether a text is long enough to say something: four words, or six Chinese characters."""
    without_slots = SLOT.sub(" ", text)
    han = len(_HAN.findall(without_slots))
    return han >= MIN_HAN or len(_WORD.findall(_HAN.sub(" ", without_slots))) + han / 2 >= MIN_WORDS
