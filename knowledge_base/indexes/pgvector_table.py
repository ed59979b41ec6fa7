"""The table of vectors of one space in PostgreSQL: a row for each position, partitions, and graphs over them."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from psycopg import errors, sql
from psycopg.types.json import Jsonb

from knowledge_base.errors import IndexUnavailableError
from knowledge_base.indexes.pgvector_connection import Connection
from knowledge_base.vector_tables import GRAPHS, SCHEMA, WRITING, lock_of

EXTENSION, OLDEST = "vector", (0, 8)
# The partition of the row that says what the table holds; no search looks at it.
STAMP, NOBODY = "stamp", UUID(int=0)
# What a row takes beside its vector while a graph is made, at most. A graph that outgrows the memory takes far longer.
BYTES_A_NODE, MOST_KILOBYTES = 1024, 1_000_000

# A position's row: its answer, its group, and its vector in each view.
Row = tuple[UUID | str | bytes, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name, and the length d of the vectors in each of its columns."""

    name: str
    columns: Mapping[str, int]

    def say(self, statement: LiteralString, *columns: str) -> sql.Composed:
        """A statement about this table: `{table}`, and `{columns}`."""
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        return sql.SQL(statement).format(table=sql.Identifier(SCHEMA, self.name), columns=listed)

    def part(self, place: str) -> sql.Identifier:
        """The partition of a group."""
        return sql.Identifier(SCHEMA, f"{self.name}_{place}")


def note_of(connection: Connection, table: Table) -> Mapping[str, Any] | None:
    """What the table says that it holds; None when it is not there whole, or not finished."""
    graphs = """
        SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE i.indrelid = to_regclass(%s) AND i.indisvalid AND a.amname = 'hnsw'
    """
    if connection.execute(graphs, (f"{SCHEMA}.{table.name}",)).fetchone() != (len(table.columns),):
        return None
    found = connection.execute(table.say("SELECT note FROM {table} WHERE place = %s"), (STAMP,)).fetchone()
    return found[0] if found else None


def note(connection: Connection, table: Table, said: Mapping[str, Any]) -> None:
    """Let the table say what it holds."""
    statement = """
        INSERT INTO {table} (position, answer, place, note) VALUES (%s, %s, %s, %s)
        ON CONFLICT (position, place) DO UPDATE SET note = excluded.note
    """
    connection.execute(table.say(statement), (NOBODY, NOBODY, STAMP, Jsonb(said)))


def make(connection: Connection, table: Table) -> None:
    """Make an empty table without graphs. Raises IndexUnavailableError when PostgreSQL lacks what it takes."""
    with connection.transaction():
        _lock(connection)
        _prepare(connection)
        connection.execute(table.say("DROP TABLE IF EXISTS {table}"))
        kinds = [sql.SQL("{} halfvec({})").format(sql.Identifier(name), d) for name, d in table.columns.items()]
        statement = sql.SQL("""
            CREATE TABLE {} (position uuid, answer uuid NOT NULL, place text, note jsonb, {},
            PRIMARY KEY (position, place)) PARTITION BY LIST (place)
        """)
        connection.execute(statement.format(sql.Identifier(SCHEMA, table.name), sql.SQL(", ").join(kinds)))
        connection.execute(table.say("CREATE INDEX ON {table} (answer)"))
    _make_parts(connection, table, {STAMP})


def make_graphs(connection: Connection, table: Table) -> None:
    """Make the graphs over the rows that are there; rows that come later are added to them."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock_of(GRAPHS, table.name),))
    (rows,) = connection.execute(table.say("SELECT count(*) FROM {table}")).fetchone() or (0,)
    memory = "SELECT setting::int FROM pg_settings WHERE name = 'maintenance_work_mem'"
    (allowed,) = connection.execute(memory).fetchone() or (0,)
    wanted = min(rows * (BYTES_A_NODE + 2 * max(table.columns.values())) // 1024, MOST_KILOBYTES)
    if wanted > allowed:
        # Several workers would hold it in shared memory, of which a container has little.
        connection.execute("SET LOCAL max_parallel_maintenance_workers = 0")
        connection.execute(sql.SQL("SET LOCAL maintenance_work_mem = {}").format(wanted))
    for column in table.columns:
        statement = sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} USING hnsw ({} halfvec_ip_ops)")
        name = sql.Identifier(f"{table.name}_{column}")
        connection.execute(statement.format(name, sql.Identifier(SCHEMA, table.name), sql.Identifier(column)))
    connection.execute(table.say("ANALYZE {table}"))


def write(connection: Connection, table: Table, answer_ids: Sequence[UUID], wanted: Mapping[UUID, Row]) -> None:
    """Let these positions be all that the answers have. What is there already stays: graphs grow by all that comes."""
    _make_parts(connection, table, {str(row[1]) for row in wanted.values()})
    columns = ("position", "answer", "place", *table.columns)
    with connection.transaction():
        _lock(connection)
        # A position may have come from an answer that is not among these.
        held_by = "SELECT {columns} FROM {table} WHERE answer = ANY(%s) OR position = ANY(%s)"
        values = (list(answer_ids), list(wanted))
        found = connection.execute(table.say(held_by, *columns), values, binary=True).fetchall()
        held = {row[0]: tuple(row[1:]) for row in found}
        gone = [position for position, row in held.items() if wanted.get(position) != row]
        if gone:
            connection.execute(table.say("DELETE FROM {table} WHERE position = ANY(%s)"), (gone,))
        new = [(position, *row) for position, row in wanted.items() if held.get(position) != row]
        if new:
            statement = table.say("COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)", *columns)
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in new:
                    copy.write_row(row)


def rows_of(
    connection: Connection, table: Table, columns: Sequence[str], positions: Sequence[UUID], places: Collection[str]
) -> list[tuple[bytes, ...]]:
    """The ids and vectors of these positions, as they are sent in binary."""
    statement = table.say(
        "SELECT uuid_send(position), {columns} FROM {table} WHERE position = ANY(%s::uuid[]) AND place = ANY(%s)",
        *columns,
    )
    # To spell and to read hundreds of ids one by one would take as long as to find them.
    values = ("{" + ",".join(position.hex for position in positions) + "}", list(places))
    return connection.execute(statement, values, binary=True).fetchall()


def drop_others(connection: Connection, table: Table) -> None:
    """Drop the tables of other spaces that no process has open. One that a dump reads is left to the next start."""
    tables = "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'p' AND relname <> %s"
    for (name,) in connection.execute(tables, (SCHEMA, table.name)).fetchall():
        with suppress(errors.LockNotAvailable), connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '1s'")
            free = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (lock_of("use", name),)).fetchone()
            if free == (True,):
                _lock(connection)
                connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(SCHEMA, name)))


def sweep(connection: Connection, table: Table) -> None:
    """Drop the rows of positions that SQL does not have: a process may have been killed before it followed a change."""
    statement = """
        DELETE FROM {table} held WHERE place <> %s AND NOT EXISTS (SELECT FROM position p WHERE p.id = held.position)
    """
    with connection.transaction():
        _lock(connection)
        connection.execute(table.say(statement), (STAMP,))


def _make_parts(connection: Connection, table: Table, places: Collection[str]) -> None:
    if not _missing(connection, table, places):
        return
    with connection.transaction():
        _lock(connection)
        # Another process may have made some meanwhile.
        for place in _missing(connection, table, places):
            # Made as a part at once, it would wait for all who read the table, and searches would wait for it.
            whole, part = sql.Identifier(SCHEMA, table.name), table.part(place)
            connection.execute(sql.SQL("CREATE TABLE {} (LIKE {})").format(part, whole))
            attach = sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})")
            connection.execute(attach.format(whole, part, place))


def _missing(connection: Connection, table: Table, places: Collection[str]) -> list[str]:
    """Those of these groups that have no partition."""
    query = "SELECT place FROM unnest(%s::text[]) AS place WHERE to_regclass(%s || place) IS NULL"
    return [place for (place,) in connection.execute(query, (list(places), f"{SCHEMA}.{table.name}_")).fetchall()]


def _lock(connection: Connection) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))


def _prepare(connection: Connection) -> None:
    """Have the extension, new enough, and the schema. Raises IndexUnavailableError."""
    version = "SELECT extversion FROM pg_extension WHERE extname = %s"
    try:
        if not connection.execute(version, (EXTENSION,)).fetchone():
            connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(EXTENSION)))
        if connection.execute("SELECT to_regnamespace(%s)", (SCHEMA,)).fetchone() == (None,):
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
    except (errors.FeatureNotSupported, errors.UndefinedFile):
        message = (
            "This PostgreSQL has no pgvector: install its extension `vector` on the server, or unset WEAVER_INDEX."
        )
        raise IndexUnavailableError(message) from None
    except errors.InsufficientPrivilege:
        raise IndexUnavailableError(_not_allowed(connection.info.user)) from None
    (held,) = connection.execute(version, (EXTENSION,)).fetchone() or ("0",)
    if tuple(int(part) for part in held.split(".")[:2]) < OLDEST:
        message = f"This database has pgvector {held}; Weaver needs 0.8 or newer: run ALTER EXTENSION vector UPDATE."
        raise IndexUnavailableError(message)


def _not_allowed(role: str) -> str:
    return (
        f"The role {role} may not prepare this database for pgvector: let an administrator run CREATE EXTENSION vector "
        f'and CREATE SCHEMA {SCHEMA} AUTHORIZATION "{role}" in it.'
    )
