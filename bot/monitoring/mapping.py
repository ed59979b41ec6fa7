"""A map of the memory: its answers in two dimensions, drawn again when the memory has changed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import anyio.to_thread
import numpy as np

from knowledge_base import changes
from knowledge_base.database import Database
from knowledge_base.watching import landscape, watch
from weaver_core.encoders.encoder import Encoder
from weaver_core.projection import project


async def draw(database: Database, encoders: Sequence[Encoder]) -> bool:
    """Draw the map of the memory as these encoders know it, unless it is drawn already. Returns whether it was drawn.

    Raises KnowledgeError.
    """
    # One that knows every language shows them on one map.
    encoder = next((one for one in encoders if not one.languages), encoders[0]).version
    async with database.reading() as session:
        version = f"{await changes.latest(session)} {encoder}"
        if (await watch.get(session)).memory_map.get("version") == version:
            return False
        ids = await landscape.some_answers(session)
        keys = await landscape.keys(session, encoder, ids)
        sent = await landscape.sent(session)
    known = [answer_id for answer_id in ids if answer_id in keys]
    vectors = np.stack([keys[answer_id] for answer_id in known]) if known else np.zeros((0, 2), np.float32)
    places = await anyio.to_thread.run_sync(partial(project, vectors))
    points: list[list[Any]] = [
        [str(answer_id), round(float(x), 3), round(float(y), 3), sent.get(answer_id, 0)]
        for answer_id, (x, y) in zip(known, places, strict=True)
    ]
    async with database.writing() as session:
        await watch.drew(session, {"version": version, "points": points})
    return True
