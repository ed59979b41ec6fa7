"""ε̂ of a vote is that of its time."""

from bot.updates.gathered import Noise
from knowledge_base.identifiers import new_id


def test_a_vote_is_as_doubtful_as_those_around_it() -> None:
    before, first, between, second, after = (new_id() for _ in range(5))
    noise = Noise((first, second), (0.1, 0.4))
    assert [noise.of(vote) for vote in (before, first, between, second, after)] == [0.1, 0.1, 0.1, 0.4, 0.4]
    assert Noise((), (0.2,)).of(first) == 0.2
