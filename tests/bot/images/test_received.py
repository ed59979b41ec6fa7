"""What is made of the images that customers send."""

import io
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from bot.errors import (
    BotError,
    ImageAnimatedError,
    ImageDamagedError,
    ImageTooLargeError,
    ImageTooManyPixelsError,
    ImageTypeError,
)
from bot.images import received
from tests.bot.drawn import saved, screenshot, wordless

SECRET = "Vera Plum, 12 Elm Street"


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def png_of_size(width: int, height: int) -> bytes:
    """A small PNG that says that it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("GIF", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/jpeg")],
)
def test_every_kind_is_stored_as_a_png_or_a_jpeg_of_its_size(kind: str, media_type: str) -> None:
    image = received.prepared(saved(screenshot(), kind))
    assert (image.media_type, (image.width, image.height)) == (media_type, screenshot().size)
    assert Image.MIME[opened(image.content).format or ""] == media_type


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_where_and_by_whom_a_picture_was_taken_is_not_stored(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 26.5)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET)
    options: dict[str, dict[str, Any]] = {
        "PNG": {"pnginfo": texts},
        "JPEG": {"comment": SECRET.encode()},
        "WEBP": {"xmp": SECRET.encode()},
    }
    content = saved(wordless(), kind, exif=exif, icc_profile=SECRET.encode(), **options[kind])
    assert SECRET.encode() in content
    stored = received.prepared(content)
    assert SECRET.encode() not in stored.content
    found = opened(stored.content)
    assert (dict(found.getexif()), found.info.get("icc_profile"), found.info.get("comment")) == ({}, None, None)


def test_a_picture_that_was_taken_sideways_is_stored_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = received.prepared(saved(wordless(300, 200), "JPEG", exif=exif))
    assert (stored.width, stored.height) == (200, 300)
    turned = ImageOps.exif_transpose(opened(saved(wordless(300, 200), "JPEG", exif=exif)))
    assert opened(stored.content).getpixel((10, 10)) == pytest.approx(turned.getpixel((10, 10)), abs=3)


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    assert opened(received.prepared(saved(clear)).content).getpixel((5, 5)) == (255, 255, 255)
    palette = Image.new("P", (40, 40))
    assert opened(received.prepared(saved(palette, "PNG", transparency=0)).content).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK", "YCbCr"])
def test_every_mode_of_colours_is_taken(mode: str) -> None:
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    assert received.prepared(saved(Image.new(mode, (30, 20)), kind)).width == 30


def test_a_photograph_is_stored_smaller() -> None:
    stored = received.prepared(saved(wordless(4000, 3000), "JPEG"))
    assert (stored.width, stored.height) == (1920, 1440)


def test_a_long_screenshot_keeps_its_width() -> None:
    stored = received.prepared(saved(Image.new("RGB", (1080, 9000), "white")))
    assert (stored.width, stored.height) == (1080, 9000)


@pytest.mark.parametrize(("width", "height"), [(5001, 5000), (30_000, 30_000), (100_000, 100_000)])
def test_a_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(ImageTooManyPixelsError, match="it may have 25 million"):
        received.prepared(png_of_size(width, height))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(ImageTooLargeError, match="it may have 5 MB"):
        received.prepared(b"\x89PNG" + b"\0" * received.MOST_BYTES)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_what_moves_is_refused(kind: str) -> None:
    with pytest.raises(ImageAnimatedError):
        received.prepared(saved(wordless(), kind, save_all=True, append_images=[screenshot().resize((300, 200))]))


def test_a_telephone_s_several_pictures_of_one_moment_are_the_first_of_them() -> None:
    content = saved(wordless(), "MPO", save_all=True, append_images=[wordless()])
    assert received.prepared(content).media_type == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        saved(wordless(), "BMP"),
        saved(wordless(), "TIFF"),
    ],
)
def test_what_is_no_image_of_these_kinds_is_refused_by_its_content(content: bytes) -> None:
    with pytest.raises(ImageTypeError):
        received.prepared(content)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "JPEG"])
def test_half_a_file_is_refused(kind: str) -> None:
    content = saved(screenshot(), kind)
    with pytest.raises((ImageDamagedError, ImageTypeError)):
        received.prepared(content[: len(content) // 2])


@given(st.sampled_from(["GIF", "PNG", "WEBP", "JPEG"]), st.integers(0, 400), st.binary(min_size=1, max_size=20))
def test_a_file_with_nonsense_in_it_is_an_image_or_a_refusal(kind: str, place: int, nonsense: bytes) -> None:
    content = saved(screenshot(["x"], width=64), kind)
    content = content[:place] + nonsense + content[place + len(nonsense) :]
    with suppress(BotError):
        assert received.prepared(content).media_type in (received.PNG, received.JPEG)
