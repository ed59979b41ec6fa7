"""A process that learns and saves its indexes over and over, to be killed: `python -m tests.bot.learning_process`."""

import sys
from pathlib import Path

import anyio

from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from tests.bot.serving.test_active_model import teach
from weaver_core.encoders.encoder import OnnxEncoder


async def learn(url: str, encoder: OnnxEncoder, folder: Path) -> None:
    """Answer after answer, each served and saved."""
    database = Database(url)
    options = DecisionOptions()
    serving = Serving(database, [encoder], options, folder)
    await serving.load()
    number = serving.answers
    while True:
        draft = AnswerDraft(f"Answer {number}.", f"{number}", language="en")
        await teach(database, encoder, draft, [f"how long does number {number} take", f"where is {number}"])
        await serving.catch_up()
        await serving.save()
        if number == serving.answers - 1:
            sys.stdout.write("ready\n")
            sys.stdout.flush()
        number += 1


def main() -> None:
    """Learn until killed."""
    url, encoder, folder = sys.argv[1:]
    anyio.run(learn, url, OnnxEncoder(Path(encoder)), Path(folder))


if __name__ == "__main__":
    main()
