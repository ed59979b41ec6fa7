"""A low-rank delta of the tests' own encoder, as a training run would have left it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge_base.artefacts import Artefact
from weaver_core import checkpoint
from weaver_core.checkpoint import CONFIG, DELTA, LORA, Checkpoint
from weaver_core.encoders import export, sources

QUERIES = tuple(f"encoder.layer.{layer}.attention.self.query" for layer in (0, 1))
LAST = ("encoder.layer.1.output.dense",)
RANK = 1


def artefact(transformer: Path, folder: Path, strength: float = 0.02, layers: Sequence[str] = QUERIES) -> Artefact:
    """A delta with random numbers of this strength, made in a folder.

    A strong one of the last layer drowns what the encoder knows: all texts become one and the same.
    """
    source = sources.find(str(transformer))
    random = np.random.default_rng(0)
    config = json.loads((transformer / "config.json").read_text())
    width, tensors = config["hidden_size"], {}
    for layer in layers:
        inputs = config["intermediate_size"] if layer in LAST else width
        tensors[f"{layer}.down"] = (strength * random.standard_normal((RANK, inputs))).astype(np.float16)
        tensors[f"{layer}.up"] = random.standard_normal((width, RANK)).astype(np.float16)
    trained = Checkpoint(LORA, export.version_of(source), sources.sha256_of(source.weights), {}, tensors)
    checkpoint.write(folder / "checkpoint", trained)
    described = json.loads((folder / "checkpoint" / CONFIG).read_text())
    return Artefact(described, (folder / "checkpoint" / DELTA).read_bytes())
