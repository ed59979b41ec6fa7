"""Limits: so much at once, so much in the long run."""

import pytest

from bot.errors import RateLimitedError
from bot.guards import limits
from bot.guards.limits import Bucket, Limit, Limits, is_loopback
from bot.settings import Settings


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        """The moment."""
        return self.now


def test_a_bucket_gives_a_burst_at_once_and_its_rate_afterwards() -> None:
    clock = Clock()
    bucket = Bucket(rate=2, burst=3, clock=clock)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    assert bucket.wait_seconds == pytest.approx(0.5)
    clock.now += 1
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    clock.now += 1000
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_one_keys_flood_leaves_the_others_alone() -> None:
    limit = Limit("messages", 1, 1, Clock())
    limit.check("ada")
    with pytest.raises(RateLimitedError, match=r"Too many messages; try again in 1\.0 seconds\."):
        limit.check("ada")
    limit.check("grace")


def test_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SWEEP_AT", 10)
    clock = Clock()
    limit = Limit("messages", 1, 1, clock)
    for key in range(10):
        limit.check(key)
    clock.now += 10
    limit.check("new")
    assert len(limit._buckets) == 1


@pytest.mark.parametrize("limited", [True, False])
def test_limits_by_address_spare_this_machine_unless_told_otherwise(*, limited: bool) -> None:
    settings = Settings(conversations_a_minute=1, asks_a_minute=1, limit_loopback=limited)
    for check in (Limits(settings, Clock()).check_opening, Limits(settings, Clock()).check_ask):
        check("127.0.0.1")
        check("203.0.113.7")
        with pytest.raises(RateLimitedError):
            check("203.0.113.7")
        if limited:
            with pytest.raises(RateLimitedError):
                check("127.0.0.1")
        else:
            check("127.0.0.1")


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("unknown", False),
    ],
)
def test_this_machines_addresses_are_known(address: str, *, ours: bool) -> None:
    assert is_loopback(address) is ours
