"""Milvus: how it is reached. What it finds: test_shared_index.py."""

import pytest

from knowledge_base.errors import IndexUnavailableError
from knowledge_base.indexes.milvus import MilvusIndex, _address
from tests.knowledge_base.indexed import DIMENSION, VIEWS


def test_a_milvus_that_does_not_answer_is_named() -> None:
    with pytest.raises(IndexUnavailableError, match="Milvus at localhost"):
        MilvusIndex("http://localhost:9", "space", dict.fromkeys(VIEWS, DIMENSION))


def test_a_url_names_the_server_the_database_and_the_account() -> None:
    assert _address("https://ada:p%40ss@host/shop") == {
        "uri": "https://host:19530",
        "db_name": "shop",
        "token": "ada:p@ss",
    }
    assert _address("var/milvus.db") == {"uri": "var/milvus.db"}
