"""The text in images, read by the real models in a process of its own."""

import os
import sys
from collections.abc import AsyncIterator

import anyio
import pytest

from bot.images.reading import ImageReading
from bot.images.text import MOST_HEIGHT
from tests.bot.drawn import ERROR, saved, screenshot, wordless
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
async def reading() -> AsyncIterator[ImageReading]:
    reading = ImageReading(seconds=120)
    async with reading.running():
        yield reading


def process_of(reading: ImageReading) -> int:
    assert reading._process is not None
    return reading._process.pid


async def test_a_screenshot_is_read_in_both_languages_with_its_code(
    reading: ImageReading, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await reading.read(saved(screenshot())) == "\n".join(ERROR)
    assert await reading.read(saved(screenshot(), "JPEG", quality=60)) == "\n".join(ERROR)
    assert await reading.read(saved(wordless())) == ""
    # Nothing is said on the way.
    assert capfd.readouterr() == ("", "")


async def test_what_stands_side_by_side_is_one_line(reading: ImageReading) -> None:
    page = screenshot(["Order", "Total"], width=900)
    page.paste(screenshot(["4711", "89.00"], width=300), (500, 0))
    assert await reading.read(saved(page)) == "Order 4711\nTotal 89.00"


async def test_a_long_screenshot_is_read_to_its_end(reading: ImageReading) -> None:
    lines = [f"Question {number} about order 88{number:02}" for number in range(40)]
    page = screenshot(lines, size=30)
    assert page.height > MOST_HEIGHT
    assert await reading.read(saved(page)) == "\n".join(lines)


async def test_images_are_read_one_at_a_time_by_one_process(reading: ImageReading) -> None:
    texts: dict[int, str | None] = {}

    async def read(number: int) -> None:
        texts[number] = await reading.read(saved(screenshot([f"Ticket {number}"])))

    async with anyio.create_task_group() as group:
        for number in range(4):
            group.start_soon(read, number)
    assert texts == {number: f"Ticket {number}" for number in range(4)}


async def test_a_reader_that_is_killed_costs_one_image_its_text(reading: ImageReading) -> None:
    await reading.read(saved(wordless()))
    first = process_of(reading)
    os.kill(first, 9)
    assert await reading.read(saved(screenshot(["Lost"]))) is None
    assert await reading.read(saved(screenshot(["Found"]))) == "Found"
    assert process_of(reading) != first


async def test_what_takes_too_long_is_left_unread() -> None:
    impatient = ImageReading(seconds=0.05)
    async with impatient.running():
        assert await impatient.read(saved(screenshot())) is None
        assert impatient._process is None


async def test_a_reader_without_work_ends_and_comes_back() -> None:
    reading = ImageReading(seconds=120, idle_seconds=0.2)
    async with reading.running():
        assert await reading.read(saved(screenshot(["One"]))) == "One"
        with anyio.fail_after(PATIENCE_SECONDS):
            while reading._process is not None:
                await anyio.sleep(0.05)
        assert await reading.read(saved(screenshot(["Two"]))) == "Two"
    assert reading._process is None


async def test_the_service_itself_loads_nothing_that_reads(reading: ImageReading) -> None:
    assert await reading.read(saved(screenshot(["Hello"]))) == "Hello"
    assert not {"cv2", "rapidocr"} & set(sys.modules)
