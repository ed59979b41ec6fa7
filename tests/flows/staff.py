"""A support team for pictures and browsers: accounts, links, keys, and a log of what they did."""

from datetime import timedelta

from sqlalchemy import update

from knowledge_base import accounts, api_keys, audit, invitations, logins
from knowledge_base.accounts import AccountRole
from knowledge_base.database import Database
from knowledge_base.tables import AccountRow, ApiKeyRow, AuditRow
from knowledge_base.tables.base import now

PEOPLE = (
    ("Mei Lin", AccountRole.REVIEWER, "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) Safari/618.1"),
    ("Hugo", AccountRole.AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    ("Otto", AccountRole.AGENT, ""),
    ("小美", AccountRole.REVIEWER, ""),
)
LATER = timedelta(minutes=37)


async def hire(url: str, admin: str) -> None:
    """Fill an installation whose one admin is named."""
    database = Database(url)
    async with database.writing() as session:
        boss = await accounts.get(session, admin)
        for name, role, browser in PEOPLE:
            one = await accounts.add(session, name, role, "no password", admin)
            if browser:
                await logins.sign_in(session, one, browser, "192.0.2.17")
        await accounts.suspend(session, (await accounts.get(session, "Otto")).id, admin)
        await accounts.set_role(session, (await accounts.get(session, "Hugo")).id, AccountRole.REVIEWER, admin)
        await accounts.set_role(session, (await accounts.get(session, "Hugo")).id, AccountRole.AGENT, admin)
        await invitations.invite(session, "Layla", AccountRole.AGENT, admin)
        await invitations.new_password(session, boss, "command line")
        await api_keys.add(session, "rasa", AccountRole.PROGRAM, admin)
        await api_keys.add(session, "nightly export", AccountRole.REVIEWER, "command line")
        await session.execute(update(ApiKeyRow).where(ApiKeyRow.name == "rasa").values(used_at=now() - LATER))
        await audit.record(session, "Mei Lin", "revise", "returns", before={"revision": 1}, after={"revision": 2})
        await audit.record(session, "小美", "approved", "退货政策", before="pending", after="approved")
        await audit.record(
            session, "live guard", "roll back", "v4", before="v4", after="v3", why="31 of 90 votes were thumbs-down."
        )
        await audit.record(session, "weaver", "promote", "v3", before="v4", after="v3")
        past = now() - timedelta(days=40)
        await session.execute(update(AccountRow).values(created_at=past))
        entries = (await session.execute(AuditRow.__table__.select().order_by(AuditRow.id))).all()
        for place, entry in enumerate(entries):
            at = now() - LATER * (len(entries) - place)
            await session.execute(update(AuditRow).where(AuditRow.id == entry.id).values(at=at))
    await database.close()
