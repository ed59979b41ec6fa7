"""How long a test waits for what must come: so long that only what never comes fails it, on however busy a machine."""

import time
from collections.abc import Awaitable, Callable

import anyio

PATIENCE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.05


def wait_until(is_so: Callable[[], bool], wanted: str) -> None:
    """Look again and again until something is so. What is `wanted` is what the failure says is not so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"never so: {wanted}"
        time.sleep(LOOK_EVERY_SECONDS)


async def comes_true(is_so: Callable[[], Awaitable[bool]], wanted: str) -> None:
    """The same without holding up the event loop."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not await is_so():
        assert time.monotonic() < end, f"never so: {wanted}"
        await anyio.sleep(LOOK_EVERY_SECONDS)
