"""An invitation: its link, and how a person uses it up and has a password."""

from urllib.parse import urlencode

from bot.guards import passwords
from bot.service import Service
from knowledge_base import invitations
from knowledge_base.accounts import Account


async def accept(service: Service, token: str, password: str) -> Account:
    """Use a link up: the person of its account, which is made if need be, signs in with this password.

    Raises InvitationNotFoundError, InvitationUsedError, InvitationExpiredError, PasswordWeakError, AccountExistsError.
    """
    async with service.database.reading() as session:
        invitation = await invitations.find(session, token)
    await passwords.check(password, invitation.name)
    password_hash = await passwords.hash_password(password)
    async with service.database.writing() as session:
        return await invitations.accept(session, token, password_hash)


def link(site: str, token: str) -> str:
    """The address at which a link is used up."""
    return f"{site.rstrip('/')}/invitation?{urlencode({'token': token})}"
