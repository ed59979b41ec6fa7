"""Why an uploaded file was not taken: one sentence each, which names the file."""

from bot.errors import BotError


class UploadEmptyError(BotError):
    """A file without a byte."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is empty; nothing was stored.")


class UploadHalfError(BotError):
    """A file of which a part did not arrive."""

    def __init__(self, name: str, size: int, announced: int) -> None:
        super().__init__(f"Of {name} only {size:,} of {announced:,} bytes arrived; nothing was stored, send it again.")


class UploadTooLargeError(BotError):
    """A file that is too large for an upload."""

    def __init__(self, name: str, most: int) -> None:
        super().__init__(
            f"{name} is larger than the {most >> 20} MB that a page takes; run `weaver import` on the machine instead."
        )
