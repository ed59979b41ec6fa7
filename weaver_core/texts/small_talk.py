"""Turns that are courtesy and nothing else: a greeting, thanks, a goodbye, an "I see"."""

import re
import unicodedata
from enum import StrEnum

from weaver_core.texts.normalization import fold

# A courtesy that is longer than this says something besides.
MOST_CHARACTERS = 120


class SmallTalk(StrEnum):
    """What a courtesy is. Where a turn holds several, the first of these that it holds."""

    GOODBYE = "goodbye"
    THANKS = "thanks"
    GREETING = "greeting"
    UNDERSTOOD = "understood"


_SOMEBODY = r"(?: (?:there|all|team|everyone|everybody|guys|again|friend|bot|weaver|sir|madam|support|folks|both))*"
_THANKED_FOR = (
    r"(?: (?:so|very|too) much| a (?:lot|million|bunch|ton)| lots| again| loads| (?:indeed|anyway|kindly))*"
    r"(?: for (?:(?:all|your|the|that|this|everything|it|you|so|quick|fast|kind|helping|letting|getting|"
    r"help|reply|response|answer|info|information|time|support|assistance|service|explanation|clarification|"
    r"clearing|up|explaining|me|know|back|to|out|of|great|prompt|and|advice)\b ?)+)?"
)
_UNITS: dict[SmallTalk, str] = {
    SmallTalk.GOODBYE: (
        r"(?:good ?)?bye+(?: bye+)?|see (?:you|ya)(?: later| soon)?|(?:have|enjoy) (?:a|your|the) "
        r"(?:(?:good|nice|great|lovely|wonderful) )?(?:day|one|evening|weekend|night|rest of (?:your|"
        r"the) day)(?: too)?|"
        r"take care|good ?night|cya|farewell|that(?: i|')?s (?:all|it)(?: for (?:now|today))?|nothing else|"
        r"no,? (?:that(?: i|')?s (?:all|it)|nothing else)|i(?: a|')?m (?:all )?(?:good|set|done)(?: now)?|"
        r"再见|拜拜|拜|回见|回头见|晚安|没事了|没有了|没别的了|没有别的了|不用了|先这样|就这样|就这些|"
        r"没问题了|祝.{0,3}愉快"
    ),
    SmallTalk.THANKS: (
        r"(?:many |no,? |ok(?:ay)? |great |perfect )?(?:thanks|thank ?(?:you|u)|thx|tnx|thanx|tyvm|ty|cheers|ta)"
        + _THANKED_FOR
        + "|"
        r"(?:much|really|greatly) appreciated|(?:i )?(?:really |much |greatly )?appreciate (?:it|that|"
        r"your help|the help)|"
        r"(?:that|this|it)(?:'s| is| was)? (?:very |really |so |super )?(?:helpful|great|perfect|awesome)|"
        r"(?:that|this|it) (?:really )?(?:helps|helped)(?: a lot)?|you(?: a|')?re (?:great|awesome|the best|"
        r"a star|very kind)|"
        r"(?:太|十分|非常|很)?(?:谢谢|多谢|感谢|谢)(?:你|您|大家|客服)?(?:了|啦|哈|啊|呀|哦|的帮助|的解答|"
        r"的回复|的耐心)*|辛苦(?:你|您)?了|麻烦(?:你|您)了|"
        r"帮(?:了)?(?:我)?大忙(?:了)?|太好了"
    ),
    SmallTalk.GREETING: (
        r"(?:hi+|hello+|hey+|hiya|howdy|greetings|yo|hallo|good ?(?:morning|afternoon|evening|day))" + _SOMEBODY + "|"
        r"(?:(?:is )?any(?:one|body) (?:there|here|home|around)|are you (?:there|here)|"
        r"how are you(?: doing)?(?: today)?|"
        r"what(?: i|')?s up|how(?: i|')?s it going|nice to meet you)|"
        r"(?:你|您|大家)好(?:啊|呀|哦|吗)?|哈[喽啰罗]|嗨|嘿|早上好|早安|早|上午好|中午好|下午好|晚上好|"
        r"(?:请问)?(?:有人)?在(?:吗|么|嘛|不在)|(?:请问)?有人(?:在)?(?:吗|么|嘛)|客服(?:在吗|你好|您好)"
    ),
    SmallTalk.UNDERSTOOD: (
        r"ok+(?:ay)?|k+|okey|alright|all right|fine|great|perfect|cool|nice|good|excellent|awesome|wonderful|"
        r"brilliant|super|"
        r"(?:i )?(?:see|understand|understood)|got ?(?:it|you|cha)|makes sense|will do|sure|sounds good|noted|"
        r"very well|"
        r"(?:oh|ah|aha|hm+|well)|lovely|amazing|"
        r"好+(?:的|吧|滴|嘞|哒|呀)?(?:好的)*|嗯+|哦+|噢|行(?:的|吧)?|可以(?:的)?|(?:我)?(?:知道|明白|了解|"
        r"清楚|懂|收到)(?:了|啦)?|收到|没问题|对|是的"
    ),
}
_LINK = (
    r"[\s,.!?~;:，。！？～、；：…&()*'\"-]*(?:(?:and|but|then|so|for now|再次|也|都)(?=[\s,.!，。！])[\s,.!，。！]*)?"
)
_ANY = "|".join(_UNITS.values())
_WHOLE = re.compile(rf"{_LINK}(?:(?:{_ANY})(?![a-z0-9]){_LINK})+")
_ONE = {kind: re.compile(rf"(?<![a-z0-9])(?:{unit})(?![a-z0-9])") for kind, unit in _UNITS.items()}


def small_talk(text: str) -> SmallTalk | None:
    """What kind of courtesy a turn is, None when it says anything else besides."""
    spoken = _spoken(text)
    if not spoken or len(spoken) > MOST_CHARACTERS or not _WHOLE.fullmatch(spoken):
        return None
    return next(kind for kind, unit in _ONE.items() if unit.search(spoken))


def _spoken(text: str) -> str:
    """A turn in lower case without emoji and other signs that are neither letters nor punctuation."""
    kept = "".join(" " if unicodedata.category(character) in ("So", "Sk", "Cn") else character for character in text)
    return " ".join(fold(kept).split())
