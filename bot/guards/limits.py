"""How much may come at once: token buckets for conversations, sockets and network addresses."""

import ipaddress
import time
from collections import Counter
from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager

from bot.errors import RateLimitedError, SocketsExhaustedError
from bot.settings import Settings

Clock = Callable[[], float]
SWEEP_AT = 10_000


class Bucket:
    """A token bucket: `burst` at once, `rate` a second in the long run."""

    def __init__(self, rate: float, burst: float, clock: Clock = time.monotonic) -> None:
        """The bucket begins full."""
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._at = burst, clock()

    def take(self) -> bool:
        """Take one token; False when there is none."""
        self._refill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    @property
    def is_full(self) -> bool:
        """Whether forgetting this bucket would change nothing."""
        self._refill()
        return self._tokens >= self._burst

    @property
    def wait_seconds(self) -> float:
        """How long until there is a token again."""
        return max(0.0, (1 - self._tokens) / self._rate)

    def _refill(self) -> None:
        moment = self._clock()
        self._tokens = min(self._burst, self._tokens + (moment - self._at) * self._rate)
        self._at = moment


class Limit:
    """One limit for each of many keys. Buckets that are full again are forgotten."""

    def __init__(self, what: str, rate: float, burst: float, clock: Clock = time.monotonic) -> None:
        """`what` is counted, in the plural: the error says that there were too many of them."""
        self._what, self._rate, self._burst, self._clock = what, rate, burst, clock
        self._buckets: dict[Hashable, Bucket] = {}

    def check(self, key: Hashable) -> None:
        """Count one for this key. Raises RateLimitedError."""
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= SWEEP_AT:
                self._buckets = {held: other for held, other in self._buckets.items() if not other.is_full}
            bucket = self._buckets[key] = Bucket(self._rate, self._burst, self._clock)
        if not bucket.take():
            raise RateLimitedError(self._what, bucket.wait_seconds)


class Limits:
    """The limits of one process. Those by network address exempt this machine unless the operator says otherwise."""

    def __init__(self, settings: Settings, clock: Clock = time.monotonic) -> None:
        """The settings say how much is allowed."""
        rate, burst = settings.messages_a_second, settings.message_burst
        self._messages = Limit("messages", rate, burst, clock)
        # A visitor may do about twice as many things that are no message: read, vote, ask for a person.
        self._requests = Limit("requests", 2 * rate, 2 * burst, clock)
        rate, burst = settings.address_messages_a_second, settings.address_message_burst
        self._messages_from = Limit("messages from this address", rate, burst, clock)
        self._most_sockets = settings.address_sockets
        self._sockets: Counter[str] = Counter()
        self._limit_loopback = settings.limit_loopback
        self._openings = _a_minute("new conversations", settings.conversations_a_minute, clock)
        self._asks = _a_minute("questions", settings.asks_a_minute, clock)
        self._images = _a_minute("images", settings.images_a_minute, clock)
        self._images_from = _a_minute("images", settings.images_a_minute, clock)

    def check_message(self, conversation_id: Hashable, address: str | None) -> None:
        """Count a message of a conversation, and of a visitor's network address. Raises RateLimitedError."""
        self._messages.check(conversation_id)
        if address is not None:
            self._check(self._messages_from, address)

    def check_request(self, conversation_id: Hashable) -> None:
        """Count whatever a visitor asks of REST for a conversation. Raises RateLimitedError."""
        self._requests.check(conversation_id)

    @contextmanager
    def socket(self, address: str) -> Generator[None]:
        """Count a connection from a network address for as long as it is open. Raises SocketsExhaustedError."""
        network = network_of(address)
        if self._is_limited(address) and self._sockets[network] >= self._most_sockets:
            raise SocketsExhaustedError(self._most_sockets)
        self._sockets[network] += 1
        try:
            yield
        finally:
            self._sockets[network] -= 1
            if not self._sockets[network]:
                del self._sockets[network]

    def check_opening(self, address: str) -> None:
        """Count a new conversation from a network address. Raises RateLimitedError."""
        self._check(self._openings, address)

    def check_ask(self, address: str) -> None:
        """Count a question outside any conversation. Raises RateLimitedError."""
        self._check(self._asks, address)

    def check_image(self, conversation_id: Hashable, address: str | None) -> None:
        """Count an image of a conversation, and of a visitor's network address. Raises RateLimitedError."""
        self._images.check(conversation_id)
        if address is not None:
            self._check(self._images_from, address)

    def _check(self, limit: Limit, address: str) -> None:
        if self._is_limited(address):
            limit.check(network_of(address))

    def _is_limited(self, address: str) -> bool:
        return self._limit_loopback or not is_loopback(address)


def is_loopback(address: str) -> bool:
    """Whether a network address is this machine's own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback


def network_of(address: str) -> str:
    """What a limit by network address counts: the address, in IPv6 its /64, of which one customer has all addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))


def _a_minute(what: str, number: int, clock: Clock) -> Limit:
    return Limit(what, number / 60, number, clock)
