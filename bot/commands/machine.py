"""What `weaver doctor` looks at on the machine: free disk, who may read the data, settings that contradict."""

import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from bot.commands.finding import Finding
from bot.guards.origins import ANY
from bot.settings import EMBEDDED, Settings
from knowledge_base.errors import SnapshotUnusableError
from knowledge_base.indexes import snapshot
from weaver_core.encoders import export

GIGABYTE = 10**9
# A start writes indexes and exported encoders; less than this may end in the middle of one.
FEWEST_BYTES = 2 * GIGABYTE
# The key of HS256 has 256 bits.
SECRET_BYTES = 32
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def disk(settings: Settings) -> Finding:
    """Whether there is room for the data, its indexes and the exported encoders."""
    free = {folder: shutil.disk_usage(folder).free for folder in _folders(settings)}
    found = ", ".join(f"{count / GIGABYTE:.1f} GB free in {folder}" for folder, count in free.items())
    full = [str(folder) for folder, count in free.items() if count < FEWEST_BYTES]
    mend = f"Make room: at least {FEWEST_BYTES / GIGABYTE:.0f} GB in {' and '.join(full)}." if full else ""
    return Finding("disk", found, mend)


def secrets(settings: Settings) -> Finding:
    """Whether anybody but the owner can read customers' words and the secrets that sign tokens."""
    open_to_others = sorted({str(path) for path in _private(settings) if _others_read(path)})
    if not open_to_others:
        return Finding("secrets", "only their owner may read the data and the settings")
    named = " ".join(open_to_others)
    return Finding("secrets", f"others may read {named}", f"chmod go-rwx {named}")


def configuration(settings: Settings) -> Finding:
    """Whether the settings say one thing and another that cannot both be meant."""
    wrong = list(_contradictions(settings))
    if wrong:
        return Finding("settings", f"{len(wrong)} to look at", " ".join(wrong))
    return Finding("settings", f"the data in {settings.home.absolute()}, the index {settings.index}")


def index(settings: Settings) -> Finding:
    """Whether the indexes on disk can be opened; they are derived, so nothing is lost when they cannot."""
    folder = settings.index_folder
    if settings.index != EMBEDDED:
        return Finding("index", f"searched by {settings.index}")
    try:
        found = snapshot.newest(folder)
    except SnapshotUnusableError as error:
        return Finding("index", f"{error} It is made again at the next start, which takes longer.")
    if found is None:
        return Finding("index", "none kept yet: made at the first start")
    return Finding("index", f"kept in {folder}, up to change {found.stamp.seen}")


def _folders(settings: Settings) -> Sequence[Path]:
    """Where Weaver writes, as far as it is there, each disk once."""
    found: dict[int, Path] = {}
    for folder in (settings.home, settings.index_folder.parent, export.default_cache()):
        there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.is_dir())
        found.setdefault(there.stat().st_dev, there)
    return list(found.values())


def _private(settings: Settings) -> Iterator[Path]:
    yield Path(".env").absolute()
    yield from (path for path in settings.home.absolute().glob("*") if path.is_file())
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        path = Path(url.database).absolute()
        yield from path.parent.glob(f"{path.name}*")


def _others_read(path: Path) -> bool:
    """Whether others may read a file or go through a folder, and through all folders above it."""
    try:
        modes = [parent.stat().st_mode for parent in (path, *path.parents)]
    except OSError:
        return False
    return bool(modes[0] & _FOR_OTHERS) and all(mode & (stat.S_IXGRP | stat.S_IXOTH) for mode in modes[1:])


def _contradictions(settings: Settings) -> Iterator[str]:
    for origin in settings.allowed_origins:
        if origin == ANY:
            yield "WEAVER_ALLOWED_ORIGINS=* lets every page of the web use the chat: name yours."
        elif not urlsplit(origin).netloc or urlsplit(origin).path.strip("/"):
            yield f"WEAVER_ALLOWED_ORIGINS: {origin} is no origin; write it as https://shop.example."
    if settings.identity_secret and len(settings.identity_secret.encode()) < SECRET_BYTES:
        yield f"WEAVER_IDENTITY_SECRET has fewer than {SECRET_BYTES} bytes and can be guessed: take a longer one."
    if settings.message_burst > settings.address_message_burst:
        yield "WEAVER_ADDRESS_MESSAGE_BURST is less than WEAVER_MESSAGE_BURST: a conversation never gets its own."
    if settings.messages_a_second > settings.address_messages_a_second:
        yield "WEAVER_ADDRESS_MESSAGES_A_SECOND is less than WEAVER_MESSAGES_A_SECOND: a conversation gets less."
    if settings.update_schedule == "off" and settings.update_shadow:
        yield "WEAVER_UPDATE_SHADOW asks new versions in the background, but WEAVER_UPDATE_SCHEDULE=off makes none."
