"""Whole dialogues of a shop: what people ask, what agents answer, and the secrets planted in both."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.planting import sentences, shapes, values
from benchmarks.planting.secret import Group, Secret
from benchmarks.planting.sentences import MATTERS, Sentence

_END = {"en": " ", "zh": ""}
_TWICE, _WITHOUT_CUSTOMER, _IN_THE_ANSWER = 0.1, 0.2, 0.6


@dataclass(frozen=True, slots=True)
class Planted:
    """A dialogue as a file for `weaver import` holds it, its first question, and the secrets in it."""

    line: dict[str, Any]
    question: str
    secrets: tuple[Secret, ...]


def plant(count: int, seed: int, most: Group = Group.UNSEEN) -> list[Planted]:
    """So many dialogues, half of them Chinese, the same in every run of a seed.

    Only shapes and sentences of groups up to `most` are used. A tenth of the customers come back
    in a second dialogue with the same secrets, a fifth of the dialogues name no customer.
    """
    rng = random.Random(seed)
    values.seed(seed)
    made: list[Planted] = []
    while len(made) < count:
        language = ("en", "zh")[len(made) % 2]
        named = rng.random() >= _WITHOUT_CUSTOMER
        number = len(made)
        customer = f"customer-{seed}-{number}" if named else None
        planted = [_plant(rng, kind, language, most=most) for kind in _kinds(rng)]
        made.append(_dialogue(rng, f"d{seed}-{number}", customer, language, planted))
        if named and rng.random() < _TWICE and len(made) < count:
            made.append(_dialogue(rng, f"d{seed}-{number}-again", customer, language, planted))
    return made


def _kinds(rng: random.Random) -> list[str]:
    return rng.sample(sentences.kinds(), rng.randint(2, 3))


def _plant(rng: random.Random, kind: str, language: str, *, most: Group) -> tuple[Secret, Sentence, Sentence | None]:
    value = values.MAKERS[kind, language](rng)
    shape = rng.choice([shape for shape in shapes.of(kind, language) if shape.group <= most])
    written = shape.write(rng, value)
    known = [sentence for sentence in sentences.of(kind, language) if sentence.group <= most]
    asked = rng.choice([sentence for sentence in known if not sentence.by_agent])
    told = [sentence for sentence in known if sentence.by_agent]
    answered = rng.choice(told) if told and rng.random() < _IN_THE_ANSWER else None
    # What the agent says decides whether another customer could read it.
    group = max(shape.group, asked.group, answered.group if answered else Group.KNOWN)
    return Secret(kind, language, written.text, written.fragments, shape.name, group), asked, answered


def _dialogue(
    rng: random.Random,
    dialogue_id: str,
    customer: str | None,
    language: str,
    planted: Sequence[tuple[Secret, Sentence, Sentence | None]],
) -> Planted:
    question, answer = rng.choice(MATTERS[language])
    turns = [{"role": "customer", "text": question}]
    said = [asked.text.format(x=secret.written) for secret, asked, _ in planted]
    if rng.random() < 0.5:  # noqa: PLR2004
        turns[0]["text"] = _joined(language, [question, *said])
    else:
        turns += [{"role": "customer", "text": text} for text in said]
    told = [sentence.text.format(x=secret.written) for secret, _, sentence in planted if sentence]
    if rng.random() < 0.5:  # noqa: PLR2004
        turns.append({"role": "agent", "text": _joined(language, [*told, answer])})
    else:
        turns += [{"role": "agent", "text": text} for text in (answer, *told)]
    line: dict[str, Any] = {"id": dialogue_id, "language": language, "turns": turns}
    if customer is not None:
        line["customer"] = customer
    return Planted(line, turns[0]["text"], tuple(secret for secret, _, _ in planted))


def _joined(language: str, parts: Sequence[str]) -> str:
    mark = {"en": ".", "zh": "。"}[language]
    ended = [part if part[-1:] in ".。!?！？" else part + mark for part in parts]
    return _END[language].join(ended)


def probes() -> list[str]:
    """What other customers could ask: every matter, and every sentence with nothing where the secret stood."""
    asked = [question for matters in MATTERS.values() for question, _ in matters]
    for language in ("en", "zh"):
        for kind in sentences.kinds():
            asked += [sentence.text.format(x="").strip() for sentence in sentences.of(kind, language)]
    return list(dict.fromkeys(text for text in asked if text))
