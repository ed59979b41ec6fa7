"""A whole installation in one compressed file, the same for every database: JSON lines with a checksum a table."""

import gzip
import json
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Table
from sqlalchemy.exc import DataError, IntegrityError

from knowledge_base import schema, table_streams
from knowledge_base.database import Database
from knowledge_base.errors import BackupDamagedError, BackupUnwritableError
from knowledge_base.table_streams import TABLES, Progress, Rows, Tally

FORMAT = 1
Tallies = dict[str, Tally]


async def save(database: Database, path: Path, progress: Progress) -> Tallies:
    """Write a backup beside a running service; the file is there whole or not at all. Raises BackupUnwritableError."""
    tallies = {table.name: Tally() for table in TABLES}
    with _whole_or_not_at_all(path) as file:
        file.write(_line({"weaver_backup": FORMAT, "schema": schema.newest()}))
        async with database.reading() as session:
            async for table, rows in table_streams.read(session):
                file.writelines(_line({"table": table.name, "row": row}) for row in rows)
                tallies[table.name].add(rows)
                progress(done := sum(tally.rows for tally in tallies.values()), done)
        file.write(_line({"checksums": {name: tally.checksum for name, tally in tallies.items()}}))
    return tallies


async def restore(database: Database, path: Path, progress: Progress) -> Tallies:
    """Store a backup in a migrated, empty database, all or none. Raises BackupDamagedError, DatabaseNotEmptyError."""
    tallies = {table.name: Tally() for table in TABLES}
    checksums: dict[str, str] = {}
    async with database.writing() as session:
        await table_streams.clear(session)
        try:
            for table, rows in _batches(path, checksums):
                await table_streams.write(session, table, rows)
                tallies[table.name].add(rows)
                progress(done := sum(tally.rows for tally in tallies.values()), done)
        except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError):
            raise BackupDamagedError(path, "it is cut short or not compressed as a backup is") from None
        except OSError as error:
            raise BackupDamagedError(path, error.strerror or str(error)) from None
        except (DataError, IntegrityError, KeyError, TypeError, ValueError):
            raise BackupDamagedError(path, "a line of it is not one of a backup") from None
        if checksums != {name: tally.checksum for name, tally in tallies.items()}:
            raise BackupDamagedError(path, "its rows are not those that were saved")
    return tallies


def _batches(path: Path, checksums: dict[str, str]) -> Iterator[tuple[Table, Rows]]:
    """The file's rows in batches of one table. The checksums that end the file go into `checksums`."""
    tables = {table.name: table for table in TABLES}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        head = json.loads(next(file, "{}"))
        if head["weaver_backup"] != FORMAT or head["schema"] != schema.newest():
            raise BackupDamagedError(path, f"it is of the schema {head['schema']}, this one is {schema.newest()}")
        name, rows = "", Rows()
        for line in file:
            item: dict[str, Any] = json.loads(line)
            if rows and (item.get("table") != name or len(rows) >= table_streams.rows_a_batch(name)):
                yield tables[name], rows
                rows = Rows()
            if "checksums" in item:
                checksums.update(item["checksums"])
            else:
                name = item["table"]
                rows.append(item["row"])


@contextmanager
def _whole_or_not_at_all(path: Path) -> Generator[TextIO]:
    """A compressed file that takes its name when it is finished. Raises BackupUnwritableError."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        # It holds customers' words and the installation's secrets: nobody else may read it.
        unfinished.touch(mode=0o600)
        with gzip.open(unfinished, "wt", encoding="utf-8", compresslevel=6) as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        raise BackupUnwritableError(path, error.strerror or str(error)) from None
    finally:
        if unfinished.parent.is_dir():
            unfinished.unlink(missing_ok=True)


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
