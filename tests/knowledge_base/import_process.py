"""`python -m tests.knowledge_base.import_process URL FILE`: imports a file and prints a line for each batch."""

import sys
from pathlib import Path

import anyio

from knowledge_base.database import Database
from knowledge_base.ingestion.importing import ImportOptions, import_file


def tell(done: int, total: int) -> None:
    """Say that another batch is stored."""
    sys.stdout.write(f"{done} of {total}\n")
    sys.stdout.flush()


async def run(url: str, path: Path) -> None:
    """Import one file."""
    database = Database(url)
    await import_file(database, path, ImportOptions(), tell)
    await database.close()


if __name__ == "__main__":
    anyio.run(run, sys.argv[1], Path(sys.argv[2]))
