"""Fits the readers that ship with Weaver on development sets: for memories too small to fit their own.

`python -m benchmarks.shipped_readers` prints what they reach on the halves that they were not fitted on; `--write` also
stores them in the package. Test sets are never read: BANKING77 and CLINC150 give their train and validation questions.
A role (specialist of the language, general) stands for an encoder, so that other encoders are read by the same readers.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import weaver_core
from benchmarks import data, in_process
from benchmarks.in_process import KeptEncoder, Line
from bot.serving.candidates import CandidateSearch, Turn
from weaver_core import calibration
from weaver_core.calibration import Calibration, Sample
from weaver_core.evaluation import auroc, expected_calibration_error
from weaver_core.model import ReadParameters, ViewParameters, read_candidates
from weaver_core.readers import ANY, Readers, pack, role_of

SIZES = (1, 2, 5, 10, 30)
ASKED = 250
FEWEST_IN_MEAN = 200
# Sizes up to which a memory is read by a shipped reader stand for all: s and β are what these want.
SPECIALIST, GENERAL = ViewParameters(0.65, 7.0, -1.0), ViewParameters(0.35, 5.0, -1.0)
BETA, WORDS = 28.0, 0.1
WRITTEN = Path(weaver_core.__file__).parent / "shipped_readers.json"


@dataclass(frozen=True, slots=True)
class Questions:
    """A memory and what it is asked: texts with the answers that fit (none: nothing does)."""

    name: str
    language: str
    lines: tuple[Line, ...]
    asked: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the read saw. Shapes: features (n, 6), right (n,), fits (n,): whether any answer does."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    fits: NDArray[np.bool_]


def intents(name: str, train: Sequence[Mapping[str, Any]], outside: Sequence[str]) -> Iterator[Questions]:
    """Memories of some questions an intent; asked: other questions, those of intents left out, and outside ones."""
    by_intent: dict[str, list[str]] = {}
    for row in train:
        by_intent.setdefault(row["intent"], []).append(row["text"])
    for size in SIZES:
        random = np.random.default_rng(size)
        shuffled = [str(intent) for intent in random.permutation(sorted(by_intent))]
        known, unknown = shuffled[: len(shuffled) * 4 // 5], shuffled[len(shuffled) * 4 // 5 :]
        questions = {intent: [str(text) for text in random.permutation(by_intent[intent])] for intent in shuffled}
        lines = tuple(Line(intent, text) for intent in known for text in questions[intent][:size])
        inside = [(text, (intent,)) for intent in known for text in questions[intent][size:]]
        strange = [(text, ()) for intent in unknown for text in questions[intent]] + [(text, ()) for text in outside]
        asked = [inside[row] for row in random.permutation(len(inside))[:ASKED]]
        asked += [strange[row] for row in random.permutation(len(strange))[: ASKED // 5]]
        yield Questions(f"{name}, {size} an intent", "en", tuple(lines), tuple(asked))


def shop(memory: str, spoken: str) -> Questions:
    """The sample shop's FAQ in one language, asked in one language."""
    lines = in_process.faq(data.shop(f"faq.{memory}.jsonl"))
    kept = tuple(lines)
    known = {line.answer_id for line in kept}
    asked = []
    for row in data.shop(f"questions.{spoken}.jsonl"):
        own = [translated(answer_id, memory) for answer_id in row["answer_ids"]]
        if not own or set(own) & known:
            asked.append((row["question"], tuple(own)))
    return Questions(f"shop, {spoken} asks {memory}", spoken, kept, tuple(asked))


def translated(answer_id: str, language: str) -> str:
    """The sample's answer ids carry their language, English none."""
    plain = answer_id.removesuffix(".zh")
    return f"{plain}.zh" if language == "zh" else plain


def ask(questions: Questions, memory: str, encoders: Sequence[KeptEncoder], read: ReadParameters) -> Heard:
    """Both stages of every question, as serving does them."""
    readers = Readers(tuple(encoders), centres=SHIPPED_CENTRES)
    search = CandidateSearch(encoders, readers)
    search.replace(in_process.memories(questions.lines, memory, encoders))
    seen, right = [], []
    for text, answers in questions.asked:
        vectors = {
            encoder.version: readers.centred(encoder.encode([text])[0], encoder, questions.language)
            for encoder in encoders
            if encoder.version in read.read_views
        }
        found = search.find(Turn(text, text, vectors), search.groups, read)
        assert found is not None
        reading = read_candidates(found.candidates, read)
        order = np.argsort(-reading.scores, kind="stable")
        top = found.memories[int(order[0])]
        seen.append(calibration.features(reading, order, len(top.positions)))
        right.append(top.answer.answer_id in answers)
    search.close()
    return Heard(np.stack(seen), np.array(right), np.array([bool(answers) for _, answers in questions.asked]))


SHIPPED_CENTRES: dict[str, dict[str, NDArray[np.float32]]] = {}


def centre(encoders: Sequence[KeptEncoder]) -> None:
    """The mean of the sample shop's texts in each language, and of both."""
    for encoder in (encoder for encoder in encoders if encoder.centred):
        by_language = {}
        for language in ("en", "zh"):
            texts = [line.text for line in in_process.faq(data.shop(f"faq.{language}.jsonl"))]
            encoder.learn(texts)
            by_language[language] = encoder.encode(texts)
        by_language[ANY] = np.concatenate(list(by_language.values()))
        SHIPPED_CENTRES[encoder.version] = {key: vectors.mean(axis=0) for key, vectors in by_language.items()}


def parameters(language: str, encoders: Sequence[KeptEncoder]) -> ReadParameters:
    """What is read when nothing is fitted."""
    views = {}
    for encoder in encoders:
        role = role_of(encoder, language)
        view = {"specialist": SPECIALIST, "general": GENERAL, None: ViewParameters(0.0)}[role]
        views[encoder.version] = view
    return ReadParameters(views, WORDS, BETA)


def fit(parts: Sequence[Heard]) -> Calibration:
    """One calibration for all; every set counts alike."""
    return calibration.fit(
        Sample(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.fits for part in parts]),
            np.concatenate([np.full(len(part.right), ASKED / len(part.right)) for part in parts]),
        )
    )


def halves(heard: Heard) -> tuple[Heard, Heard]:
    """Every second question, and the others."""
    even, odd = (Heard(heard.features[k::2], heard.right[k::2], heard.fits[k::2]) for k in (0, 1))
    return even, odd


def report(name: str, heard: Heard, fitted: Calibration) -> None:
    chances = fitted.confidences(heard.features)
    scope = auroc(chances, heard.fits)
    shown = "–" if scope is None else f"{scope:.3f}"
    error = expected_calibration_error(chances, heard.right)
    accuracy, right = heard.right[heard.fits].mean(), heard.right.mean()
    print(f"| {name} | {accuracy:.3f} | {chances.mean():.3f} | {right:.3f} | {error:.3f} | {shown} |", flush=True)


def reader(key: str, sets: Sequence[tuple[Questions, str]], encoders: Sequence[KeptEncoder]) -> dict[str, Any]:
    """One shipped reader, reported on the held-out halves and fitted on all."""
    language = key.split(maxsplit=1)[0]
    read = parameters(language, encoders)
    heard = [(questions.name, ask(questions, memory, encoders, read)) for questions, memory in sets]
    tried = fit([halves(part)[0] for _, part in heard])
    for name, part in heard:
        report(f"{key}: {name}", halves(part)[1], tried)
    roles = {role_of(encoder, language): read.views[encoder.version] for encoder in encoders}
    stored = {
        role: {"weight": view.weight, "scale": view.scale, "sentence_trust": view.sentence_trust}
        for role, view in roles.items()
        if role is not None
    }
    return {
        "parameters": {"views": stored, "words": read.words, "beta": read.beta},
        "calibration": fit([part for _, part in heard]).to_json(),
    }


def main() -> None:
    """Fit, print, and store when asked to."""
    english, general = in_process.encoders()
    banking, clinc = data.rows("banking77/train.jsonl"), data.rows("clinc150/train.jsonl")
    outside = [row["text"] for row in data.rows("clinc150/oos_val.jsonl") + data.rows("clinc150/oos_train.jsonl")]
    for encoder in (english, general):
        for texts in (banking, clinc):
            encoder.learn([row["text"] for row in texts])
        for split in ("oos_val", "oos_train"):
            encoder.learn([row["text"] for row in data.rows(f"clinc150/{split}.jsonl")])
        for language in ("en", "zh"):
            encoder.learn([row["question"] for row in data.shop(f"questions.{language}.jsonl")])
    centre((english, general))
    in_english = [*intents("BANKING77", banking, outside), *intents("CLINC150", clinc, outside)]
    english_sets = [(questions, "en") for questions in [*in_english, shop("en", "en")]]
    print("| reader: held-out half | accuracy@1 | mean confidence | right | ECE | scope AUROC |")
    print("|---|---|---|---|---|---|")
    readers = {
        "en general+specialist": reader("en general+specialist", english_sets, (english, general)),
        "en specialist": reader("en specialist", english_sets, (english,)),
        "en general": reader("en general", english_sets, (general,)),
        "zh general": reader("zh general", [(shop("zh", "zh"), "zh")], (english, general)),
        "* general": reader("* general", [(shop("en", "zh"), "en"), (shop("zh", "en"), "zh")], (english, general)),
        "* words": reader("* words", [(shop("zh", "zh"), "zh")], (english,)),
    }
    if "--write" in sys.argv:
        centres = {version: {key: pack(c) for key, c in by.items()} for version, by in SHIPPED_CENTRES.items()}
        WRITTEN.write_text(json.dumps({"centres": centres, "readers": readers}, indent=1) + "\n")


if __name__ == "__main__":
    main()
