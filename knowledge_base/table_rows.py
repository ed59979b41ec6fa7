"""Rows of tables as plain JSON values and back, the same for every database."""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, LargeBinary, RowMapping, Table

from knowledge_base.tables.base import Identifier, UtcDateTime


def to_json(table: Table, row: RowMapping) -> dict[str, Any]:
    """A row: ids and moments as text, bytes in base64."""
    return {column.name: _plain(row[column.name]) for column in table.columns}


def from_json(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """The columns' values. Raises KeyError, TypeError, ValueError for what `to_json` did not write."""
    return {column.name: _value(column, values[column.name]) for column in table.columns}


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _value(column: Column[Any], value: Any) -> object:  # noqa: ANN401 - a column's JSON value
    if value is None or isinstance(column.type, JSON):
        return value
    if isinstance(column.type, Identifier):
        return UUID(value)
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    return value
