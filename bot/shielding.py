"""Work that a client who leaves must not interrupt."""

from collections.abc import Generator
from contextlib import contextmanager

import anyio


@contextmanager
def uninterrupted() -> Generator[None]:
    """The work inside is finished even if the task is cancelled meanwhile.

    A cancelled query would cost the database a connection, and a turn might be stored that nobody answers.
    """
    with anyio.CancelScope(shield=True):
        yield
