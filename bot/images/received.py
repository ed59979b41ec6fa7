"""Images as customers send them, made into what is stored: checked before they are decoded, without their metadata."""

import io

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from bot.errors import (
    ImageAnimatedError,
    ImageDamagedError,
    ImageTooLargeError,
    ImageTooManyPixelsError,
    ImageTypeError,
)
from knowledge_base.attachments import Image

MOST_BYTES = 5_000_000
MOST_PIXELS = 25_000_000
# Enough to read small print by; what is larger is stored smaller.
MOST_SHORT_SIDE = 1440
JPEG_QUALITY = 90
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# Drawn rather than photographed, so that edges should stay as sharp as they are.
DRAWN = frozenset({"PNG", "GIF"})
# Telephones store several pictures of one moment as a JPEG with more behind it.
STILL_WITH_MORE = "MPO"
PNG, JPEG = "image/png", "image/jpeg"


def prepared(content: bytes) -> Image:
    """The image as it is stored: upright, on white, of its pixels alone.

    Raises ImageTooLargeError, ImageTypeError, ImageTooManyPixelsError, ImageAnimatedError, ImageDamagedError.
    """
    if len(content) > MOST_BYTES:
        raise ImageTooLargeError(MOST_BYTES)
    with _opened(content) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ImageTooManyPixelsError(MOST_PIXELS)
        if _is_animated(opened) and opened.format != STILL_WITH_MORE:
            raise ImageAnimatedError
        try:
            still = _pixels(opened)
        except Exception:  # noqa: BLE001 - a decoder may stumble over a made file in any way
            raise ImageDamagedError from None
        return _encoded(still, drawn=opened.format in DRAWN)


def _opened(content: bytes) -> Pillow.Image:
    """The image with its head read and nothing decoded."""
    try:
        return Pillow.open(io.BytesIO(content), formats=FORMATS)
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise ImageTooManyPixelsError(MOST_PIXELS) from None
    except UnidentifiedImageError:
        raise ImageTypeError from None
    except Exception:  # noqa: BLE001 - a decoder may stumble over a made file in any way
        raise ImageDamagedError from None


def _is_animated(opened: Pillow.Image) -> bool:
    """Whether there is more than one picture."""
    try:
        return bool(getattr(opened, "is_animated", False))
    except Exception:  # noqa: BLE001 - a decoder may stumble over a made file in any way
        raise ImageDamagedError from None


def _pixels(opened: Pillow.Image) -> Pillow.Image:
    """The pixels in a new image, which knows nothing of the file that they came from."""
    scale = MOST_SHORT_SIDE / min(opened.size)
    # A JPEG is decoded no larger than need be.
    opened.draft("RGB", (round(opened.width * scale), round(opened.height * scale)))
    upright = ImageOps.exif_transpose(opened)
    scale = MOST_SHORT_SIDE / min(upright.size)
    if upright.mode not in ("RGB", "RGBA"):
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    if scale < 1:
        upright = upright.resize((round(upright.width * scale), round(upright.height * scale)))
    still = Pillow.new("RGB", upright.size, "white")
    still.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    return still


def _encoded(still: Pillow.Image, *, drawn: bool) -> Image:
    if drawn:
        content = _saved(still, "PNG")
        if len(content) <= MOST_BYTES:
            return Image(content, PNG, *still.size)
    return Image(_saved(still, "JPEG"), JPEG, *still.size)


def _saved(still: Pillow.Image, kind: str) -> bytes:
    file = io.BytesIO()
    still.save(file, kind, quality=JPEG_QUALITY)
    return file.getvalue()
