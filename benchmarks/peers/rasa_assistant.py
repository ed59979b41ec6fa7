"""A Rasa assistant that answers a FAQ by itself, each answer an intent, served over its REST channel."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml

from benchmarks.data import ROOT
from benchmarks.peers import rasa

SHOP = tuple(ROOT / "examples" / "shop" / f"faq.{language}.jsonl" for language in ("en", "zh"))
START_SECONDS, STOP_SECONDS = 600, 30
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
}


@contextmanager
def started(folder: Path, faq: Sequence[Path] = SHOP) -> Iterator[str]:
    """Serve an assistant that was trained on the FAQ's questions, until the end of the context.

    It is trained in the folder unless it was before. Yields its address: `POST {address}/webhooks/rest/webhook` with
    `{"sender": …, "message": …}` gives a list of `{"text": …}`.
    """
    place = rasa.environment()
    assert place is not None, "WEAVER_RASA names no environment with Rasa"
    program, environment = str(place / "bin" / "rasa"), {**os.environ, **QUIET}
    files = _files(faq)
    digest = hashlib.sha256("\0".join(files.values()).encode()).hexdigest()[:24]
    assistant = folder / digest
    model = assistant / "models" / "assistant.tar.gz"
    if not model.is_file():
        assistant.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (assistant / name).write_text(content, encoding="utf-8")
        train = [program, "train", "--data", "data.yml", "--fixed-model-name", "assistant"]
        done = subprocess.run(train, cwd=assistant, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"Rasa failed: {done.stderr[-2000:]}"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    run = [program, "run", "--enable-api", "--model", str(model), "--interface", "127.0.0.1", "--port", str(port)]
    with (assistant / "run.log").open("wb") as log:
        process = subprocess.Popen(run, cwd=assistant, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_loaded(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _files(faq: Sequence[Path]) -> dict[str, str]:
    """The assistant's files, from the FAQ's lines."""
    lines = [json.loads(line) for file in faq for line in file.read_text(encoding="utf-8").splitlines()]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(line["answer_id"] for line in lines))}
    texts, questions = dict[int, str](), dict[int, list[str]]()
    for line in lines:
        number = numbers[line["answer_id"]]
        texts[number] = line["answer"]
        # A line is an example; brackets would mark entities.
        question = " ".join(line["question"].split()).translate(str.maketrans("[]{}", "()()"))
        questions.setdefault(number, []).append(question)
    data = {
        "version": "3.1",
        "nlu": [
            {"intent": f"a{number}", "examples": "".join(f"- {one}\n" for one in asked)}
            for number, asked in questions.items()
        ],
        "rules": [
            {"rule": f"r{number}", "steps": [{"intent": f"a{number}"}, {"action": f"utter_a{number}"}]}
            for number in texts
        ],
    }
    domain = {
        "version": "3.1",
        "intents": [f"a{number}" for number in texts],
        # Braces would name slots.
        "responses": {
            f"utter_a{number}": [{"text": text.translate(str.maketrans("{}", "()"))}] for number, text in texts.items()
        },
    }
    config: dict[str, Any] = yaml.safe_load(rasa.CONFIG) | {"policies": [{"name": "RulePolicy"}]}
    parts = {"config.yml": config, "domain.yml": domain, "data.yml": data, "credentials.yml": {"rest": None}}
    return {name: yaml.safe_dump(content, allow_unicode=True, sort_keys=False) for name, content in parts.items()} | {
        "endpoints.yml": ""
    }


def _wait_until_loaded(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{url}/status", timeout=5).json().get("model_id"):
                return
        except (httpx2.TransportError, ValueError):
            pass
        time.sleep(0.5)
    raise AssertionError("Rasa did not start; run.log in its folder says why.")
