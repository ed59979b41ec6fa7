"""What a customer was offered by title, and which of it they mean by writing that title."""

from collections.abc import Sequence
from typing import Any

from weaver_core.texts.normalization import canonical


def named(offered: Sequence[dict[str, Any]], text: str) -> str | None:
    """The answer_id of what was offered under the title that a text is, None when it is none of them."""
    said = canonical(text)
    return next((one["answer_id"] for one in offered if canonical(one["title"]) == said), None)
