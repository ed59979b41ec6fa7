"""The floor: a bare FastAPI socket that says at once what it heard, in the frames of the protocol."""

import json
import sys
import uuid

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.get("/readyz")
async def ready() -> None:
    """It answers."""


@app.websocket("/ws/chat")
async def echo(socket: WebSocket) -> None:
    """A welcome; then for each message an acknowledgement and the message."""
    await socket.accept()
    await socket.receive_text()
    await _send(socket, type="welcome", conversation_id=str(uuid.uuid4()), token="")
    try:
        while True:
            heard = json.loads(await socket.receive_text())
            await _send(socket, type="ack", client_id=heard["client_id"])
            await _send(socket, type="message", text=heard["text"])
    except WebSocketDisconnect:
        return


async def _send(socket: WebSocket, **frame: str) -> None:
    await socket.send_text(json.dumps(frame))


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), ws="websockets-sansio", log_level="warning", access_log=False)
