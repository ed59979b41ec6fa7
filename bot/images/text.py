"""The text in an image, read by models that ship with rapidocr: `python -m bot.images.text` reads one after another."""

import io
import struct
import sys
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

# Larger print is read no better for being larger, and takes longer.
MOST_SHORT_SIDE = 1080
# A narrow strip is read with its edges drawn out: the detector would blow it up until letters are no letters to it.
LEAST_SIDE = 640
# A long screenshot is read piece by piece: at once it would be shrunk until nothing could be read.
MOST_HEIGHT = 1600
# So much of a piece's end is searched for a row to cut at that has the least ink in it.
CUT_IN = 0.25
# Of this process's time; what takes longer is left unread.
SECONDS = 12.0
MOST_CHARACTERS = 3000
# How sure a line must be to count as text: letters seen in a photograph's leaves and bricks are less so.
LEAST_SCORE = 0.6
LENGTH = struct.Struct(">I")


class TextReader:
    """The models, opened; one thread, nothing logged, nothing fetched."""

    def __init__(self) -> None:
        """Takes about a second."""
        # Heavy, and needed in a process of its own only.
        import cv2  # noqa: PLC0415
        from rapidocr import RapidOCR  # noqa: PLC0415

        cv2.setNumThreads(1)
        self._read = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.text_score": LEAST_SCORE,
                # Images come upright.
                "Global.use_cls": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def read(self, content: bytes) -> str:
        """The lines of an image from top to bottom; empty when there are none."""
        until = time.process_time() + SECONDS
        lines: list[str] = []
        for piece in _pieces(_pixels(content)):
            if time.process_time() > until:
                break
            # It takes pixels as OpenCV has them: blue first.
            found: Any = self._read(np.ascontiguousarray(_framed(piece)[:, :, ::-1]))
            if found.txts:
                lines += _lines(found.boxes, found.txts)
        return "\n".join(lines)[:MOST_CHARACTERS]


def _pixels(content: bytes) -> NDArray[np.uint8]:
    """The pixels, in a size that is worth reading. Shapes: (height, width, 3)."""
    with Pillow.open(io.BytesIO(content)) as opened:
        image = opened.convert("RGB")
    scale = MOST_SHORT_SIDE / min(image.size)
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)))
    return np.asarray(image)


def _pieces(pixels: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The image cut between lines of text, from top to bottom."""
    while len(pixels) > MOST_HEIGHT:
        begin = round(MOST_HEIGHT * (1 - CUT_IN))
        ink = pixels[begin:MOST_HEIGHT].std(axis=(1, 2))
        cut = begin + int(ink.argmin())
        yield pixels[:cut]
        pixels = pixels[cut:]
    yield pixels


def _framed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image in the middle of one that has the least side at least. Shapes: (height, width, 3)."""
    missing = [max(0, LEAST_SIDE - side) for side in pixels.shape[:2]]
    return np.pad(pixels, [*((one // 2, one - one // 2) for one in missing), (0, 0)], mode="edge")


def _lines(boxes: NDArray[np.float32], texts: tuple[str, ...]) -> list[str]:
    """What stands side by side is one line. Shapes: boxes (N, 4, 2)."""
    lines: list[list[str]] = []
    middle, reach = 0.0, -1.0
    for box, text in zip(boxes, texts, strict=True):
        top, bottom = float(box[:, 1].min()), float(box[:, 1].max())
        if abs((top + bottom) / 2 - middle) > reach:
            lines.append([])
            middle, reach = (top + bottom) / 2, (bottom - top) / 2
        lines[-1].append(text)
    return [" ".join(line) for line in lines]


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Read image after image until the source ends: each a length and so many bytes, as is the text that comes back."""
    reader: TextReader | None = None
    while head := source.read(LENGTH.size):
        content = source.read(LENGTH.unpack(head)[0])
        reader = reader or TextReader()
        text = reader.read(content).encode()
        target.write(LENGTH.pack(len(text)) + text)
        target.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
