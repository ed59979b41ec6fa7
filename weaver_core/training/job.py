"""A training job's folder: what is to be learnt from what, how far it is, and how it ended. Knows no torch."""

import io
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weaver_core.checkpoint import ADAPTER, LORA
from weaver_core.errors import EvidenceError

JOB, EVIDENCE, VECTORS = "job.json", "evidence.jsonl", "vectors.npz"
PROGRESS, STATE, ERROR, CHECKPOINT = "progress.json", "state.pt", "error.txt", "checkpoint"


@dataclass(frozen=True, slots=True)
class Job:
    """What a training process is asked to do.

    `kind` is `lora` (evidence as texts, in `evidence.jsonl`) or `adapter` (as vectors, in `vectors.npz`). `encoder` is
    the name that `weaver_core.encoders.sources.find` knows; `version` and `weights_sha256` say which state of it the
    vectors of an adapter come from.
    """

    kind: str
    encoder: str
    settings: dict[str, Any]
    threads: int = 1
    version: str = ""
    weights_sha256: str = ""


def write(folder: Path, job: Job) -> None:
    """Store a job; its evidence is stored beside it before."""
    replace_file(folder / JOB, (json.dumps(asdict(job), indent=2) + "\n").encode())


def read(folder: Path) -> Job:
    """The job of a folder. Raises EvidenceError."""
    try:
        job = Job(**json.loads((folder / JOB).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise EvidenceError(f"The folder {folder} has no readable {JOB}: {error}.") from error
    if job.kind not in (LORA, ADAPTER):
        raise EvidenceError(f"There is no kind of training called {job.kind}.")
    return job


def write_vectors(folder: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Store an adapter's evidence, named arrays, whole or not at all."""
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    replace_file(folder / VECTORS, content.getvalue())


def read_vectors(folder: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an adapter's evidence. Raises EvidenceError."""
    try:
        with np.load(folder / VECTORS, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError) as error:
        raise EvidenceError(f"The folder {folder} has no readable {VECTORS}: {error}.") from error


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
