"""Whether a customer's next turn says that an answer helped."""

import pytest

from knowledge_base.ingestion.aftermath import helped
from knowledge_base.ingestion.mining import NO_HELP, mine
from weaver_core.dialogue import Dialogue, Role, Turn
from weaver_core.heads import examples
from weaver_core.heads.labels import Task


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("That worked, thanks!", True),
        ("Perfect, thank you so much", True),
        ("It still does not turn on", False),
        ("thanks but I already tried that", False),
        ("That didn't help at all", False),
        ("And how much is it?", None),
        ("", None),
        ("好了，谢谢", True),
        ("还是不行", False),
        ("那要多少钱？", None),
    ],
)
def test_the_next_turn_tells(text: str, label: bool | None) -> None:  # noqa: FBT001 - the example's column
    assert helped(text) is label


def test_on_labelled_turns_what_it_says_is_nearly_always_right() -> None:
    said = [(one.label, helped(one.text)) for one in examples.shipped(Task.RESOLUTION)]
    told = [(label, outcome) for label, outcome in said if outcome is not None]
    right = [label == ("resolved" if outcome else "not resolved") for label, outcome in told]
    assert len(told) >= 50
    assert sum(right) / len(right) >= 0.95


def _mined(after: str) -> tuple[list[bool | None], int]:
    turns = (
        Turn(Role.CUSTOMER, "How do I reset the kettle to its first settings?"),
        Turn(Role.AGENT, "Hold the button for ten seconds until the light turns blue."),
        Turn(Role.CUSTOMER, after),
    )
    found = mine(Dialogue("one", turns))
    return [pair.helped for pair in found.pairs], found.skipped[NO_HELP]


def test_an_answer_that_did_not_help_is_not_mined_and_one_that_did_is_marked() -> None:
    assert _mined("That worked, thank you!") == ([True], 0)
    assert _mined("It is still not working.") == ([], 1)
    assert _mined("And where is the button?") == ([None], 0)
