"""Checkpoints: written whole, and refused by name when something is wrong with them."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from weaver_core import adapter, checkpoint
from weaver_core.checkpoint import ADAPTER, CONFIG, DELTA, Checkpoint
from weaver_core.errors import (
    CheckpointChecksumError,
    CheckpointCutShortError,
    CheckpointError,
    CheckpointNotFiniteError,
    CheckpointOfAnotherEncoderError,
    CheckpointShapeError,
)

DIMENSION = 8


def an_adapter(value: float = 0.0) -> Checkpoint:
    residual = np.full((DIMENSION, DIMENSION), value, np.float16)
    return Checkpoint(ADAPTER, "tiny@123", "ab" * 32, {"seed": 3}, {adapter.RESIDUAL: residual})


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A checkpoint's folder."""
    checkpoint.write(tmp_path / "checkpoint", an_adapter(0.25))
    return tmp_path / "checkpoint"


def test_what_was_written_is_read(written: Path) -> None:
    found = checkpoint.read(written)
    assert (found.kind, found.encoder, found.weights_sha256) == (ADAPTER, "tiny@123", "ab" * 32)
    assert found.settings == {"seed": 3}
    assert found.sha256 == an_adapter(0.25).sha256
    np.testing.assert_array_equal(found.tensors[adapter.RESIDUAL], 0.25)


def test_another_checkpoint_takes_the_place_of_the_first(written: Path) -> None:
    checkpoint.write(written, an_adapter(0.5))
    assert checkpoint.read(written).sha256 == an_adapter(0.5).sha256 != an_adapter(0.25).sha256
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_weights_that_are_not_numbers_are_never_written_and_never_read(written: Path) -> None:
    with pytest.raises(CheckpointNotFiniteError, match="residual"):
        an_adapter(float("nan"))
    save_file({adapter.RESIDUAL: np.full((2, 2), np.inf, np.float16)}, written / DELTA)
    config = json.loads((written / CONFIG).read_text())
    config["delta_sha256"] = hashlib.sha256((written / DELTA).read_bytes()).hexdigest()
    (written / CONFIG).write_text(json.dumps(config))
    with pytest.raises(CheckpointNotFiniteError, match="residual"):
        checkpoint.read(written)


def test_weights_with_another_checksum_are_refused(written: Path) -> None:
    content = bytearray((written / DELTA).read_bytes())
    content[-1] ^= 1
    (written / DELTA).write_bytes(content)
    with pytest.raises(CheckpointChecksumError, match="checksum"):
        checkpoint.read(written)


@pytest.mark.parametrize("name", [CONFIG, DELTA])
def test_a_file_that_was_cut_short_is_refused(written: Path, name: str) -> None:
    content = (written / name).read_bytes()
    for length in (0, 10, len(content) - 4):
        (written / name).write_bytes(content[:length])
        with pytest.raises(CheckpointCutShortError):
            checkpoint.read(written)
    (written / name).unlink()
    with pytest.raises(CheckpointCutShortError, match=name):
        checkpoint.read(written)


def test_a_configuration_that_says_too_little_is_refused(written: Path) -> None:
    (written / CONFIG).write_text("{}")
    with pytest.raises(CheckpointCutShortError, match="lacks"):
        checkpoint.read(written)


def test_a_checkpoint_of_a_later_format_is_refused(written: Path) -> None:
    config = json.loads((written / CONFIG).read_text())
    (written / CONFIG).write_text(json.dumps(config | {"format": 99}))
    with pytest.raises(CheckpointError, match="format 99"):
        checkpoint.read(written)


def test_an_adapter_of_zeros_changes_nothing() -> None:
    queries = np.random.default_rng(0).normal(size=(5, DIMENSION)).astype(np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    loaded = adapter.from_checkpoint(an_adapter(), "tiny@123", DIMENSION)
    np.testing.assert_allclose(loaded.adapt(queries), queries, atol=1e-6)
    np.testing.assert_allclose(loaded.adapt(queries[0]), queries[0], atol=1e-6)


def test_an_adapter_of_another_encoder_or_shape_is_refused(written: Path) -> None:
    found = checkpoint.read(written)
    with pytest.raises(CheckpointOfAnotherEncoderError, match="other@1"):
        adapter.from_checkpoint(found, "other@1", DIMENSION)
    with pytest.raises(CheckpointShapeError, match="residual"):
        adapter.from_checkpoint(found, "tiny@123", DIMENSION + 1)
    with pytest.raises(CheckpointShapeError, match="no adapter"):
        adapter.from_checkpoint(replace(found, kind="lora"), "tiny@123", DIMENSION)


def test_a_write_that_fails_leaves_the_old_checkpoint(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(path: Path, content: bytes) -> None:
        path.write_bytes(content[:10])
        raise OSError("no space left")

    monkeypatch.setattr(checkpoint, "_write_synced", full_disk)
    with pytest.raises(OSError, match="no space"):
        checkpoint.write(written, an_adapter(0.5))
    assert checkpoint.read(written).sha256 == an_adapter(0.25).sha256
    assert [path.name for path in written.parent.iterdir()] == [written.name]
    shutil.rmtree(written)
