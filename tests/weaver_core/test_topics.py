"""Topics on the rise: quiet while people ask as they did, found when something new comes or people turn angry."""

import numpy as np
import pytest
from numpy.typing import NDArray

from weaver_core import topics
from weaver_core.topics import Heard, Kind, by_cosine

# So many topics that are asked for all the time, and one that nobody has heard of.
KNOWN, NEW = 40, 40
DIMENSION = 64
DAYS = 14


def texts(random: np.random.Generator, of: NDArray[np.int64]) -> NDArray[np.float32]:
    """Texts of these topics: those of one topic are near each other, those of two are not."""
    middles = np.linalg.qr(np.random.default_rng(7).normal(size=(DIMENSION, DIMENSION)))[0][: KNOWN + 1]
    vectors = middles[of] + random.normal(scale=0.05, size=(len(of), DIMENSION))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


class Stream:
    """Texts over time, of which some part is heard so far."""

    def __init__(self, seed: int = 0, an_hour: float = 20.0) -> None:
        self.random = np.random.default_rng(seed)
        count = self.random.poisson(an_hour * 24 * DAYS)
        self.hours = np.sort(self.random.uniform(0, 24 * DAYS, count))
        shares = self.random.dirichlet(np.full(KNOWN, 0.7))
        self.topics = self.random.choice(KNOWN, count, p=shares)
        self.people = np.arange(count)
        self.streams = np.zeros(count, np.int64)
        self.angry = self.random.random(count) < 0.1

    def add(
        self, topic: int, hours: NDArray[np.float64], *, stream: int = 0, angry: bool = False, one: bool = False
    ) -> None:
        """More texts of a topic at these hours, of as many people or of one."""
        count = len(hours)
        first = int(self.people.max()) + 1
        self.hours = np.append(self.hours, hours)
        self.topics = np.append(self.topics, np.full(count, topic))
        self.people = np.append(self.people, np.full(count, first) if one else first + np.arange(count))
        self.streams = np.append(self.streams, np.full(count, stream))
        self.angry = np.append(self.angry, np.full(count, angry))

    def rising(self, now: float) -> list[topics.Rise]:
        """What rises at an hour."""
        vectors = texts(np.random.default_rng(1), self.topics)
        return topics.rising(self.heard(), by_cosine(vectors), now)

    def heard(self) -> Heard:
        """All texts so far."""
        return Heard(self.hours, self.people, self.streams, self.angry)


@pytest.mark.slow
def test_what_is_asked_as_ever_raises_nothing() -> None:
    for seed in range(4):
        stream = Stream(seed)
        assert [stream.rising(24.0 * DAYS - back) for back in range(0, 48, 6)] == [[]] * 8


def test_a_topic_that_nobody_has_heard_of_is_found_within_the_hour() -> None:
    stream = Stream()
    begun = 24.0 * DAYS - 1
    stream.add(NEW, begun + np.linspace(0.05, 0.9, 10))
    assert stream.rising(begun) == []
    found = stream.rising(begun + 1)
    assert [rise.kind for rise in found] == [Kind.VOLUME]
    assert set(stream.topics[list(found[0].members)]) == {NEW}
    assert (found[0].people, found[0].before, found[0].window) == (10, 0, 1.0)
    assert found[0].expected < 1


def test_a_known_topic_that_is_asked_for_much_more_is_found() -> None:
    stream = Stream()
    common = int(np.bincount(stream.topics).argmax())
    begun = 24.0 * DAYS - 1
    stream.add(common, begun + np.linspace(0, 0.9, 30))
    (found,) = stream.rising(begun + 1)
    assert set(stream.topics[list(found.members)]) == {common}
    assert found.people > 3 * found.expected > 3


def test_a_busy_hour_of_everything_raises_nothing() -> None:
    stream = Stream()
    lately = stream.hours > 24.0 * DAYS - 24
    for topic in stream.topics[lately][:200]:
        stream.add(int(topic), np.array([24.0 * DAYS - 0.5]))
    assert stream.rising(24.0 * DAYS) == []


def test_one_person_who_says_it_again_and_again_raises_nothing() -> None:
    stream = Stream()
    stream.add(NEW, 24.0 * DAYS - np.linspace(0.1, 0.9, 40), one=True)
    assert stream.rising(24.0 * DAYS) == []


def test_a_source_that_was_never_there_before_says_nothing_of_what_rises() -> None:
    stream = Stream()
    stream.add(NEW, 24.0 * DAYS - np.linspace(0.1, 0.9, 40), stream=1)
    assert stream.rising(24.0 * DAYS) == []


def test_two_sources_together_tell_what_neither_tells_alone() -> None:
    def told(*streams: int) -> bool:
        stream = Stream()
        for other in (1, 2):
            stream.add(0, np.linspace(0, 24 * DAYS - 2, 400), stream=other)
        for one in streams:
            stream.add(NEW, 24.0 * DAYS - np.linspace(0.1, 0.9, 4), stream=one)
        return bool(stream.rising(24.0 * DAYS))

    assert not told(1)
    assert not told(2)
    assert told(1, 2)


def test_a_topic_of_which_people_speak_angrily_all_at_once_is_found_though_no_more_ask_for_it() -> None:
    stream = Stream(an_hour=60)
    common = int(np.bincount(stream.topics).argmax())
    lately = (stream.topics == common) & (stream.hours > 24.0 * DAYS - 6)
    assert lately.sum() > 15
    stream.angry[lately] = True
    found = stream.rising(24.0 * DAYS)
    assert [rise.kind for rise in found] == [Kind.ANGER]
    assert set(stream.topics[list(found[0].members)]) == {common}


def test_nothing_is_said_before_it_is_known_what_is_usual() -> None:
    stream = Stream(an_hour=topics.FEWEST_BEFORE / 24 / DAYS / 2)
    stream.add(NEW, 24.0 * DAYS - np.linspace(0.1, 0.9, 40))
    assert stream.rising(24.0 * DAYS) == []


def test_texts_without_words_are_like_no_other() -> None:
    stream = Stream()
    stream.add(NEW, 24.0 * DAYS - np.linspace(0.1, 0.9, 40))
    vectors = texts(np.random.default_rng(1), stream.topics)
    vectors[stream.topics == NEW] = 0
    assert topics.rising(stream.heard(), by_cosine(vectors), 24.0 * DAYS) == []


def test_two_topics_that_rise_at_once_are_two() -> None:
    stream = Stream()
    rare = int(np.bincount(stream.topics, minlength=KNOWN).argmin())
    stream.add(NEW, 24.0 * DAYS - np.linspace(0.1, 0.9, 12))
    stream.add(rare, 24.0 * DAYS - np.linspace(0.1, 0.9, 12))
    found = stream.rising(24.0 * DAYS)
    assert {int(stream.topics[rise.centre]) for rise in found} == {NEW, rare}
    assert len(found) == 2


def test_the_busiest_topics_come_first_and_no_text_is_in_two() -> None:
    stream = Stream(an_hour=30)
    vectors = texts(np.random.default_rng(1), stream.topics)
    found = topics.busiest(stream.heard(), by_cosine(vectors), 24.0 * DAYS, 24.0, 5)
    sizes = [len(rise.members) for rise in found]
    assert sizes == sorted(sizes, reverse=True)
    lately = np.bincount(stream.topics[stream.hours > 24.0 * DAYS - 24])
    assert sizes == sorted(lately, reverse=True)[:5]
    assert all(len(set(stream.topics[list(rise.members)])) == 1 for rise in found)
    assert len({text for rise in found for text in rise.members}) == sum(sizes)


def test_of_nothing_nothing_is_told() -> None:
    nothing = Heard(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))
    near = by_cosine(np.zeros((0, 3), np.float32))
    assert topics.rising(nothing, near, 0.0) == []
    assert topics.busiest(nothing, near, 0.0, 24.0, 5) == []
