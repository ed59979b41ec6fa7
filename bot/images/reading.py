"""Images read beside the service: one at a time, in a process that is stopped when it takes too long or has no work."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio
import structlog
from anyio.streams.buffered import BufferedByteReceiveStream

from bot.background import beside
from bot.images.text import LENGTH

if TYPE_CHECKING:
    from anyio.abc import Process

# Waiting for other images included.
READ_SECONDS = 45.0
# The models stay open for so long after an image: people send several.
IDLE_SECONDS = 60.0
COMMAND = (sys.executable, "-m", "bot.images.text")

_log = structlog.get_logger(__name__)


class ImageReading:
    """The process that reads, started when there is something to read."""

    def __init__(self, seconds: float = READ_SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        """Nothing is started yet."""
        self._seconds, self._idle_seconds = seconds, idle_seconds
        self._process: Process | None = None
        self._turn = anyio.Lock()
        self._worked_at = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Stops the process when it has had no work for a while, and at the end."""
        try:
            async with beside(self._stop_when_idle):
                yield
        finally:
            with anyio.CancelScope(shield=True):
                await self._stop()

    async def read(self, content: bytes) -> str | None:
        """The text in an image, empty when there is none; None when it could not be read in time."""
        with anyio.move_on_after(self._seconds):
            async with self._turn:
                return await self._ask(content)
        _log.warning("image_not_read", reason="it takes too long")
        return None

    async def _ask(self, content: bytes) -> str | None:
        text: str | None = None
        try:
            process = await self._started()
            if process.stdin is None or process.stdout is None:  # pragma: no cover - both are pipes
                return None
            await process.stdin.send(LENGTH.pack(len(content)) + content)
            answer = BufferedByteReceiveStream(process.stdout)
            (length,) = LENGTH.unpack(await answer.receive_exactly(LENGTH.size))
            text = (await answer.receive_exactly(length)).decode()
        except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.IncompleteRead) as error:
            _log.warning("image_not_read", reason=str(error) or type(error).__name__)
        finally:
            self._worked_at = anyio.current_time()
            if text is None:
                # What it would say now is about another image.
                with anyio.CancelScope(shield=True):
                    await self._stop()
        return text

    async def _started(self) -> "Process":
        if self._process is not None:
            return self._process
        # A start that is cancelled half-way would leave a process that nobody knows.
        with anyio.CancelScope(shield=True):
            self._process = await anyio.open_process(COMMAND, stderr=None)
            return self._process
        raise AssertionError  # pragma: no cover - the scope above ends by returning

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.aclose()

    async def _stop_when_idle(self) -> None:
        while True:
            await anyio.sleep(self._idle_seconds / 4)
            async with self._turn:
                if self._process is not None and anyio.current_time() - self._worked_at > self._idle_seconds:
                    await self._stop()
