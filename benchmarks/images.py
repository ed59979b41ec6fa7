"""How well the text in images is read: character errors and CPU seconds an image, by language, size and kind of file.

`python -m benchmarks.images`: the sample shop's questions and an error code drawn as messages on a page, sent as a PNG,
as a JPEG, or photographed from a screen (turned by three degrees, blurred, with noise), and read as the service reads
them. `--pages N` draws other numbers of each kind than three.
"""

import argparse
import io
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from bot.images import received
from bot.images.text import TextReader

SHOP = Path(__file__).resolve().parents[1] / "examples" / "shop"
FONT, SIMPLIFIED = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2
LINES_A_PAGE, WIDEST = 4, 900
SIZES = (8, 12, 24)
"""Of the letters, in pixels."""
KINDS = ("PNG", "JPEG 30", "JPEG 10", "photograph")
"""Of the files; JPEG with its quality."""


@dataclass(frozen=True, slots=True)
class Page:
    """A drawn screenshot and what stands on it."""

    content: bytes
    lines: tuple[str, ...]


def questions(language: str) -> list[str]:
    """The sample shop's held-out questions in a language."""
    with (SHOP / f"questions.{language}.jsonl").open() as file:
        return [json.loads(line)["question"] for line in file]


def pages(language: str, size: int, kind: str, number: int) -> Iterator[Page]:
    """Pages of questions, each with an error code, dark on light and light on dark by turns."""
    font = ImageFont.truetype(FONT, size, index=SIMPLIFIED)
    random = np.random.default_rng(7)
    fitting = [text for text in questions(language) if font.getlength(text) < WIDEST - 60]
    for page in range(number):
        chosen = random.choice(fitting, LINES_A_PAGE - 1, replace=False)
        code = f"{'错误代码' if language == 'zh' else 'Error code'} E-{random.integers(1000, 9999)}"
        lines = (*map(str, chosen), code)
        paper, ink = ("white", "#1a2b33") if page % 2 == 0 else ("#1e2428", "#e8edf0")
        image = Image.new("RGB", (WIDEST, 60 + 2 * size * len(lines)), paper)
        pen = ImageDraw.Draw(image)
        for place, line in enumerate(lines):
            pen.text((30, 30 + 2 * size * place), line, font=font, fill=ink)
        yield Page(sent(image, kind, random), lines)


def sent(image: Image.Image, kind: str, random: np.random.Generator) -> bytes:
    """The file that a customer sends."""
    file = io.BytesIO()
    if kind == "PNG":
        image.save(file, kind)
    elif kind == "photograph":
        turned = image.rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor="#7a766f")
        pixels = np.asarray(turned.filter(ImageFilter.GaussianBlur(0.8)), np.float32)
        noisy = np.clip(pixels + random.normal(0, 12, pixels.shape), 0, 255)
        Image.fromarray(noisy.astype(np.uint8)).save(file, "JPEG", quality=60)
    else:
        image.save(file, "JPEG", quality=int(kind.split()[1]))
    return file.getvalue()


def errors(read: str, lines: tuple[str, ...]) -> float:
    """The share of characters that were misread: edits by characters, blanks left out. In [0, ∞)."""
    right, found = ("".join("".join(text).split()) for text in (lines, read))
    return Levenshtein.distance(right, found) / len(right)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3, help="pages of each kind")
    number = parser.parse_args().pages
    start = time.process_time()
    reader = TextReader()
    reader.read(next(pages("en", 24, "PNG", 1)).content)
    print(f"The models are ready after {time.process_time() - start:.1f} CPU s, a first image included.\n")
    print("| language | letters, px | file | character errors | codes read | CPU s an image |")
    print("|---|---|---|---|---|---|")
    for language in ("en", "zh"):
        for size in SIZES:
            for kind in KINDS:
                wrong, codes, spent = [], [], []
                for page in pages(language, size, kind, number):
                    content = received.prepared(page.content).content
                    begin = time.process_time()
                    read = reader.read(content)
                    spent.append(time.process_time() - begin)
                    wrong.append(errors(read, page.lines))
                    codes.append(page.lines[-1].split()[-1] in read)
                figures = f"{statistics.mean(wrong):.1%} | {sum(codes)} of {number} | {statistics.mean(spent):.2f}"
                print(f"| {language} | {size} | {kind} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
