"""Work that goes on beside a context, and ends with it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec

import anyio

Given = ParamSpec("Given")


@asynccontextmanager
async def beside(
    work: Callable[Given, Awaitable[object]], *arguments: Given.args, **named: Given.kwargs
) -> AsyncGenerator[None]:
    """Let this go on until the context ends, which cancels it; what it raises ends the context."""

    async def go_on() -> None:
        await work(*arguments, **named)

    async with anyio.create_task_group() as group:
        group.start_soon(go_on)
        yield
        group.cancel_scope.cancel()
