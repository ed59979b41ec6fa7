"""Uploaded files in the data folder, a folder for each, from their upload to the end of their import."""

import re
import shutil
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from bot.imports.errors import UploadEmptyError, UploadHalfError, UploadTooLargeError

# Larger files are imported on the machine itself, with `weaver import`.
MOST_BYTES = 100 << 20
NAME_LENGTH = 120
CHUNK = 1 << 20
_FOLDER = "uploads"
_UNNAMED = "file"
# What no file system and no terminal takes amiss; letters of every script stay.
_UNSAFE = re.compile(r"[^\w.() +-]+")


def name_of(given: str | None) -> str:
    """A file's own name without its folders and without what a path or a terminal might take for a command."""
    last = re.split(r"[/\\]", given or "")[-1]
    name = _UNSAFE.sub("_", last).strip(". ")
    stem, suffix = Path(name).stem, "".join(Path(name).suffixes[-2:])[-20:]
    return (name if len(name) <= NAME_LENGTH else stem[: NAME_LENGTH - len(suffix)] + suffix) or _UNNAMED


def path_of(home: Path, import_id: UUID, name: str) -> Path:
    """Where an uploaded file lies."""
    return home / _FOLDER / str(import_id) / name


def keep(home: Path, import_id: UUID, name: str, content: BinaryIO, announced: int | None) -> int:
    """Write a file into its folder, whole or not at all. Returns its size in bytes.

    `announced` is how many bytes the sender said that it has, None if nothing was said.
    Raises UploadEmptyError, UploadHalfError, UploadTooLargeError.
    """
    path = path_of(home, import_id, name)
    path.parent.mkdir(mode=0o700, parents=True)
    try:
        return _write(path, content, announced)
    except BaseException:
        drop(home, import_id)
        raise


def drop(home: Path, import_id: UUID) -> None:
    """Delete an uploaded file, if it is there."""
    shutil.rmtree(home / _FOLDER / str(import_id), ignore_errors=True)


def _write(path: Path, content: BinaryIO, announced: int | None) -> int:
    size = 0
    with path.open("xb") as file:
        while chunk := content.read(CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise UploadTooLargeError(path.name, MOST_BYTES)
            file.write(chunk)
    if announced is not None and announced != size:
        raise UploadHalfError(path.name, size, announced)
    if not size:
        raise UploadEmptyError(path.name)
    return size
