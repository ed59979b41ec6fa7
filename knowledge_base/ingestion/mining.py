"""Questions and the answers that solved them, found in past dialogues."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from knowledge_base.answers import title_of
from knowledge_base.ingestion import aftermath
from knowledge_base.ingestion.courtesies import Courtesy, classify, is_long_enough, is_only_courtesy
from knowledge_base.privacy import found_in, has_slot, mask, particulars
from knowledge_base.privacy.rule import one_of
from knowledge_base.privacy.slots import ACCOUNT, NAME
from weaver_core.dialogue import Dialogue, Role, Turn
from weaver_core.texts import sentences

CONTEXT_TURNS = 4
# Why a turn answers nothing, the strongest reason first.
REASONS = (Courtesy.REDIRECT, Courtesy.COUNTER_QUESTION, Courtesy.PROMISE, Courtesy.HOLD, Courtesy.GREETING)
ONLY_COURTESY = "the customer only greets or thanks"
NO_QUESTION = "no question before it"
UNRESOLVED = "the dialogue was not resolved"
NO_HELP = "the customer said that it did not help"
BOTS_WORDS = "a bot said it"
_HANDLES = re.compile(rf"^(?:(?:{ACCOUNT}|{NAME})[\s,:，：]*)+")
_SALUTATION = re.compile(
    "^"
    + one_of(
        r"(?:hi|hello|hey|dear|(?:good )?(?:morning|afternoon|evening|day))\b(?:\s(?:mr|mrs|ms|dr|there|again))*"
        rf"\.?[\s,]*(?:{NAME})?\s*[,.!:–-]*\s+",
        rf"(?:尊敬的|亲爱的)?(?:{NAME})?(?:先生|女士|小姐)?[，,]?(?:您好|你好)(?:{NAME})?(?:先生|女士|小姐)?[呀啊哦]?[，,！!。~～\s]+",
        r"亲[，,~～\s]+",
    ),
    re.IGNORECASE,
)
_VOCATIVE = re.compile(
    rf"(?:,\s?|(?<=\b[Tt]hanks)\s|(?<=\b[Tt]hank you)\s|(?<=\b[Ss]orry)\s){NAME}(?=\s?[,.!?;:]|\s*$)"
)
_SIGN_OFF = one_of(
    r"(?:kind|best|warm|many)\s(?:regards|wishes|thanks)",
    "regards|best|many|thanks|thank you|ty|cheers|sincerely|此致",
)
_SIGNATURE = re.compile(
    rf"(?:\s*{_SIGN_OFF}[\s,.!–-]*)?[\s\-–—/^*~]*{NAME}[.!]?(?:,\s[^.!?\n]{{1,40}})?\s*$", re.IGNORECASE
)
_LEFT_OVER = re.compile(r"^[\s,.;:!–-]+(?=\w)")
_PART = re.compile(r"^\(?\d\s?/\s?\d\)?\s+|(?:\s|…|\.{2,})*\(?\b\d\s?/\s?\d\)?\s*$")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question in its context and the answer that it got, all masked. `turn` is the answer's place, from 0.

    `helped` is whether the customer's next turn says so, None when it does not say.
    """

    turn: int
    question: str
    context: str | None
    answer: str
    title: str
    personal: bool
    helped: bool | None = None


@dataclass(frozen=True, slots=True)
class Mined:
    """The pairs of one dialogue; why its other agent turns gave none; what was masked in all of it.

    `turns` are the dialogue's, masked, and `particulars` what in them may hold for one customer only.
    """

    pairs: tuple[Pair, ...]
    skipped: Counter[str]
    masked: Counter[str]
    turns: tuple[Turn, ...]
    particulars: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Masking:
    """What is known beside the dialogue itself: what stays, and who took part."""

    contacts: Sequence[str]
    names: Sequence[str]
    codes: Collection[str]


@dataclass(slots=True)
class _Open:
    """Customer turns that wait for an answer: since anybody of the company spoke, and since somebody answered."""

    since_agent: list[str]
    since_answer: list[str]


def mine(
    dialogue: Dialogue,
    contacts: Sequence[str] = (),
    names: Sequence[str] = (),
    codes: Collection[str] = frozenset(),
) -> Mined:
    """The pairs of a dialogue. Rules only, each with a name that the import's summary counts.

    `names` are those of the persons who took part, as far as they are known: they are masked for certain. `codes` are
    the company's own, in small letters: they stay.
    """
    masked: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    turns = _masked_turns(dialogue, _Masking(contacts, names, codes), masked)
    if dialogue.resolved is False:
        skipped[UNRESOLVED] += sum(turn.role is Role.AGENT for turn in turns)
    pairs = () if dialogue.resolved is False else tuple(_pairs(turns, skipped))
    found = frozenset(particular for turn in turns for particular in particulars.of(turn.text))
    return Mined(pairs, skipped, masked, tuple(turns), found)


def trim(text: str) -> str:
    """A masked agent turn without the customer's handle, the salutation and the signature, which are about persons."""
    text = start = _PART.sub("", _HANDLES.sub("", text.strip())).strip()
    previous = None
    while previous != text:
        previous = text
        text = _PART.sub("", _SIGNATURE.sub("", _SALUTATION.sub("", _HANDLES.sub("", text)))).strip()
    text = _LEFT_OVER.sub("", _VOCATIVE.sub("", text)).strip()
    # What now begins the answer stood in the middle of a sentence.
    return text if start.startswith(text[:1]) else text[:1].upper() + text[1:]


def _masked_turns(dialogue: Dialogue, masking: _Masking, counts: Counter[str]) -> list[Turn]:
    known = [*masking.names, *sorted(found_in([turn.text for turn in dialogue.turns]))]
    if dialogue.customer is not None:
        known.append(dialogue.customer)
    turns: list[Turn] = []
    for turn in dialogue.turns:
        masked = mask(turn.text, masking.contacts, known, masking.codes)
        counts.update(dict(masked.kinds))
        turns.append(Turn(turn.role, masked.text, turn.at))
    return turns


def _pairs(turns: Sequence[Turn], skipped: Counter[str]) -> Iterator[Pair]:
    waiting = _Open([], [])
    runs = [(role, list(group)) for role, group in groupby(enumerate(turns), key=lambda item: item[1].role)]
    for number, (role, run) in enumerate(runs):
        if role is Role.CUSTOMER:
            _listen([turn.text for _, turn in run], waiting)
        elif role is Role.BOT:
            skipped[BOTS_WORDS] += len(run)
        else:
            found = list(_answer(run, turns, waiting, skipped))
            helped = _helped(runs[number + 1 : number + 2])
            if helped is False:
                skipped[NO_HELP] += len(found)
            else:
                yield from (replace(pair, helped=helped) for pair in found)


def _helped(following: Sequence[tuple[Role, list[tuple[int, Turn]]]]) -> bool | None:
    """What the customer's next turn says of an answer."""
    said = "\n".join(turn.text for role, run in following if role is Role.CUSTOMER for _, turn in run)
    return aftermath.helped(said)


def _listen(texts: list[str], waiting: _Open) -> None:
    asked = [
        without_handles for text in texts if not is_only_courtesy(without_handles := _HANDLES.sub("", text).strip())
    ]
    waiting.since_agent += asked
    waiting.since_answer += asked


def _answer(
    run: list[tuple[int, Turn]], turns: Sequence[Turn], waiting: _Open, skipped: Counter[str]
) -> Iterator[Pair]:
    """The pair of a run of agent turns, which is one answer in several messages."""
    kept: list[tuple[int, str]] = []
    reasons: set[str] = set()
    for place, turn in run:
        answer = trim(turn.text)
        reason = why_no_answer(answer)
        if reason is None:
            kept.append((place, answer))
        else:
            reasons.add(reason)
            skipped[reason] += 1
    question = "\n".join(waiting.since_agent)
    if not is_long_enough(question):
        # A short reply to a question back means something only together with what it belongs to.
        question = "\n".join(waiting.since_answer)
    if kept and not question:
        skipped[NO_QUESTION if run[0][0] == 0 else ONLY_COURTESY] += len(kept)
    elif kept:
        yield _pair(kept, question, _context(turns, run[0][0]))
    _settle(waiting, answered=bool(kept), reasons=reasons)


def _settle(waiting: _Open, *, answered: bool, reasons: set[str]) -> None:
    """After "one moment" the question still stands; after an answer, even a curt one, it does not."""
    if answered or reasons & {Courtesy.REDIRECT, Courtesy.SHORT}:
        waiting.since_agent, waiting.since_answer = [], []
    elif Courtesy.COUNTER_QUESTION in reasons:
        waiting.since_agent = []


def why_no_answer(text: str) -> str | None:
    """The reason why a trimmed agent turn answers nothing, None when it does."""
    kinds = {sentence: classify(sentence) for sentence in sentences.split(text)}
    substance = [sentence for sentence, kind in kinds.items() if kind is None]
    if substance and is_long_enough(" ".join(substance)):
        # Beside "send us a message" or a question back there is seldom more than an apology.
        others = [kind for kind in (Courtesy.REDIRECT, Courtesy.COUNTER_QUESTION) if kind in kinds.values()]
        return others[0] if others and len(substance) == 1 else None
    found = [kind for kind in kinds.values() if kind is not None]
    for reason in REASONS:
        if reason in found:
            return reason
    return Courtesy.SHORT


def _pair(kept: list[tuple[int, str]], question: str, context: str | None) -> Pair:
    answer = _joined([text for _, text in kept])
    title = _title(question, answer)
    personal = has_slot(answer) or bool(particulars.of(answer) or particulars.of(title))
    return Pair(kept[0][0], question, context, answer, title, personal)


def _joined(parts: Sequence[str]) -> str:
    """Messages in a row as one text: a sentence that goes on in the next message stays one sentence."""
    joined = parts[0]
    for part in parts[1:]:
        joined += (" " if joined[-1:].isalnum() and not part[:1].isupper() else "\n") + part
    return joined


def _title(question: str, answer: str) -> str:
    """The question's first real sentence; the answer's when the question speaks of a person."""
    for sentence in sentences.split(question):
        if classify(sentence) is not Courtesy.GREETING and is_long_enough(sentence) and not has_slot(sentence):
            return title_of(sentence)
    return answer_title(answer)


def answer_title(answer: str) -> str:
    """A title in the company's words: the answer's first sentence that answers anything."""
    found = [sentence for sentence in sentences.split(answer) if classify(sentence) is None]
    return title_of(found[0] if found else answer)


def _context(turns: Sequence[Turn], end: int) -> str | None:
    """The last turns before the customer's that the answer at `end` follows."""
    start = end
    while start > 0 and turns[start - 1].role is Role.CUSTOMER:
        start -= 1
    earlier = turns[max(0, start - CONTEXT_TURNS) : start]
    return "\n".join(f"{turn.role.value}: {' '.join(turn.text.split())}" for turn in earlier) or None
