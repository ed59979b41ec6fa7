"""What the customer said next: that the answer helped, that it did not, or neither. A weak label of the answer."""

import re

_FLAGS = re.IGNORECASE
# "it is still not working", "that didn't help", "还是不行": said of the matter, whatever thanks stand around it.
_FAILED = re.compile(
    r"\b(?:still|yet|again)\b.{0,30}(?:n['’]t|\b(?:not|no|never|nothing|cannot|broken|wrong|stuck|waiting|same|fails?|failing|down))\b"
    r"|(?:\b(?:not|never)|n['’]t)\b.{0,12}\b(?:work(?:ed|ing|s)?|help(?:ed|ing|ful)?|fix(?:ed)?|solved?|change[ds]?|better)\b"
    r"|\b(?:same (?:problem|issue|error|thing)|no (?:luck|change|difference|joy)|made it worse|to no avail)\b"
    r"|\b(?:already (?:tried|did|done)|tried (?:that|this|it) (?:already|before))\b"
    r"|还是(?:不|没|一样|老样)|(?:没|没有)(?:用|效果|解决|变化|反应)|不(?:管用|起作用|好使|行啊)|依然|仍然|试过了|问题还在",
    _FLAGS,
)
_HELPED = re.compile(
    r"\b(?:that|this|it|which)(?:['’]s| has| is| did)?\s?(?:now )?(?:all )?"
    r"(?:work(?:ed|s|ing)(?: now)?|help(?:ed|s)|fixed|solved|sorted|did (?:it|the trick)|done)\b"
    r"|\b(?:works|working|fixed|sorted|solved|resolved) (?:now|it|again)\b"
    r"|\b(?:all (?:good|sorted|fixed|set|working)|problem solved)\b"
    r"|\b(?:very|most|so|really|super) helpful\b|\b(?:got|found) it(?: working)?,? (?:thanks|thank you|cheers)"
    r"|\b(?:perfect|brilliant|awesome|great|excellent|lifesaver),? (?:thanks|thank you|cheers)|\bthanks,? (?:that|it) "
    r"|(?:可以|好|行|解决|搞定|修好|弄好|明白|清楚|正常)了|(?:有|管)用(?:了|，|。|！|$)|帮(?:了)?大忙|太好了",
    _FLAGS,
)


def helped(text: str) -> bool | None:
    """Whether a customer's next turn says that what came before it helped. None: it does not say."""
    if _FAILED.search(text):
        return False
    return True if _HELPED.search(text) else None
