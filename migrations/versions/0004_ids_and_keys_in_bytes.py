"""Ids as sixteen bytes in SQLite, passages' digests as bytes, keys in nine bits a coordinate, encoders by number."""

from typing import Any

import numpy as np
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import sqlite

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IDS = {
    "account": ("id",),
    "answer": ("id",),
    "answer_pair": ("id", "first_id", "second_id"),
    "api_key": ("id",),
    "audit": ("id",),
    "bot_message": ("turn_id", "answer_id", "model_version_id"),
    "change": ("subject_id",),
    "conversation": ("dialogue_id",),
    "dialogue": ("id",),
    "event": ("dialogue_id", "turn_id"),
    "feedback": ("id", "turn_id", "dialogue_id", "answer_id", "suggested_answer_id", "resolved_answer_id"),
    "login": ("account_id",),
    "model_version": ("id", "parent_id"),
    "position": ("id", "answer_id", "turn_id", "feedback_id"),
    "revision": ("id", "answer_id"),
    "turn": ("id", "dialogue_id"),
    "update_run": ("id", "model_version_id"),
}
ID = sa.LargeBinary(16)
POSITION_ID = sa.Uuid().with_variant(ID, "sqlite")
ROWS_A_BATCH = 1000


def upgrade() -> None:
    connection = op.get_bind()
    op.rename_table("key", "old_key")
    with op.batch_alter_table("old_key") as batch:
        batch.drop_index("ix_key_encoder")
    if isinstance(connection.dialect, sqlite.dialect):
        _ids_in_bytes(connection)
    else:
        op.execute("ALTER TABLE old_key RENAME CONSTRAINT pk_key TO pk_old_key")
        op.execute(
            "ALTER TABLE position ALTER COLUMN content_hash TYPE bytea USING decode(left(content_hash, 32), 'hex')"
        )
    op.create_table(
        "encoder",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encoder")),
        sa.UniqueConstraint("version", name=op.f("uq_encoder_version")),
    )
    key = op.create_table(
        "key",
        sa.Column("position_id", POSITION_ID, nullable=False),
        sa.Column("encoder_id", sa.SmallInteger(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["encoder_id"], ["encoder.id"], name=op.f("fk_key_encoder_id_encoder")),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_key_position_id_position"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("position_id", "encoder_id", name=op.f("pk_key")),
    )
    _keys_in_nine_bits(connection, key)
    op.drop_table("old_key")


def _ids_in_bytes(connection: sa.Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    driver.create_function("bytes_of", 1, _bytes_of, deterministic=True)
    for table, columns in IDS.items():
        with op.batch_alter_table(table, recreate="always") as batch:
            for column in columns:
                batch.alter_column(column, existing_type=sa.Uuid(), type_=ID)
            if table == "position":
                batch.alter_column("content_hash", existing_type=sa.String(64), type_=ID)
        changed = [*columns, "content_hash"] if table == "position" else columns
        op.execute(f'UPDATE "{table}" SET ' + ", ".join(f"{column} = bytes_of({column})" for column in changed))  # noqa: S608
    op.execute("UPDATE old_key SET position_id = bytes_of(position_id)")


def _bytes_of(hexadecimal: bytes | str | None) -> bytes | None:
    """What thirty-two digits spell; a change of a column's type makes bytes of the digits themselves."""
    if hexadecimal is None:
        return None
    digits = hexadecimal.decode() if isinstance(hexadecimal, bytes) else hexadecimal
    return bytes.fromhex(digits[:32])


def _keys_in_nine_bits(connection: sa.Connection, key: sa.Table) -> None:
    old = sa.table("old_key", sa.column("position_id", POSITION_ID), sa.column("encoder"), sa.column("vector"))
    versions = connection.execute(sa.select(old.c.encoder).distinct().order_by(old.c.encoder)).scalars().all()
    numbers = {version: number for number, version in enumerate(versions, start=1)}
    encoder = sa.table("encoder", sa.column("id"), sa.column("version"))
    for version, number in numbers.items():
        connection.execute(sa.insert(encoder).values(id=number, version=version))
    query = sa.select(old.c.position_id, old.c.encoder, old.c.vector).execution_options(yield_per=ROWS_A_BATCH)
    for rows in connection.execute(query).partitions():
        connection.execute(
            sa.insert(key),
            [
                {"position_id": position_id, "encoder_id": numbers[version], "vector": _coded(vector)}
                for position_id, version, vector in rows
            ],
        )


def _coded(half_precision: bytes) -> bytes:
    """A unit vector's code (`knowledge_base.quantization` as it was when this was written)."""
    vector = np.frombuffer(half_precision, "<f2").astype(np.float32)
    largest = max(float(np.abs(vector).max()), float(np.finfo(np.float32).eps))
    levels = np.floor(vector * np.float32(254.5 / largest)).astype(np.int16)
    high, low = (levels >> 1).astype(np.int8), np.packbits((levels & 1).astype(bool))
    return b"".join([high.tobytes(), low.tobytes()])
