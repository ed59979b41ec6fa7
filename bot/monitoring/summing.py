"""What is talked about, summed up: the busiest topics of a day, and the questions of a week that nobody answered."""

from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np

from bot.monitoring.alarming import typical
from bot.monitoring.remembered import Lately, hours_of
from weaver_core import topics
from weaver_core.topics import Rise

TOPICS, UNANSWERED = 12, 10
DAY, WEEK = 24.0, 7 * 24.0


def summed_up(lately: Lately, moment: datetime) -> dict[str, Any]:
    """Topics as plain JSON, texts by the ids under which they were heard."""
    now = hours_of(moment)
    near = topics.by_cosine(lately.vectors)
    busy = topics.busiest(lately.heard(), near, now, DAY, TOPICS)
    left = lately.of([row for row, text in enumerate(lately.texts) if text.unanswered])
    lacking = topics.busiest(left.heard(), topics.by_cosine(left.vectors), now, WEEK, UNANSWERED)
    return {
        "at": moment.isoformat(),
        "texts": len(lately.texts),
        "people": len({text.person for text in lately.texts}),
        "topics": [_told(lately, rise) for rise in busy],
        "unanswered": [_told(left, rise) for rise in lacking],
    }


def _told(lately: Lately, rise: Rise) -> dict[str, Any]:
    members = [lately.texts[row] for row in rise.members]
    moods = [text.mood for text in members if text.mood is not None]
    return {
        "typical": [str(lately.texts[row].id) for row in typical(lately, rise)],
        "people": rise.people,
        "usual": round(rise.expected, 2),
        "mood": round(float(np.mean(moods)), 3) if moods else None,
        "streams": dict(Counter(text.stream for text in members).most_common()),
    }
