"""Images that a test draws: screenshots in English and Chinese, photographs without a word in them, broken files."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
SIMPLIFIED = 2
ERROR = ("Payment failed: error code E-4021", "您的订单支付失败，请稍后重试")


def screenshot(lines: Sequence[str] = ERROR, *, size: int = 24, width: int = 760) -> Image.Image:
    """A page with these lines on it."""
    font = ImageFont.truetype(FONT, size, index=SIMPLIFIED)
    image = Image.new("RGB", (width, 60 + 2 * size * len(lines)), "white")
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((30, 30 + 2 * size * number), line, font=font, fill="#203040")
    return image


def wordless(width: int = 300, height: int = 200) -> Image.Image:
    """A sky, from light to dark."""
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The file's bytes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
