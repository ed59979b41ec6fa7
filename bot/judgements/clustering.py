"""Clusters the failures in the reviewer's queue: near-identical questions with the same answer are one problem."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from uuid import UUID

import anyio
import anyio.to_thread
import numpy as np
import structlog
from numpy.typing import NDArray

from bot.background import beside
from bot.serving.active_model import Serving
from bot.serving.encoder_shelf import name_of
from knowledge_base.change_glance import last_write
from knowledge_base.database import Database
from knowledge_base.errors import KnowledgeError
from knowledge_base.reviews import clusters
from knowledge_base.reviews.clusters import Failure, Group, Placed
from weaver_core.readers import ANY, role_of
from weaver_core.texts.language import detect
from weaver_core.texts.normalization import canonical, has_words

LOOK_SECONDS = 1.0
# Texts that are encoded, and clusters that are stored, at once: turns are answered in between.
TEXTS_AT_ONCE, ENTERED_AT_ONCE = 8, 200
# Questions are one problem from this cosine on, the mean of the encoders that know their language.
ONE_PROBLEM = 0.75

_log = structlog.get_logger(__name__)


def clustering(database: Database, serving: Serving) -> AbstractAsyncContextManager[None]:
    """Look for new failures again and again, until the end."""
    return beside(_watch, database, serving)


async def look(database: Database, serving: Serving, most: int | None = None) -> int:
    """Put failures that are in no cluster yet into the nearest one, or one of their own. Returns how many those were.

    Raises KnowledgeError.
    """
    done = 0
    while await _has_new(database):
        async with database.writing() as session:
            await clusters.enter(session, ENTERED_AT_ONCE)
    while most is None or done < most:
        encoder = name_of(serving.encoders)
        async with database.reading() as session:
            failures = await clusters.unplaced(session, encoder, TEXTS_AT_ONCE)
        if not failures:
            break
        await _place(database, serving, encoder, failures)
        done += len(failures)
    return done


async def _has_new(database: Database) -> bool:
    async with database.reading() as session:
        return await clusters.has_new(session)


async def _place(database: Database, serving: Serving, encoder: str, failures: Sequence[Failure]) -> None:
    groups: dict[Group, list[Failure]] = defaultdict(list)
    for failure in failures:
        language = detect(failure.question) or ANY
        groups[Group(failure.answer_id, failure.collection, language, encoder)].append(failure)
    for group, members in groups.items():
        worded = [one for one in members if has_words(one.question)]
        placed = [Placed(one.turn_id, one.turn_id, None) for one in members if not has_words(one.question)]
        vectors = await _vectors(serving, [one.question for one in worded], group.language)
        async with database.reading() as session:
            known, held = await clusters.founders(session, group)
        placed += await anyio.to_thread.run_sync(partial(nearest, worded, vectors, known, held))
        async with database.writing() as session:
            await clusters.place(session, group, placed)


def nearest(
    failures: Sequence[Failure], vectors: NDArray[np.float32], known: list[UUID], held: NDArray[np.float32]
) -> list[Placed]:
    """Each failure with the likest cluster of its group, a new one where none is like it; those count at once.

    Shapes: vectors (n, d), held (clusters, d), unit length.
    """
    placed: list[Placed] = []
    names = list(known)
    founding = np.zeros((len(known) + len(failures), vectors.shape[1]), np.float32)
    founding[: len(known)] = held if len(known) else 0
    for failure, vector in zip(failures, vectors, strict=True):
        cosines = founding[: len(names)] @ vector
        best = int(np.argmax(cosines)) if names else -1
        if best >= 0 and cosines[best] >= ONE_PROBLEM:
            placed.append(Placed(failure.turn_id, names[best], vector))
            continue
        placed.append(Placed(failure.turn_id, failure.turn_id, vector))
        founding[len(names)] = vector
        names.append(failure.turn_id)
    return placed


async def _vectors(serving: Serving, texts: Sequence[str], language: str) -> NDArray[np.float32]:
    """The texts' unit vectors, those of all encoders that know the language side by side. Shape: (n, d)."""
    if not texts:
        return np.zeros((0, 0), np.float32)
    encoders, readers = serving.encoders, serving.readers
    by_encoder = await serving.encode([canonical(text) for text in texts])
    knowing = [one for one in encoders if role_of(one, language)] or list(encoders)
    views = [readers.centred(by_encoder[one.version], one, language) for one in knowing if one.version in by_encoder]
    # Cosines of what stands side by side are the views' mean.
    joined: NDArray[np.float32] = (np.concatenate(views, axis=1) / np.sqrt(len(views))).astype(np.float32)
    return joined


async def _watch(database: Database, serving: Serving) -> None:
    seen: object = None
    while True:
        await anyio.sleep(LOOK_SECONDS)
        touched = (last_write(database.path) if database.path else None, name_of(serving.encoders))
        if database.is_sqlite and touched == seen:
            continue
        try:
            await look(database, serving)
            seen = touched
        except KnowledgeError as error:
            _log.warning("failures_not_clustered", reason=str(error))
