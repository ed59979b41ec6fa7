"""How people are called in Chinese texts: after 我叫, before 先生, beside their telephone number."""

import re

from knowledge_base.privacy import lexicon
from knowledge_base.privacy.latin_names import FULL
from knowledge_base.privacy.rule import HAN, Rule, one_of
from knowledge_base.privacy.slots import OTHER_THAN_NAME
from knowledge_base.privacy.words import (
    COMPOUND_SURNAMES,
    GIVEN_NAME_CHARACTERS,
    NO_GIVEN_NAME,
    NO_NAMES,
    RARE_SURNAMES,
    SURNAMES,
)

_HAN = r"[\u4e00-\u9fff]"
_SURNAME = one_of(*COMPOUND_SURNAMES, f"[{SURNAMES}]")
# After a word that wants a person: the rarer family names too.
_ANY_SURNAME = one_of(*COMPOUND_SURNAMES, f"[{SURNAMES}{RARE_SURNAMES}]")
_GIVEN = rf"(?:(?![{NO_GIVEN_NAME}]){_HAN})"
NAME_OF = rf"{_SURNAME}{_GIVEN}{{1,2}}"
_NO_NAME = re.compile(one_of(*NO_NAMES))
_TITLE = r"(?:先生|女士|小姐(?!姐)|太太|老师|师傅|经理|總|总监|阿姨|大哥|大姐|同学)"
# Words that stand where a name could stand, and say what somebody is, or nothing of him.
_ROLE = one_of(
    "学生|会员|新手|客户|顾客|用户|卖家|买家|女生|男生|老客|新客|你们|他们|我们|亲爱|尊敬|各位|大家|先生|女士|小姐|太太|老师",
    "抱歉|谢谢|感谢|没事|好的|在的|可以|亲亲|您好|早上|上午|中午|下午|晚上|同学|男士|路痴|朋友|客服|妈妈|爸爸|家人|同事|老公|老婆|快递|公司|商家|厂家|财务",
)
_NAME_IS = one_of(
    "名字是|名字叫|名字[:：]|我叫|我姓|本人",
    r"姓名(?:是|为)?[:：]?",
    r"收[件货]人?(?:是|为|[:：])?",
    r"联系人(?:是|为|[:：])?",
)
_ENDS_OF_PLACES = "店楼馆院园山村镇街宫寺号路站"
_RELATIVES = "邻居|老公|老婆|妈妈|爸爸|母亲|父亲|儿子|女儿|朋友|同事|室友|弟弟|哥哥|姐姐|妹妹|婆婆|奶奶|爷爷|男友|女友"
_Q = r"[“”‘’「」『』（）()\"']?"
_GAP = r"[\s,.;:，。；：()]"
_PAUSE = r"[，。！？,!?\s~～]|$"


def _is_name(match: re.Match[str]) -> bool:
    """Characters that begin with a family name may still be a word: 安排, 方便."""
    found = match["hide"]
    if found[-1] in _ENDS_OF_PLACES:
        return False
    return not _NO_NAME.match(found) and found not in lexicon.chinese() and found[:2] not in lexicon.chinese()


def _is_spoken_to(match: re.Match[str]) -> bool:
    """Two or three characters before a comma, one of them a name's, that are no word."""
    found = match["hide"].replace(" ", "")
    named = found[0] in SURNAMES + RARE_SURNAMES or any(character in GIVEN_NAME_CHARACTERS for character in found[-2:])
    return named and _is_name(match) and found[-2:] not in lexicon.chinese_pairs()


def _rule(pattern: str) -> Rule:
    return Rule("name", re.compile(pattern), needs=HAN)


def _surname_rule(pattern: str) -> Rule:
    return Rule("name", re.compile(pattern), _is_name, HAN)


# What these find is a name wherever it stands in the dialogue.
SURE = (
    # A name is written whole after these, whatever its family name is.
    _rule(
        rf"(?:我叫(?![个下辆车了])|(?:名字|姓名)(?:是|叫|为|[:：])|(?:收[件货]|联系)人(?:是|为|[:：]))\s?{_Q}(?P<hide>{_HAN}\s?{_HAN}{{1,2}})(?!{_HAN})"
    ),
    _rule(rf"(?:收[件货]|联系)人\s?{_Q}(?P<hide>{_HAN}\s?{_HAN}{{1,2}})(?={_Q}(?:{_PAUSE}))"),
    _rule(rf"(?<!{_HAN})(?P<hide>(?!{_ROLE}){_GIVEN}\s?{_GIVEN}{{1,2}})(?={_Q}\s?(?:{_TITLE}|您好))"),
    _surname_rule(
        rf"(?:给|由|找|问|跟|和|帮|替|让|改成|换成|改为|写成|给了|登记){_Q}(?P<hide>{_ANY_SURNAME}{_GIVEN}{{1,2}})(?={_Q}(?:{_PAUSE}|[不的收签代先女说吗改换取拿联通沟]))"
    ),
    _surname_rule(rf"(?P<hide>{_SURNAME}\s{_GIVEN}{{1,2}})(?=[的，。,.!！您你签先女]|\s|$)"),
    _surname_rule(rf"{_NAME_IS}\s?(?P<hide>{_SURNAME}{_GIVEN}{{1,2}}|{_SURNAME}(?!{_HAN})|{FULL})"),
    _surname_rule(rf"(?:叫|是)(?P<hide>{_SURNAME}{_GIVEN}{{1,2}})(?={_PAUSE})"),
    _rule(rf"(?:我是|我係|我叫){_Q}(?P<hide>{_SURNAME}\s?{_GIVEN}{{1,2}})(?!{_HAN})"),
    _surname_rule(
        rf"(?:{_RELATIVES})\s?{_Q}(?P<hide>{_ANY_SURNAME}\s?{_GIVEN}{{1,2}})(?={_Q}(?:{_PAUSE}|[的代签收联说]))"
    ),
    _rule(rf"(?P<hide>{_ANY_SURNAME}\s?{_GIVEN}{{1,2}})(?={_Q}是我(?:{_RELATIVES}))"),
    _surname_rule(rf"抬头(?:写|是|为|[:：])?{_Q}(?P<hide>{_ANY_SURNAME}\s?{_GIVEN}{{1,2}})(?={_Q}(?:{_PAUSE}))"),
    _surname_rule(rf"[是由]{_Q}(?P<hide>{_ANY_SURNAME}{_GIVEN}{{1,2}})(?={_Q}[代签联])"),
    _rule(rf"[由是记給给找叫问跟成为](?P<hide>{_GIVEN}\s{_GIVEN}{{1,2}})(?=[的签收联，。,]|$)"),
    _surname_rule(rf"[（(](?P<hide>{_SURNAME}{_GIVEN}{{1,2}})[）)]"),
    _rule(rf"(?:我是|我係|寄给|发给|送给|转给|交给)(?P<hide>{_HAN}\s{_HAN}{{1,2}})(?!{_HAN})"),
    _surname_rule(rf"(?:寄给|发给|送给|转给|交给)(?P<hide>(?!{_ROLE}){_GIVEN}{{2,3}})(?={_PAUSE})"),
    _rule(rf"(?:我是|我係)(?P<hide>(?!{_ROLE}){_GIVEN}{{2,3}})(?=\s|[，。,.!！]|$)"),
    _rule(rf"(?P<hide>{_SURNAME}\s?{_GIVEN}{{0,2}})(?=\s?{_TITLE})"),
    _surname_rule(rf"(?:^|[\n，。！？,!?\s])(?P<hide>{NAME_OF})(?=[，,\s]?(?:您好|你好|女士|先生|好))"),
    _rule(rf"(?m:^(?P<hide>(?!{_ROLE}){_HAN}{{2,3}}|{FULL})(?=[，,\s]?您好))"),
    _surname_rule(rf"(?:您好|你好|亲爱的|尊敬的|谢谢|感谢|嗨)[，,！!\s]?(?P<hide>{NAME_OF})(?={_PAUSE})"),
    _rule(rf"(?:您好|你好|亲爱的|尊敬的|嗨)[，,！!\s]?(?P<hide>{FULL})(?={_PAUSE})"),
    _rule(rf"(?:又是我|还是我|是我)[，,\s]{{1,2}}(?P<hide>{_HAN}{{2,3}})(?={_PAUSE})"),
)
# What these find is masked where it stands only.
LOCAL = (
    Rule(
        "name",
        re.compile(rf"(?:^|[\n。！？!?]\s?){_Q}(?P<hide>{_GIVEN}\s?{_GIVEN}{{1,2}})(?={_Q}，)"),
        _is_spoken_to,
        HAN,
    ),
    _surname_rule(rf"(?<!\S)(?P<hide>{NAME_OF})(?=\s|[,，.。!！]?$)"),
    _rule(rf"(?:我们?|公司|民宿)(?:是|在|叫)(?P<hide>{_HAN}{{2,12}}(?:大学|学院|中学|小学|医院|民宿))"),
    _rule(rf"(?P<hide>{_HAN}{{2,16}}有限(?:责任)?公司)"),
)
# A name written beside something that was masked: an order and a name.
BESIDE = (
    _surname_rule(rf"{OTHER_THAN_NAME}{_GAP}{{0,4}}(?P<hide>{NAME_OF})(?!{_HAN})"),
    _surname_rule(rf"(?<!{_HAN})(?P<hide>{NAME_OF}){_GAP}{{1,4}}{OTHER_THAN_NAME}"),
    _surname_rule(rf"(?<!{_HAN})(?P<hide>{NAME_OF})(?=[，,]?(?:电话|手机|收))"),
)
