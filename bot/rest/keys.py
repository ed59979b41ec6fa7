"""API keys for programs that manage them: made, listed with their last use, revoked. For admins."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request

from bot.people.naming import named
from bot.rest.accounts_bodies import GivenKeyBody, KeyBody, KeysBody, NewKeyBody
from bot.rest.identity import Admin, service_of
from knowledge_base import api_keys

router = APIRouter(prefix="/api/v1/keys", tags=["accounts"])


@router.get("")
async def read_keys(request: Request, _caller: Admin) -> KeysBody:
    """All keys, without the keys; `used_at` is exact to a minute."""
    async with service_of(request).database.reading() as session:
        return KeysBody(keys=[KeyBody.of(one) for one in await api_keys.every(session)])


@router.post("", status_code=HTTPStatus.CREATED)
async def add_key(request: Request, caller: Admin, body: NewKeyBody) -> GivenKeyBody:
    """Make a key, which is told this once."""
    name = named(body.name)
    async with service_of(request).database.writing() as session:
        secret = await api_keys.add(session, name, body.role, caller.name)
    return GivenKeyBody(name=name, role=body.role, key=secret)


@router.delete("/{key_id}", status_code=HTTPStatus.NO_CONTENT)
async def revoke_key(request: Request, caller: Admin, key_id: UUID) -> None:
    """Let a key open nothing any more."""
    async with service_of(request).database.writing() as session:
        await api_keys.revoke(session, key_id, caller.name)
