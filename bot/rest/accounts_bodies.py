"""What is told and taken of accounts, invitations, sessions and keys, as JSON."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from bot.fields import Line, Text
from bot.guards.passwords import LONGEST
from knowledge_base import invitations
from knowledge_base.accounts import NAME_LENGTH, Account, AccountRole
from knowledge_base.api_keys import ApiKey
from knowledge_base.invitations import Invitation
from knowledge_base.logins import Session

NameField = Annotated[Line, Field(min_length=1, max_length=NAME_LENGTH)]
Password = Annotated[Text, Field(max_length=LONGEST)]
Token = Annotated[Text, Field(max_length=200)]
Days = Annotated[int, Field(ge=1, le=invitations.LONGEST.days)]


class AccountBody(BaseModel):
    """An account. `sessions` is how many browsers are signed in, `seen_at` the last sign of life of one."""

    id: UUID
    name: str
    role: AccountRole
    created_at: datetime
    suspended_at: datetime | None
    sessions: int
    seen_at: datetime | None

    @classmethod
    def of(cls, account: Account, sessions: list[Session]) -> Self:
        """The JSON of an account; of all sessions those of this account are told."""
        held = [one for one in sessions if one.account_id == account.id]
        return cls(
            id=account.id,
            name=account.name,
            role=account.role,
            created_at=account.created_at,
            suspended_at=account.suspended_at,
            sessions=len(held),
            seen_at=max((one.seen_at for one in held if one.seen_at), default=None),
        )


class AccountsBody(BaseModel):
    """All accounts, by name."""

    accounts: list[AccountBody]


class NewAccountBody(BaseModel):
    """An account to be made, or a person to be invited."""

    name: NameField
    role: AccountRole


class InviteBody(NewAccountBody):
    """A person to be invited; the link works for so many days."""

    days: Days = invitations.USUAL.days


class GivenPasswordBody(BaseModel):
    """A new account's password, told this once."""

    account: AccountBody
    password: str


class AccountChangeBody(BaseModel):
    """What is new about an account. None leaves it as it is."""

    role: AccountRole | None = None
    suspended: bool | None = None


class InvitationBody(BaseModel):
    """A link that was handed out and still works. `account_id` is set where it is a new password for an account."""

    id: UUID
    name: str
    role: AccountRole
    account_id: UUID | None
    created_by: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        """The JSON of an invitation."""
        return cls(**{name: getattr(invitation, name) for name in cls.model_fields})


class InvitationsBody(BaseModel):
    """The links that still work, newest first."""

    invitations: list[InvitationBody]


class LinkBody(BaseModel):
    """A link to be handed over, told this once."""

    invitation: InvitationBody
    token: str
    link: str


class AcceptBody(BaseModel):
    """The token of a link and the password that was chosen."""

    token: Token
    password: Password


class PasswordBody(BaseModel):
    """One's present password and the next."""

    old: Password
    new: Password


class SessionBody(BaseModel):
    """A signed-in browser. `here` is the one that asks."""

    id: str
    begun_at: datetime
    seen_at: datetime | None
    browser: str | None
    address: str | None
    here: bool

    @classmethod
    def of(cls, session: Session, here: str = "") -> Self:
        """The JSON of a session."""
        told = {name: getattr(session, name) for name in cls.model_fields if name != "here"}
        return cls(**told, here=session.id == here)


class SessionsBody(BaseModel):
    """Where an account is signed in."""

    sessions: list[SessionBody]


class EndedBody(BaseModel):
    """How many sessions were ended."""

    ended: int


class NewKeyBody(BaseModel):
    """A key to be made."""

    name: NameField
    role: AccountRole


class KeyBody(BaseModel):
    """A program's key, without the key."""

    id: UUID
    name: str
    role: AccountRole
    created_at: datetime
    created_by: str | None
    used_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """The JSON of a key."""
        return cls(**{name: getattr(key, name) for name in cls.model_fields})


class KeysBody(BaseModel):
    """All keys, by name."""

    keys: list[KeyBody]


class GivenKeyBody(BaseModel):
    """A new key, told this once."""

    name: str
    role: AccountRole
    key: str
