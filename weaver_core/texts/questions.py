"""The separate questions of a turn, in English and in Chinese."""

import re

from weaver_core.texts.sentences import spans, trim

MOST_QUESTIONS = 3
_ASKS = (
    r"(?:how|what|where|when(?= (?:is|are|do|does|did|can|could|will|would|was|were|should|may|shall|has|"
    r"have)\b)|why|who|whom|whose|which|can|could|do|does|did|is|are|was|were|will|would|should|may|"
    r"am|has|have|what's|where's|how's|who's|when's|isn't|aren't|don't|doesn't|can't|won't)"
)
_LEAD = (
    r"(?:(?:and|also|but|so|then|plus|hi|hello|hey|ok|okay|please|first|firstly|second|secondly|finally|lastly|"
    r"another question|one more(?: thing| question)?)[,:]? )*"
)
_ENGLISH = re.compile(rf"{_LEAD}{_ASKS}\b", re.IGNORECASE)
_CHINESE = re.compile(
    r"吗|么(?!么)|呢[?？]?$|怎么|怎样|如何|什么|啥|多少|多久|多长|几(?:天|个|次|号|点|时|年|月|折|楼)|哪|"
    r"谁|为何|是否|是不是|能不能|可不可以|可否|有没有|会不会|要不要"
)
_MARKED = re.compile(r"[?？][\"'”’)）」』]*$")
# Where one sentence goes over to a second question: "… and how do I return it?", "…，另外怎么退货".
_JOINT = re.compile(
    rf"[,;]?\s+(?:and|also|and also|plus)\s+(?:also\s+)?(?={_ASKS}\b)|[?？]\s*(?=\S)|"
    r"[，,；;]\s*(?=(?:另外|还有|以及|而且|然后|顺便|再问|同时|还想))",
    re.IGNORECASE,
)


def questions(text: str) -> list[tuple[int, int]]:
    """Where each of a turn's questions begins and ends, at most three; one span, of all the text, where it has one.

    What is said before a question goes with it, what is said after the last one with that.
    """
    parts = [part for span in spans(text) for part in _parts(text, span)]
    ends = [end for start, end in parts if _is_question(text[start:end])]
    if not 1 < len(ends) <= MOST_QUESTIONS:
        return [(0, len(text))]
    starts = [0, *ends[:-1]]
    found = [trim(text, span) for span in zip(starts, [*ends[:-1], len(text)], strict=True)]
    return [_bare(text, span) for span in found if span is not None]


def _parts(text: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    """A sentence cut where a second question begins, if what stands on either side of the cut is one."""
    start, end = span
    parts: list[tuple[int, int]] = []
    for joint in _JOINT.finditer(text, start, end):
        if _is_question(text[start : joint.start()].strip(" ?？")) and _is_question(text[joint.end() : end]):
            parts.append((start, joint.start() + 1 if text[joint.start()] in "?？" else joint.start()))
            start = joint.end()
    return [*parts, (start, end)]


def _bare(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """A span without the punctuation that it begins with."""
    start, end = span
    return end - len(text[start:end].lstrip(" ,，;；、?？")), end


def _is_question(part: str) -> bool:
    if not any(character.isalnum() for character in part):
        return False
    return bool(_MARKED.search(part) or _ENGLISH.match(part) or _CHINESE.search(part))
