"""The pictures in the docs: those that the command makes, small, and all of them linked."""

import re
from pathlib import Path

import pytest

from tests.flows.page_screenshots import PAGES, PagePicture
from tests.flows.screenshots import FOLDER, MOST_BYTES, PICTURES, SHOP_PAGES, WATCHING, Picture, ShopPicture

DOCS = FOLDER.parent


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_small_and_stands_in_the_docs(picture: Picture) -> None:
    assert (FOLDER / f"{picture.name}.png").stat().st_size < MOST_BYTES
    assert f"screenshots/{picture.name}.png" in (DOCS / "widget.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", SHOP_PAGES, ids=lambda picture: picture.name)
def test_a_picture_of_the_shops_pages_is_small_and_stands_in_its_docs(picture: ShopPicture) -> None:
    assert (FOLDER / f"{picture.name}.png").stat().st_size < MOST_BYTES
    assert f"screenshots/{picture.name}.png" in (DOCS / picture.docs).read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", WATCHING, ids=lambda picture: picture.name)
def test_a_picture_of_the_watch_is_small_and_stands_in_its_page(picture: Picture) -> None:
    assert (FOLDER / f"{picture.name}.png").stat().st_size < MOST_BYTES
    assert f"screenshots/{picture.name}.png" in (DOCS / "watching.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", PAGES, ids=lambda picture: picture.name)
def test_a_picture_of_a_page_is_small_and_stands_in_its_doc(picture: PagePicture) -> None:
    assert (FOLDER / f"{picture.name}.png").stat().st_size < MOST_BYTES
    assert f"screenshots/{picture.name}.png" in (DOCS / picture.doc).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_every_picture_of_a_page_is_there(page: Path) -> None:
    for target in re.findall(r"!\[[^]]*\]\(([^):]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).is_file(), target
