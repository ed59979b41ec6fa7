"""How much memory a serving process holds: both encoders, 100,000 positions, a service that has answered turns.

`python -m benchmarks.residence` (or with another number of positions behind it) prints the table of the README.
The positions' texts are numbered questions of BANKING77, their keys the questions' vectors with noise; what is measured
is the resident set of a real `weaver serve`, from the kernel.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import numpy as np
from sqlalchemy import insert

from benchmarks import data, in_process
from benchmarks.crowd.servers import WEAVER, resident, started
from knowledge_base import keys, schema
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.tables import AnswerRow, PositionRow

POSITIONS, EACH = 100_000, 10
ANSWERS_A_BATCH = 500
NOISE = 0.02
TURNS = 200


def position(position_id: UUID, answer_id: UUID, text: str) -> dict[str, Any]:
    """A stored question's row."""
    return {
        "id": position_id,
        "answer_id": answer_id,
        "kind": "question",
        "text": text,
        "language": "en",
        "content_hash": hashlib.sha256(text.encode()).digest()[:16],
    }


async def fill(url: str, count: int) -> None:
    """Answers with ten positions each, and the positions' keys."""
    texts = [row["text"] for row in data.rows("banking77/train.jsonl")]
    known = {}
    for encoder in in_process.encoders():
        encoder.learn(texts)
        known[encoder.version] = encoder.encode(texts)
    random = np.random.default_rng(0)
    database = Database(url)
    for start in range(0, count // EACH, ANSWERS_A_BATCH):
        answer_ids, answers, positions = [], [], []
        vectors = {version: dict[UUID, Any]() for version in known}
        for number in range(start, min(start + ANSWERS_A_BATCH, count // EACH)):
            answer_ids.append(answer_id := new_id())
            answers.append(
                {
                    "id": answer_id,
                    "external_id": f"a-{number}",
                    "title": f"Answer {number}",
                    "text": f"Answer {number}.",
                    "language": "en",
                    "status": "approved",
                    "origin": "faq",
                }
            )
            for place in range(EACH):
                row, position_id = (number * EACH + place) % len(texts), new_id()
                text = f"{texts[row]} ({number}.{place})"
                positions.append(position(position_id, answer_id, text))
                for version, of_texts in known.items():
                    noisy = of_texts[row] + NOISE * random.normal(size=of_texts.shape[1])
                    vectors[version][position_id] = (noisy / np.linalg.norm(noisy)).astype(np.float32)
        async with database.writing() as session:
            await session.execute(insert(AnswerRow), answers)
            await session.execute(insert(PositionRow), positions)
            for version, of_positions in vectors.items():
                await keys.put(session, version, of_positions, answer_ids)
    await database.close()


def serve(home: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A real service over that data, ready to answer; and its port."""
    settings = {"WEAVER_HOME": str(home), "WEAVER_DATABASE_URL": "", "WEAVER_ASKS_A_MINUTE": "100000"}
    return started([WEAVER, "serve", "--port"], settings)


def ask(port: int, key: str, text: str) -> None:
    """One turn over REST."""
    body = json.dumps({"text": text}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/ask", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answered:  # noqa: S310 - our own
        answered.read()


def key_of(home: Path, role: str = "program") -> str:
    """An API key of the installation."""
    command = [str(Path(sys.executable).parent / "weaver"), "key", "add", f"benchmark-{role}", "--role", role, "--json"]
    environment = {**os.environ, "WEAVER_HOME": str(home), "WEAVER_DATABASE_URL": ""}
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return str(json.loads(said)["key"])


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else POSITIONS
    texts = [row["text"] for row in data.rows("banking77/test.jsonl")][:TURNS]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = f"sqlite:///{home / 'weaver.db'}"
        schema.upgrade(url)
        anyio.run(fill, url, count)
        key = key_of(home)
        process, port = serve(home)
        ready = resident(process.pid)
        for text in [*texts, *("我的卡什么时候到", "怎么退款")]:
            ask(port, key, text)
        print("| positions | resident when ready, MB | after turns | turns |\n|---|---|---|---|")
        print(f"| {count:,} | {ready:.0f} | {resident(process.pid):.0f} | {len(texts) + 2} |")
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
