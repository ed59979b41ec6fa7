"""An account is suspended, or loses its role at the desk: the customers whom it holds wait for somebody else."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import accounts, audit, desk_queue, event_log
from knowledge_base.accounts import Account, AccountRole
from knowledge_base.conversations import Mode
from knowledge_base.database import Database

MOST_HELD = 10_000


async def suspend(database: Database, account_id: UUID, by: str) -> Account:
    """Let nobody sign in as this account, at once. Raises AccountNotFoundError, LastAdminError."""
    async with database.writing() as session:
        account = await accounts.suspend(session, account_id, by)
        await _give_back(session, account.name, by)
    return account


async def set_role(database: Database, account_id: UUID, role: AccountRole, by: str) -> Account:
    """Give an account another role, at once. Raises AccountNotFoundError, LastAdminError."""
    async with database.writing() as session:
        account = await accounts.set_role(session, account_id, role, by)
        if not role.includes(AccountRole.AGENT):
            await _give_back(session, account.name, by)
    return account


async def _give_back(session: AsyncSession, name: str, by: str) -> None:
    """Let the customers of an agent wait for a person again. Sockets and desks read it in the conversations' logs."""
    for line in await desk_queue.held_by(session, name, MOST_HELD):
        await event_log.set_mode(session, line.conversation.id, Mode.WAITING)
        states = {"before": Mode.AGENT.value, "after": Mode.WAITING.value}
        await audit.record(session, by, "conversation waiting", str(line.conversation.id), **states)
