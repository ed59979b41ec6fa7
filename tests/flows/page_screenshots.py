"""The accounts' and the models' pictures in docs/screenshots: `python -m tests.flows.page_screenshots`, in seconds.

The team and the model's past are made for it; nothing is imported and no encoder of a real installation is loaded.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import anyio
from playwright.async_api import Browser, async_playwright

from bot.settings import Settings
from knowledge_base import schema
from knowledge_base.accounts import AccountRole
from tests import tiny_encoder
from tests.bot.person import add_account
from tests.bot.running_server import RunningServer, run_server
from tests.flows import staff, trained
from tests.flows.conftest import CHROMIUM, FLAGS
from tests.flows.screenshots import FOLDER, small
from tests.flows.signing_in import sign_in
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder

BOSS = "Ada"
WIDTH = 1280


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One picture: its page, the doc that it stands in, and how much of the page is seen."""

    name: str
    path: str
    doc: str
    height: int


PAGES = (
    PagePicture("accounts-en", "/admin/accounts", "accounts.md", 900),
    PagePicture("models-en", "/admin/models", "models.md", 1050),
)


async def take(browser: Browser, server: RunningServer, picture: PagePicture) -> bytes:
    """A picture as a PNG of few colours."""
    size = {"width": WIDTH, "height": picture.height}
    context = await browser.new_context(viewport=size, color_scheme="light", reduced_motion="reduce", locale="en-GB")  # type: ignore[arg-type]
    page = await context.new_page()
    await sign_in(page, server, BOSS, picture.path)
    shown = await page.screenshot()
    await context.close()
    return small(shown, picture.name, smooth=False)


async def take_all(server: RunningServer) -> None:
    """Write the pictures."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for picture in PAGES:
            content = await take(browser, server, picture)
            await anyio.Path(FOLDER, f"{picture.name}.png").write_bytes(content)
            sys.stderr.write(f"{picture.name}.png: {len(content):,} bytes\n")
        await browser.close()


def main() -> None:
    """Make a team and a model with a past, take the pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'weaver.db'}"
        schema.upgrade(url)
        add_account(url, BOSS, AccountRole.ADMIN)
        anyio.run(staff.hire, url, BOSS)
        anyio.run(trained.train, url)
        transformer = tiny_encoder.write(folder / "tiny", ["Where is my parcel?"])
        encoder = OnnxEncoder(export.exported(sources.find(str(transformer)), folder / "encoders"))
        settings = Settings.model_validate({"home": folder, "database_url": url, "update_schedule": "off"})
        with run_server(settings, encoder, None) as server:
            anyio.run(take_all, server)


if __name__ == "__main__":
    main()
