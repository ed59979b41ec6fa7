"""The pages' words: each has a name of its own and both languages, and the templates ask for none that is not there."""

import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path

from bot import pages
from bot.pages import words

TEMPLATES = Path(pages.__file__).parent.parent / "templates"


def lists() -> dict[str, dict[str, tuple[str, str]]]:
    """The lists of words by the modules that they are in."""
    modules = [importlib.import_module(f"bot.pages.{one.name}") for one in pkgutil.iter_modules(pages.__path__)]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_WORDS") and module.__name__.endswith(f".{name.lower()}")
    }


def test_no_list_takes_another_ones_name() -> None:
    assert len(lists()) > 5
    every = Counter(key for one in lists().values() for key in one)
    assert [key for key, times in every.items() if times > 1] == []
    own = re.findall(r'^    "([^"]+)": \(', Path(words.__file__).read_text(encoding="utf-8"), re.MULTILINE)
    assert set(own) & every.keys() == set()


def test_each_is_said_in_both_languages() -> None:
    for name, one in lists().items():
        for key, said in one.items():
            assert len(said) == 2, (name, key)
            assert all(said), (name, key)


def test_the_templates_ask_for_words_that_are_there() -> None:
    asked = {
        key: page.name
        for page in TEMPLATES.rglob("*.html")
        for key in re.findall(r"""\bt\(["']([^"']+)["'](?: *[,)])""", page.read_text(encoding="utf-8"))
    }
    assert len(asked) > 200
    assert {key: page for key, page in asked.items() if not words.knows(key)} == {}
