"""Engines in the embedded index's place, for the tests that all of them must pass."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from knowledge_base.indexes.milvus import MilvusIndex
from knowledge_base.indexes.pgvector import PgvectorIndex
from knowledge_base.indexes.vector_index import Followed, SharedIndex
from tests.knowledge_base.indexed import DIMENSION, VIEWS

OpenShared = Callable[..., SharedIndex]
# A few rows are compared one by one unless that is forbidden.
BY_GRAPH = "-c enable_seqscan=off -c enable_sort=off"


@pytest.fixture(params=["milvus", "pgvector", "pgvector by its graphs"])
def open_shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenShared]:
    """Opens indexes of one engine, each as a process of its own would: Milvus Lite, then a real PostgreSQL."""
    engine = MilvusIndex if request.param == "milvus" else PgvectorIndex
    url = str(tmp_path / "milvus.db") if request.param == "milvus" else request.getfixturevalue("postgres_url")
    if request.param == "pgvector by its graphs":
        url = make_url(url).update_query_dict({"options": BY_GRAPH}).render_as_string(hide_password=False)
    opened: list[SharedIndex] = []

    def open_one(space: str = "space") -> SharedIndex:
        opened.append(engine(url, space, dict.fromkeys(VIEWS, DIMENSION)))
        return opened[-1]

    yield open_one
    for index in opened:
        index.close()


@pytest.fixture
def shared(open_shared: OpenShared) -> SharedIndex:
    """An index that holds all there is: nothing."""
    made = open_shared()
    made.clear()
    made.note(Followed(0, None))
    return made
