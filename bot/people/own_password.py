"""A person changes their own password."""

from bot.errors import PasswordWrongError, RateLimitedError
from bot.guards import passwords
from bot.guards.attempts import MOST_PER_NAME, Attempts
from bot.service import Service
from knowledge_base import accounts


async def change(service: Service, attempts: Attempts, name: str, old: str, new: str, kept: str) -> None:
    """Give oneself another password; every other session of the account ends. `kept` is this browser's secret.

    Guesses at the old one count like those at a login: a browser that was left open must not lead to the password.
    Raises PasswordWrongError, PasswordWeakError, RateLimitedError.
    """
    limits = {("name", name): MOST_PER_NAME}
    wait = attempts.begin(limits)
    if wait:
        raise RateLimitedError("attempts", wait)
    async with service.database.reading() as session:
        account = await accounts.get(session, name)
    if not await passwords.verify(old, account.password_hash):
        raise PasswordWrongError
    attempts.succeed(limits)
    await passwords.check(new, name)
    password_hash = await passwords.hash_password(new)
    async with service.database.writing() as session:
        await accounts.set_password(session, name, password_hash, name, kept)
