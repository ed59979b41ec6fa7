"""Sockets that say nothing after their hello: `python -m benchmarks.crowd.idle URL COUNT`, until its input ends."""

import json
import resource
import sys

import anyio
from websockets.asyncio.client import ClientConnection, connect

# So many at a time say their hello.
AT_ONCE = 50


async def main(url: str, count: int) -> None:
    """Open them, say that they are open, close them when nobody reads on."""
    opened: list[ClientConnection] = []
    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def open_one() -> None:
        async with limiter:
            socket = await connect(url, compression=None, open_timeout=60, ping_interval=None)
            await socket.send(json.dumps({"type": "hello"}))
            await socket.recv()
            opened.append(socket)

    async with anyio.create_task_group() as group:
        for _ in range(count):
            group.start_soon(open_one)
    print("open", flush=True)
    await anyio.to_thread.run_sync(sys.stdin.read)
    for socket in opened:
        await socket.close()


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    anyio.run(main, sys.argv[1], int(sys.argv[2]))
