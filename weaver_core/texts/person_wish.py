"""Whether a customer asks for a person, in English and in Chinese."""

import re

from weaver_core.texts.normalization import fold

_KIND = r"(?:(?:real|live|actual|human|customer|support|service|care|help ?desk|another|different|senior) )*"
_PERSON = (
    r"(?:human(?: being)?s?|(?:real|live|actual) (?:one|people)|persons?|agents?|representatives?|reps?|"
    r"operators?|advis[oe]rs?|"
    r"managers?|supervisors?|assistants?|colleagues?|staff(?: members?)?|team members?|consultants?|"
    r"customer (?:service|support|care)|support(?: team)?)"
)
_ANYBODY = rf"(?:{_PERSON}|some(?:one|body)(?: (?:else|real|human))?|people|a man|a woman)"
_ARTICLE = r"(?:(?:an?|the|some|one of (?:your|the)|your|any) )?"
_TO = r"(?:to|with)"
_ENGLISH = re.compile(
    # "let me talk to a person", "can I speak with someone"
    rf"\b(?:talk|speak|chat|speaking|talking|chatting) {_TO} {_ARTICLE}{_KIND}{_ANYBODY}\b"
    # "connect me to an agent", "put me through to your manager"
    rf"|(?:\b(?:connect|transfer|switch|put|pass|hand|forward|direct|refer) (?:me|us|this)|"
    rf"^(?:please )?(?:connect|transfer|switch|forward))"
    rf"(?: over| through| on| up)? {_TO} {_ARTICLE}{_KIND}{_ANYBODY}\b"
    # "get me a human", "I need a real person", "can I have an operator"
    rf"|\b(?:get|give|find|want|need|like|have|prefer|request)(?: me)? {_ARTICLE}{_KIND}"
    r"(?:human(?: being)?|real person|live person|person|live agent|human agent|agent|representative|"
    r"operator|supervisor)s?"
    r"(?: (?:please|now|instead|to (?:help|talk|speak|chat|call|answer)[^.?!]*))?(?=\s*(?:$|[.,!?;]))"
)
# The whole turn: "agent", "human please!", "a real person".
_BARE = re.compile(
    rf"(?:please[ ,]*)?{_ARTICLE}{_KIND}(?:human(?: being)?|person|agent|representative|operator|"
    rf"real person)s?(?:[ ,]+(?:please|now|pls|plz))*[ .!?]*"
)
# "do I have to talk to someone?", "am I talking to a person?" want an answer, "I don't want to talk to you" nobody.
_REFUSED = re.compile(
    r"\b(?:am i|are we|was i|do i (?:have|need) to|must i|should i|why do i (?:have|need) to) (?:talk|speak|chat)"
    r"|(?:n['o]t|never|without|instead of|rather than|no need to|avoid) (?:\w+ ){0,3}(?:talk|speak|chat|"
    r"connect|transfer|talking|speaking|a human|an agent|a person)"
)
_STAFF = (
    r"(?:人工(?!智能|费|成本|湖|授精|草)(?:客服|服务|坐席|座席)?|真人(?:客服)?|活人|坐席|座席|"
    r"客服(?:人员|专员|小姐姐|小哥|主管|经理)|工作人员|你们经理|主管|专员)"
)
_CHINESE = re.compile(
    rf"(?:转|找|换|接|连|叫|要|想要|需要|帮我|给我|联系|呼叫)(?:接|到|成|给|一下|下|个|一个|位|一位|"
    rf"你们的?|的|和|跟){{0,3}}{_STAFF}"
    rf"|(?:和|跟|与|同)(?:你们的?|一个|个|一位|位)?{_STAFF}(?:.{{0,2}})(?:说|谈|聊|沟通|讲|对话|交流|通话)"
    rf"|(?:有没有|有|能不能|可以|能)(?:换|找|转|接)?(?:个|一个|位)?(?:人工|真人|活人)(?!智能)(?:客服|"
    rf"服务)?(?:吗|么|嘛|呢|不)?[?？。!！]*$"
    r"|(?:不想|不要|别)(?:再)?(?:和|跟|让)?(?:机器人|机器)(?:说|聊|回答|回复)?"
)
_BARE_CHINESE = re.compile(
    r"(?:请|麻烦|我要|直接|快)?(?:转|转接)?(?:人工|真人|活人|人工客服|真人客服|人工服务)(?:客服)?(?:谢谢|"
    r"吧|啊|呢|在吗|吗)?[。!！?？,，]*"
)
_REFUSED_CHINESE = re.compile(
    r"(?:不(?:要|想|用|需要|必)|别|无需|没有?)(?:转|找|接|联系|再)?(?:接|到)?(?:人工|真人|客服)"
)


def wants_person(text: str) -> bool:
    """Whether a turn asks to be handed to a person of the company."""
    said = " ".join(fold(text).split())
    english = _BARE.fullmatch(said) or _ENGLISH.search(said)
    if english:
        return not _REFUSED.search(said)
    chinese = _BARE_CHINESE.fullmatch(said) or _CHINESE.search(said)
    return bool(chinese) and not _REFUSED_CHINESE.search(said)
