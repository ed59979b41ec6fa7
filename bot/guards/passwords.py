"""Passwords: made at random, weighed, hashed slowly with argon2, checked off the event loop."""

import secrets

import anyio
from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import PasswordWeakError

# Without what is easily read as something else: 0 and O, 1 and l and I.
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUPS, GROUP_LENGTH = 4, 5
SHORTEST, LONGEST = 10, 1024
# Of zxcvbn's five grades the fourth: more than 10^8 guesses, as many as nobody makes at ten in a quarter of an hour.
GRADE = 3
# More of a password does not make it weaker, and takes long to weigh.
WEIGHED = 72

_HASHER = PasswordHasher()
# What an unknown name's password is checked against, so that the answer takes as long as a known one's.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5LWhhcy10aGlz$x9VrLyVnBHWcHGeyKDjvNxA9gIvvAeJGdBlA6AUEqIY"
# A check takes 64 MB for some 50 ms: a burst of logins waits here instead of filling the machine's memory.
_LIMITER = anyio.CapacityLimiter(2)


def generate() -> str:
    """A new password of 116 random bits that can be read aloud: four groups of five."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


async def check(password: str, name: str) -> None:
    """Whether a person may choose a password. Raises PasswordWeakError, in a sentence that says what to do."""
    if len(password) < SHORTEST:
        raise PasswordWeakError(f"The password must have at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise PasswordWeakError(f"The password may have {LONGEST} characters.")
    if await to_thread.run_sync(_grade, password, name, limiter=_LIMITER) < GRADE:
        raise PasswordWeakError("The password is soon guessed; take four words that have nothing to do with another.")


async def hash_password(password: str) -> str:
    """The hash under which a password is stored."""
    return await to_thread.run_sync(_HASHER.hash, password, limiter=_LIMITER)


async def verify(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one that was hashed. With None, nobody's, it takes as long and is never right."""
    if len(password) > LONGEST:
        return False
    matches = await to_thread.run_sync(_matches, password, password_hash or _NOBODY, limiter=_LIMITER)
    return matches and password_hash is not None


def _grade(password: str, name: str) -> int:
    # Its lists of words take 60 ms to read, which a service without a new password need not wait for.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    grade: int = zxcvbn(password[:WEIGHED], user_inputs=[name, "weaver"])["score"]
    return grade


def _matches(password: str, password_hash: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
