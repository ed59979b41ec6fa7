"""What the memory teaches the model: a new version, fitted on the memory language by language."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from bot.serving.candidates import CandidateSearch, Turn, covered
from bot.serving.encoder_shelf import DELTAS, TEXTS, name_of
from bot.updates import held_out
from knowledge_base import memories, models
from knowledge_base.database import Database
from knowledge_base.indexes.lexical import Place
from knowledge_base.memories import Memory
from knowledge_base.models import ModelDraft, ModelVersion
from knowledge_base.positions import Position
from weaver_core import leave_one_out
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder
from weaver_core.leave_one_out import FEWEST_TO_CALIBRATE, MOST_QUESTIONS, Case, Fit, Progress
from weaver_core.readers import ANY, Centres, Reader, Readers

SEED = 20
# With fewer positions in a language, the shipped mean of its vectors is the better guess.
FEWEST_TO_CENTRE = 200
# Another centre means other indexes of everything; a mean of some hundred vectors is not surer than this.
CENTRE_MOVES = 0.02
# A question that was contradicted asks for nothing any more.
TRUSTED = -10.0


@dataclass(frozen=True, slots=True)
class AfterTraining:
    """What is known of the read when encoders were trained: `may_ask` are the questions that they were not trained on.

    These alone ask in a language where they are enough. `read` makes of a shipped reader the one of a language.
    """

    may_ask: Callable[[Position], bool]
    read: Callable[[Reader, str], Reader]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A stored question that asks, in the group that its answer belongs to."""

    place: Place
    text: str
    group: tuple[str, str | None]


async def refit(
    database: Database, encoders: Sequence[Encoder], by: str, progress: Progress | None = None
) -> ModelVersion | None:
    """Fit the read and its calibration on the memory, language by language, and make them the active version.

    None when no language has enough questions.
    """
    async with database.reading() as session:
        every = memories.every(session, [encoder.version for encoder in encoders])
        moment = datetime.now(UTC)
        loaded = [memory async for memory in every if memory.positions and memory.answer.servable_at(moment)]
        active = await models.active(session)
        choice = await held_out.choice(session)
    same = active is not None and active.encoder == name_of(encoders)
    before = Readers.from_json(active.parameters, encoders) if active and same else None
    known = {key: active.parameters[key] for key in (DELTAS, TEXTS) if active and same and key in active.parameters}
    after = as_before(before, choice) if before and known.get(DELTAS) else None
    readers, fits = await anyio.to_thread.run_sync(partial(fit, loaded, encoders, progress, before, after))
    if not fits:
        return None
    async with database.writing() as session:
        return await models.promote_fit(session, draft(readers, fits, known), by)


def as_before(before: Readers, choice: int) -> AfterTraining:
    """Languages read as they are, and calibrated on the questions that the encoders were not trained on."""
    return AfterTraining(
        lambda position: held_out.is_held_out(held_out.subject(position), choice),
        lambda shipped, language: before.fitted.get(language, shipped),
    )


def fit(
    loaded: Sequence[Memory],
    encoders: Sequence[Encoder],
    progress: Progress | None = None,
    before: Readers | None = None,
    after: AfterTraining | None = None,
) -> tuple[Readers, dict[str, Fit]]:
    """Fit what these memories can tell: the readers, and by language what they reached.

    Centres stay those that there were before where the memory's means are near them. What is known of the read `after`
    the encoders were trained is not fitted.
    """
    loaded = [covered(memory) for memory in loaded]
    centres = _centres(loaded, before or Readers(tuple(encoders)))
    readers = Readers(tuple(encoders), centres=centres)
    asked = _asked(loaded, after.may_ask if after else None)
    total = sum(map(len, asked.values()))
    done = 0
    fits: dict[str, Fit] = {}
    search = CandidateSearch(encoders, readers)
    try:
        search.replace(loaded)
        for language, questions in asked.items():
            heard = None if progress is None else partial(_hear, progress, done, total)
            prior = after.read(readers.of(language), language) if after else readers.of(language)
            fitting = leave_one_out.fit_sureness if after else leave_one_out.fit
            fitted = fitting(_cases(search, prior, questions), len(questions), prior, heard)
            done += len(questions)
            if fitted is not None:
                fits[language] = fitted
    finally:
        search.close()
    return Readers(tuple(encoders), {language: fitted.reader for language, fitted in fits.items()}, centres), fits


def _hear(progress: Progress, before: int, total: int, done: int, _: int) -> None:
    progress(before + done, total)


def _centres(loaded: Sequence[Memory], before: Readers) -> Centres:
    """The mean vector of each language's positions, for the encoders whose vectors crowd around it."""
    found: dict[str, Mapping[str, NDArray[np.float32]]] = {}
    for encoder in (encoder for encoder in before.encoders if encoder.centred):
        by_language: dict[str, list[NDArray[np.float32]]] = {}
        for memory in loaded:
            by_language.setdefault(memory.answer.language or ANY, []).append(memory.vectors[encoder.version])
        means = {language: np.concatenate(parts) for language, parts in by_language.items()}
        fitted = {
            language: _moved(vectors.mean(axis=0), before, encoder, language)
            for language, vectors in means.items()
            if len(vectors) >= FEWEST_TO_CENTRE
        }
        found[encoder.version] = {language: centre for language, centre in fitted.items() if centre is not None}
    return found


def _moved(mean: NDArray[np.float32], before: Readers, encoder: Encoder, language: str) -> NDArray[np.float32] | None:
    """The centre of a language: the mean, or the one before if that is near; None where that one is shipped."""
    known = before.centre(encoder, None if language == ANY else language)
    if known is None or np.linalg.norm(mean - known) > CENTRE_MOVES:
        return mean
    return before.centres.get(encoder.version, {}).get(language)


def _asked(loaded: Sequence[Memory], may_ask: Callable[[Position], bool] | None) -> dict[str, list[_Asked]]:
    """By language the questions that ask: those whose answer has another position, a sample of them if many."""
    found: dict[str, list[_Asked]] = {}
    preferred: dict[str, list[_Asked]] = {}
    for memory in loaded:
        answer = memory.answer
        if len(memory.positions) < 2:  # noqa: PLR2004 - itself and another
            continue
        language = answer.language or ANY
        for place, position in enumerate(memory.positions):
            if position.kind is PositionKind.SENTENCE or position.trust <= TRUSTED:
                continue
            asked = _Asked(Place(answer.id, place), position.text, (answer.collection, answer.language))
            found.setdefault(language, []).append(asked)
            if may_ask is not None and may_ask(position):
                preferred.setdefault(language, []).append(asked)
    found |= {language: asked for language, asked in preferred.items() if len(asked) >= FEWEST_TO_CALIBRATE}
    random = np.random.default_rng(SEED)
    return {
        language: [questions[row] for row in sorted(random.permutation(len(questions))[:MOST_QUESTIONS])]
        for language, questions in found.items()
    }


def _cases(search: CandidateSearch, prior: Reader, asked: Sequence[_Asked]) -> Iterator[Case]:
    known = {}
    views = prior.parameters.read_views
    for question in asked:
        place = question.place
        if place.answer_id not in known:
            known = {place.answer_id: search.memories([place.answer_id])[0]}
        vectors = {view: known[place.answer_id].vectors[view][place.position] for view in views}
        turn = Turn(question.text, question.text, vectors)
        position_id = known[place.answer_id].positions[place.position].id
        found = search.find_without(turn, place.answer_id, position_id, [question.group], prior.parameters)
        owners = [memory.answer.id for memory in found.memories]
        yield Case(found.candidates, owners.index(place.answer_id))


def draft(readers: Readers, fits: Mapping[str, Fit], known: Mapping[str, Any]) -> ModelDraft:
    """A version that reads so. `known` is what else its parameters say: of how its encoders were trained, say."""
    figures: dict[str, Any] = {
        language: {
            "questions": fit.questions,
            "loss": fit.loss,
            "accuracy": fit.accuracy,
            "confidence": fit.confidence,
        }
        for language, fit in fits.items()
    }
    log = "\n".join(_say(language, fit, readers.encoders) for language, fit in fits.items())
    return ModelDraft(name_of(readers.encoders), {**readers.to_json(), **known}, figures, log)


def _say(language: str, fit: Fit, encoders: Sequence[Encoder]) -> str:
    parameters = fit.reader.parameters
    views = "; ".join(
        f"{encoder.version.split('@')[0]} weight {view.weight:g}, s = {view.scale:g}, "
        f"trust in sentences {view.sentence_trust:g}"
        for encoder in encoders
        if (view := parameters.views[encoder.version]).weight > 0
    )
    return (
        f"{language}: left out one at a time, {fit.questions} questions found their answer {fit.accuracy:.1%} of the "
        f"time (loss {fit.loss:.3f} nats) with {views or 'no encoder'}; words {parameters.words:g}, "
        f"β = {parameters.beta:g}."
    )
