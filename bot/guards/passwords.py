"""Passwords: made at random, hashed slowly with argon2, checked off the event loop."""

import secrets

import anyio
from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Without what is easily read as something else: 0 and O, 1 and l and I.
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUPS, GROUP_LENGTH = 4, 5
LONGEST = 1024

_HASHER = PasswordHasher()
# What an unknown name's password is checked against, so that the answer takes as long as a known one's.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5LWhhcy10aGlz$x9VrLyVnBHWcHGeyKDjvNxA9gIvvAeJGdBlA6AUEqIY"
# A check takes 64 MB for some 50 ms: a burst of logins waits here instead of filling the machine's memory.
_LIMITER = anyio.CapacityLimiter(2)


def generate() -> str:
    """A new password of 116 random bits that can be read aloud: four groups of five."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


async def hash_password(password: str) -> str:
    """The hash under which a password is stored."""
    return await to_thread.run_sync(_HASHER.hash, password, limiter=_LIMITER)


async def verify(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one that was hashed. With None, nobody's, it takes as long and is never right."""
    if len(password) > LONGEST:
        return False
    matches = await to_thread.run_sync(_matches, password, password_hash or _NOBODY, limiter=_LIMITER)
    return matches and password_hash is not None


def _matches(password: str, password_hash: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
