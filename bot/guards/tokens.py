"""Visitors' tokens: each opens one conversation; and the signed identities that a shop's pages hand over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from jwt.types import Options

from bot.errors import IdentityInvalidError, TokenInvalidError
from knowledge_base.identifiers import parse_id
from weaver_core.texts.normalization import clean

SECRET = "visitor-tokens"  # noqa: S105 - the secret's name, not the secret
LASTS = timedelta(days=30)
_ALGORITHM = "HS256"
_AUDIENCE = "weaver-visitor"
MOST_CUSTOMER, MOST_NAME, MOST_LOCALE = 255, 128, 16


class Tokens:
    """Signs and reads visitors' tokens with the secret of this installation."""

    def __init__(self, secret: str, lasts: timedelta = LASTS) -> None:
        """Tokens are good for `lasts` from their making."""
        self._secret = secret
        self._lasts = lasts

    def issue(self, conversation_id: UUID) -> str:
        """A token that opens this conversation and no other."""
        moment = datetime.now(UTC)
        claims = {"sub": str(conversation_id), "aud": _AUDIENCE, "iat": moment, "exp": moment + self._lasts}
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def conversation_of(self, token: str) -> UUID:
        """The conversation that a token opens. Raises TokenInvalidError."""
        try:
            claims = jwt.decode(
                token, self._secret, algorithms=[_ALGORITHM], audience=_AUDIENCE, options={"require": ["exp", "sub"]}
            )
        except jwt.ExpiredSignatureError:
            raise TokenInvalidError("The token is over; open a new conversation.") from None
        except (jwt.InvalidTokenError, UnicodeError):
            raise TokenInvalidError("The token is not one of this service.") from None
        conversation_id = parse_id(claims["sub"])
        if conversation_id is None:
            raise TokenInvalidError("The token names no conversation.")
        return conversation_id


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a customer is, as the shop says: its own id for them, and what they are called and speak if it says so."""

    customer: str
    name: str | None = None
    locale: str | None = None


def identity_of(identity: str, secret: str) -> Identity:
    """Who a signed identity names: `sub`, `name` and `locale` of a JWT (HS256). Raises IdentityInvalidError."""
    if not secret:
        raise IdentityInvalidError("Signed identities are not in use here: WEAVER_IDENTITY_SECRET is not set.")
    try:
        options = Options(require=["sub"], verify_aud=False)
        claims = jwt.decode(identity, secret, algorithms=[_ALGORITHM], options=options)
    except jwt.ExpiredSignatureError:
        raise IdentityInvalidError("The identity is over; sign a new one.") from None
    except (jwt.InvalidTokenError, UnicodeError):
        raise IdentityInvalidError("The identity is not a JWT that this service's secret has signed.") from None
    customer: str = claims["sub"].strip()
    if not 1 <= len(customer) <= MOST_CUSTOMER:
        raise IdentityInvalidError(f"The identity's sub must have 1 to {MOST_CUSTOMER} characters.")
    return Identity(customer, _line(claims, "name", MOST_NAME), _line(claims, "locale", MOST_LOCALE))


def _line(claims: Mapping[str, object], claim: str, most: int) -> str | None:
    """A claim that is text of one line; None without it. Raises IdentityInvalidError."""
    said = claims.get(claim)
    if said is None:
        return None
    line = " ".join(clean(said).text.split()) if isinstance(said, str) else ""
    if not 1 <= len(line) <= most:
        raise IdentityInvalidError(f"The identity's {claim} must be text of 1 to {most} characters.")
    return line
