"""Engines that hold vectors, for the tests that all of them must pass."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import make_url

from knowledge_base.indexes.memory_index import MemoryIndex
from knowledge_base.indexes.milvus import MilvusIndex
from knowledge_base.indexes.pgvector import PgvectorIndex
from knowledge_base.indexes.vector_index import Followed, SharedIndex
from tests.knowledge_base.indexed import DIMENSION, VIEWS

OpenShared = Callable[..., SharedIndex]
# Milvus Lite, and a real PostgreSQL: a few rows are compared one by one there unless that is forbidden.
EMBEDDED, MILVUS, PGVECTOR, BY_GRAPHS = "embedded", "milvus", "pgvector", "pgvector by its graphs"
NOT_ONE_BY_ONE = "-c enable_seqscan=off -c enable_sort=off"


@pytest.fixture(params=[MILVUS, PGVECTOR, BY_GRAPHS])
def open_shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenShared]:
    """Opens indexes of one engine, each as a process of its own would."""
    with ExitStack() as opened:
        yield opener(request, tmp_path, opened)


@pytest.fixture
def shared(open_shared: OpenShared) -> SharedIndex:
    """An index that holds all there is: nothing."""
    return empty(open_shared())


@pytest.fixture(params=[EMBEDDED, MILVUS, PGVECTOR, BY_GRAPHS])
def every_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryIndex]:
    """The empty indexes of a process, whose vectors lie in each of the engines."""
    with ExitStack() as opened:
        shared = None if request.param == EMBEDDED else empty(opener(request, tmp_path, opened)())
        index = MemoryIndex(dict.fromkeys(VIEWS, DIMENSION), shared=shared)
        yield index
        index.close()


def opener(request: pytest.FixtureRequest, folder: Path, opened: ExitStack) -> OpenShared:
    """What opens indexes of the engine that is asked for."""
    engine = MilvusIndex if request.param == MILVUS else PgvectorIndex
    url = str(folder / "milvus.db") if request.param == MILVUS else request.getfixturevalue("postgres_url")
    if request.param == BY_GRAPHS:
        url = make_url(url).update_query_dict({"options": NOT_ONE_BY_ONE}).render_as_string(hide_password=False)

    def open_one(space: str = "space") -> SharedIndex:
        index = engine(url, space, dict.fromkeys(VIEWS, DIMENSION))
        opened.callback(index.close)
        return index

    return open_one


def empty(index: SharedIndex) -> SharedIndex:
    """An index made to hold all there is: nothing."""
    index.clear()
    index.note(Followed(0, None))
    return index
