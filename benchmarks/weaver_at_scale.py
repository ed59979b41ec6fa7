"""The product's own steps on a large installation, each timed: encoded, indexed, opened, asked, added to."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time, process_time_ns
from typing import Any

import anyio
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from benchmarks import large, postgres
from benchmarks.corpus import Corpus
from benchmarks.latency import mapped_memory, own_memory, timed
from bot.commands.environment import open_encoder
from bot.reply import Query
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from knowledge_base import answers, keys, positions, schema, table_streams
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.encoding import encode_missing
from knowledge_base.indexes.memory_index import MemoryIndex
from knowledge_base.indexes.partition import Partition
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.positions import PositionDraft
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder
from weaver_core.texts.normalization import canonical

FOUND = 10
GROUP = ("default", "en")
# Bytes of the rows and of the graphs that PostgreSQL searches.
SIZES = text("""
    SELECT sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relkind = 'r') - sum(pg_relation_size(c.oid)) FILTER (
    WHERE a.amname = 'hnsw'), sum(pg_relation_size(c.oid)) FILTER (WHERE a.amname = 'hnsw')
    FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam
    WHERE c.relnamespace = 'weaver_index'::regnamespace AND c.relkind IN ('r', 'i')
""")
BATCH = 64


def encoders() -> tuple[Encoder, Encoder]:
    """Both default encoders, one thread each."""
    return open_encoder("english"), open_encoder("multilingual")


def views() -> tuple[str, str]:
    """Their versions."""
    first, second = encoders()
    return first.version, second.version


def serving_of(home: Path, database: Database) -> Serving:
    """The active model of an installation, with its indexes on disk."""
    index_url = "" if database.is_sqlite else large.url_of(home)
    both, options = encoders(), DecisionOptions(index_url=index_url)
    return Serving(database, both, options, home / f"{large.DATABASE}-index")


def index_of(serving: Serving) -> MemoryIndex:
    """The indexes behind a model."""
    return serving._serving.retriever._search._index  # noqa: SLF001 - what is timed is a part of it


async def encode(home: Path, corpus: Corpus, pairs: int) -> dict[str, float]:
    """Import some pairs and encode them, against encoding the same texts alone; CPU time, alternating in batches."""
    lines = home / "faq.jsonl"
    large.write_faq(home / "all.jsonl", corpus)
    with (home / "all.jsonl").open() as source:
        lines.write_text("".join(next(source) for _ in range(pairs)))
    schema.upgrade(large.url_of(home))
    database = Database(large.url_of(home))
    both = encoders()
    for encoder in both:
        encoder.encode(corpus.texts[:BATCH])
    start = process_time()
    await import_file(database, lines, ImportOptions())
    for encoder in both:
        await encode_missing(database, encoder)
    whole = process_time() - start
    async with database.reading() as session:
        texts = [canonical(one.text) for one in await keys.missing(session, "none", 10**9)]
    await database.close()
    start = process_time()
    for encoder in both:
        for first in range(0, len(texts), BATCH):
            encoder.encode(texts[first : first + BATCH])
    alone = process_time() - start
    return {"share": whole / alone, "texts a CPU second": len(texts) / alone}


async def index(home: Path) -> dict[str, Any]:
    """Make the indexes from SQL and write them."""
    database = Database(large.url_of(home))
    serving = serving_of(home, database)
    start = process_time()
    await serving.load()
    made = process_time() - start
    began = perf_counter()
    await serving.save()
    saved = perf_counter() - began
    held = len(index_of(serving))
    serving.close()
    await database.close()
    sizes = list(large.disk(home))
    arrays = next(size for name, size in sizes if name.endswith("arrays"))
    return {"made": made, "saved": saved, "disk": sizes, "view": arrays / 2, "vectors": vectors_alone(home, held)}


def vectors_alone(home: Path, held: int) -> float:
    """CPU seconds to index one view's vectors and nothing else, as plain engines do."""
    vectors = np.load(home.parent / "corpus" / "vectors.npy", mmap_mode="r")
    assert held >= len(vectors)
    partition = Partition({"view": vectors.shape[1]})
    start = process_time()
    for first in range(0, len(vectors), 500):
        part = np.asarray(vectors[first : first + 500])
        partition.put(np.arange(first, first + len(part)), {"view": part})
    return process_time() - start


async def fill(source: Path, home: Path) -> dict[str, float]:
    """Copy an installation into PostgreSQL, and fill the index there. Returns CPU seconds, and bytes a position."""
    url = postgres.url_of(home)
    schema.upgrade(url)
    origin, database = Database(large.url_of(source)), Database(url)
    await table_streams.copy(origin, database, lambda _done, _total: None)
    await origin.close()
    serving = serving_of(home, database)
    start = postgres.clock_of(home)()
    await serving.load()
    made = (postgres.clock_of(home)() - start) / 1e9
    await serving.save()
    held = len(index_of(serving))
    serving.close()
    async with database.reading() as session:
        rows, graphs = (await session.execute(SIZES)).one()
    await database.close()
    return {"made": made, "rows": float(rows) / held, "graph": float(graphs) / held / len(serving.encoders)}


async def serve(home: Path, corpus: Corpus, added: int) -> dict[str, float]:
    """Open the indexes as a start does, search, answer turns, and add positions."""
    database = Database(large.url_of(home))
    serving = serving_of(home, database)
    owners = await large.owners(home)
    owned, mapped = own_memory(), mapped_memory()
    worked, began = process_time(), perf_counter()
    await serving.load()
    took = {"open": perf_counter() - began, "open CPU": process_time() - worked}
    assert (home / f"{large.DATABASE}-index").is_dir(), "the indexes are not on disk"
    held, view = index_of(serving), serving.encoders[0].version
    held.by_vector(view, np.array(corpus.queries[0]), FOUND, [GROUP])
    clock = process_time_ns if database.is_sqlite else postgres.clock_of(home)
    queries = [np.array(query) for query in corpus.queries]
    times, found = timed(lambda query: held.by_vector(view, query, FOUND, [GROUP]), queries, clock)
    shares = [
        len({hit.answer_id for hit in hits} & set(owners[rows])) / len(set(owners[rows]))
        for hits, rows in zip(found, corpus.nearest, strict=True)
    ]
    ram, touched = (own_memory() - owned) / len(held), (mapped_memory() - mapped) / len(held)
    turns = turns_alone(serving, corpus, clock)
    own = [await add(serving, corpus.queries[number], followed=False) for number in range(added)]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serving._follow)  # noqa: SLF001 - as a service does
        heard = [await add(serving, corpus.queries[number], followed=True) for number in range(added)]
        tasks.cancel_scope.cancel()
    serving.close()
    await database.close()
    return {
        **took,
        **times,
        **turns,
        "recall": float(np.mean(shares)),
        "ram": ram,
        "touched": touched,
        "added": float(np.median(own)),
        "heard": float(np.median(heard)),
        "latest": float(np.max(heard)),
    }


def turns_alone(serving: Serving, corpus: Corpus, clock: Callable[[], int]) -> dict[str, float]:
    """CPU milliseconds of turns without their encoders' part."""
    whole = timed(lambda text: serving._serving.retriever.respond(Query(text)), list(corpus.asked), clock)[0]  # noqa: SLF001
    alone = timed(lambda text: [encoder.encode([text]) for encoder in serving.encoders], list(corpus.asked))[0]
    return {"turn": whole["median"] - alone["median"], "turn p95": whole["p95"] - alone["p95"]}


async def add(serving: Serving, vector: NDArray[np.float32], *, followed: bool) -> float:
    """Milliseconds from storing a position until a search finds it, itself told or by following the change counter."""
    database = serving._database  # noqa: SLF001 - the same one
    noise = np.random.default_rng().normal(size=vector.shape).astype(np.float32)
    unit = np.asarray(noise / np.linalg.norm(noise), np.float32)
    view = serving.encoders[0].version
    start = perf_counter()
    async with database.writing() as session:
        answer = await answers.create(session, AnswerDraft(f"A new one, {start}.", "New", language="en"), "benchmark")
        draft = PositionDraft(PositionKind.QUESTION, f"Is {start} new?", language="en")
        (position_id,) = await positions.add(session, answer.id, [draft])
        for encoder in serving.encoders:
            await keys.put(session, encoder.version, {position_id: unit}, [answer.id])
    if not followed:
        await serving.catch_up()
    while not any(hit.answer_id == answer.id for hit in index_of(serving).by_vector(view, unit, 1, [GROUP])):
        assert followed, "what was followed is not found"
        await anyio.sleep(0.002)
    return 1000 * (perf_counter() - start)
