"""Accounts, invitations, logins and keys, each change written down with it, on both databases."""

from datetime import timedelta

import anyio
import pytest
from sqlalchemy import update

from knowledge_base import accounts, api_keys, audit, invitations, logins
from knowledge_base.accounts import Account, AccountRole
from knowledge_base.audit import Kind, Wanted
from knowledge_base.database import Database
from knowledge_base.errors import (
    AccountExistsError,
    AccountSuspendedError,
    ApiKeyNotFoundError,
    InvitationExpiredError,
    InvitationNotFoundError,
    InvitationUsedError,
    LastAdminError,
    LoginNotFoundError,
)
from knowledge_base.tables import ApiKeyRow, InvitationRow, LoginRow
from knowledge_base.tables.base import now

pytestmark = pytest.mark.anyio


async def made(database: Database, name: str, role: AccountRole) -> Account:
    """A stored account."""
    async with database.writing() as session:
        return await accounts.add(session, name, role, "hash", "test")


async def log(database: Database, wanted: Wanted = audit.EVERYTHING) -> list[str]:
    """What was written down, oldest first, in a line each."""
    async with database.reading() as session:
        found = await audit.page(session, wanted, None, 100)
    return [f"{one.actor}: {one.action} {one.subject} {one.before} {one.after}" for one in reversed(found)]


async def test_a_role_and_a_suspension_are_written_down_before_and_after(database: Database) -> None:
    await made(database, "ada", AccountRole.ADMIN)
    rhea = await made(database, "rhea", AccountRole.AGENT)
    async with database.writing() as session:
        await accounts.set_role(session, rhea.id, AccountRole.REVIEWER, "ada")
        await accounts.set_role(session, rhea.id, AccountRole.REVIEWER, "ada")
        await accounts.suspend(session, rhea.id, "ada")
        assert await accounts.names(session, AccountRole.AGENT) == ["ada"]
        await accounts.restore(session, rhea.id, "ada")
        assert await accounts.names(session, AccountRole.AGENT) == ["ada", "rhea"]
    assert (await log(database))[2:] == [
        "ada: role rhea {'role': 'agent'} {'role': 'reviewer'}",
        "ada: suspend rhea {'suspended': False} {'suspended': True}",
        "ada: restore rhea {'suspended': True} {'suspended': False}",
    ]


async def test_the_last_admin_stays_one_and_a_suspended_admin_is_none(database: Database) -> None:
    ada, bea = await made(database, "ada", AccountRole.ADMIN), await made(database, "bea", AccountRole.ADMIN)
    async with database.writing() as session:
        await accounts.suspend(session, bea.id, "ada")
    before = await log(database)
    async with database.writing() as session:
        with pytest.raises(LastAdminError, match="ada is the last admin"):
            await accounts.suspend(session, ada.id, "ada")
        with pytest.raises(LastAdminError, match="ada is the last admin"):
            await accounts.set_role(session, ada.id, AccountRole.REVIEWER, "ada")
    assert await log(database) == before


async def test_of_two_admins_who_put_each_other_out_at_once_one_stays(database: Database) -> None:
    ada, bea = await made(database, "ada", AccountRole.ADMIN), await made(database, "bea", AccountRole.ADMIN)
    refused: list[str] = []

    async def put_out(whom: Account, by: str) -> None:
        try:
            async with database.writing() as session:
                await accounts.set_role(session, whom.id, AccountRole.AGENT, by)
        except LastAdminError as error:
            refused.append(str(error))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(put_out, bea, "ada")
        tasks.start_soon(put_out, ada, "bea")
    assert len(refused) == 1
    async with database.reading() as session:
        assert len(await accounts.names(session, AccountRole.ADMIN)) == 1


async def test_an_invitation_works_once_and_for_a_time(database: Database) -> None:
    async with database.writing() as session:
        token, _ = await invitations.invite(session, "rhea", AccountRole.REVIEWER, "ada")
        late, _ = await invitations.invite(session, "otto", AccountRole.AGENT, "ada", timedelta(hours=1))
        over = update(InvitationRow).where(InvitationRow.name == "otto").values(expires_at=now() - timedelta(seconds=1))
        await session.execute(over)
    async with database.writing() as session:
        account = await invitations.accept(session, token, "hash")
    assert (account.name, account.role) == ("rhea", AccountRole.REVIEWER)
    for given, error in ((token, InvitationUsedError), (late, InvitationExpiredError), ("x", InvitationNotFoundError)):
        with pytest.raises(error):
            async with database.writing() as session:
                await invitations.accept(session, given, "hash")
    async with database.reading() as session:
        assert (await invitations.every(session), await accounts.find(session, "otto")) == ([], None)


async def test_of_two_who_open_one_link_at_once_one_gets_the_account(database: Database) -> None:
    async with database.writing() as session:
        token, _ = await invitations.invite(session, "rhea", AccountRole.REVIEWER, "ada")
    told: list[str] = []

    async def accept(password_hash: str) -> None:
        try:
            async with database.writing() as session:
                await invitations.accept(session, token, password_hash)
            told.append(password_hash)
        except (InvitationUsedError, AccountExistsError):
            told.append("refused")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(accept, "mine")
        tasks.start_soon(accept, "theirs")
    assert sorted(told, key=lambda one: one == "refused")[1] == "refused"
    async with database.reading() as session:
        assert (await accounts.get(session, "rhea")).password_hash in told


async def test_a_second_invitation_takes_the_firsts_place_and_a_taken_name_is_refused(database: Database) -> None:
    await made(database, "Rhea", AccountRole.AGENT)
    async with database.writing() as session:
        first, _ = await invitations.invite(session, "otto", AccountRole.AGENT, "ada")
        second, held = await invitations.invite(session, "otto", AccountRole.ADMIN, "ada")
        assert [one.id for one in await invitations.every(session)] == [held.id]
        assert (await invitations.find(session, second)).role is AccountRole.ADMIN
        with pytest.raises(InvitationNotFoundError):
            await invitations.find(session, first)
        with pytest.raises(AccountExistsError, match="named Rhea"):
            await invitations.invite(session, "rhea", AccountRole.AGENT, "ada")


async def test_a_link_for_a_new_password_ends_the_sessions_and_none_is_for_a_suspended_account(
    database: Database,
) -> None:
    rhea = await made(database, "rhea", AccountRole.AGENT)
    async with database.writing() as session:
        cookie, _ = await logins.sign_in(session, rhea)
        token, _ = await invitations.new_password(session, rhea, "ada")
        await invitations.accept(session, token, "new hash")
        assert await logins.find(session, cookie) is None
        assert (await accounts.get(session, "rhea")).password_hash == "new hash"
        unused, _ = await invitations.new_password(session, rhea, "ada")
        suspended = await accounts.suspend(session, rhea.id, "ada")
        with pytest.raises(InvitationNotFoundError):
            await invitations.find(session, unused)
        with pytest.raises(AccountSuspendedError):
            await invitations.new_password(session, suspended, "ada")


async def test_who_is_admin_no_more_hands_out_no_links_any_more(database: Database) -> None:
    await made(database, "ada", AccountRole.ADMIN)
    bea = await made(database, "bea", AccountRole.ADMIN)
    async with database.writing() as session:
        token, _ = await invitations.invite(session, "friend", AccountRole.ADMIN, "bea")
        await accounts.set_role(session, bea.id, AccountRole.REVIEWER, "ada")
        with pytest.raises(InvitationNotFoundError):
            await invitations.find(session, token)
    assert (await log(database))[-1] == "ada: withdraw invitation friend None None"


async def test_a_suspended_account_is_out_at_once_and_cannot_sign_in(database: Database) -> None:
    await made(database, "ada", AccountRole.ADMIN)
    rhea = await made(database, "rhea", AccountRole.AGENT)
    async with database.writing() as session:
        cookie, login = await logins.sign_in(session, rhea, "Firefox", "192.0.2.1")
        assert (await logins.find(session, cookie), login.is_to_be_seen) == (login, False)
        await accounts.suspend(session, rhea.id, "ada")
        assert await logins.find(session, cookie) is None
        with pytest.raises(AccountSuspendedError):
            await logins.sign_in(session, rhea)


async def test_sessions_are_told_without_their_secrets_and_ended_one_by_one_or_all_but_one(database: Database) -> None:
    rhea, otto = await made(database, "rhea", AccountRole.AGENT), await made(database, "otto", AccountRole.AGENT)
    async with database.writing() as session:
        cookies = [(await logins.sign_in(session, rhea, f"browser {n}"))[0] for n in range(3)]
        other, _ = await logins.sign_in(session, otto, "x" * 500)
        held = await logins.every(session, rhea.id)
        assert {one.id for one in held} == {logins.id_of(cookie) for cookie in cookies}
        assert all(cookie not in repr(held) for cookie in cookies)
        for wrong in (logins.id_of(other), "", "%" * logins.ID_LENGTH):
            with pytest.raises(LoginNotFoundError):
                await logins.end(session, rhea, wrong, "rhea")
        await logins.end(session, rhea, logins.id_of(cookies[0]), "rhea")
        assert await logins.end_all(session, rhea, "rhea", cookies[1]) == 1
        assert [await logins.find(session, cookie) is not None for cookie in [*cookies, other]] == [0, 1, 0, 1]
        await session.execute(update(LoginRow).values(seen_at=now() - timedelta(minutes=2)))
        found = await logins.find(session, cookies[1])
        assert found is not None
        assert found.is_to_be_seen
        await logins.note_seen(session, cookies[1])
        found = await logins.find(session, cookies[1])
        assert found is not None
        assert not found.is_to_be_seen


async def test_a_key_has_its_last_use_and_opens_nothing_once_it_is_revoked(database: Database) -> None:
    async with database.writing() as session:
        secret = await api_keys.add(session, "shop", AccountRole.PROGRAM, "ada")
        held = await api_keys.find(session, secret)
        assert held is not None
        assert (held.used_at, held.is_to_be_noted, held.created_by) == (None, True, "ada")
        await api_keys.note_used(session, held)
        used = await api_keys.by_name(session, "shop")
        assert not used.is_to_be_noted
        await session.execute(update(ApiKeyRow).values(used_at=now() - timedelta(minutes=2)))
        assert (await api_keys.by_name(session, "shop")).is_to_be_noted
        await api_keys.revoke(session, held.id, "bea")
        assert await api_keys.find(session, secret) is None
        with pytest.raises(ApiKeyNotFoundError):
            await api_keys.revoke(session, held.id, "bea")
        # The name is free again.
        await api_keys.add(session, "shop", AccountRole.PROGRAM, "ada")
    assert (await log(database, Wanted(kind=Kind.KEY)))[:2] == [
        "ada: add key shop None {'role': 'program'}",
        "bea: revoke key shop {'role': 'program'} None",
    ]


async def test_a_change_that_is_taken_back_leaves_no_entry(database: Database) -> None:

    async def interrupted() -> None:
        async with database.writing() as session:
            await accounts.add(session, "rhea", AccountRole.AGENT, "hash", "ada")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await interrupted()
    assert await log(database) == []
