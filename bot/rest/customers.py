"""One person's data: taken out, or erased with a receipt."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from bot.guards.caller import Caller
from bot.rest.identity import require, service_of
from knowledge_base import audit, exports, forgetting
from knowledge_base.accounts import AccountRole
from knowledge_base.forgetting import Receipt

router = APIRouter(prefix="/api/v1/admin/customers", tags=["privacy"])

Admin = Annotated[Caller, Depends(require(AccountRole.ADMIN))]
Customer = Annotated[str, Path(min_length=1, max_length=255, description="A name in imported files, or an identity.")]


class ReceiptBody(BaseModel):
    """What was erased. `customer` is the scrypt hash of the name under `salt`, `checksum` the sha256 of the rest."""

    id: str
    at: datetime
    by: str
    salt: str
    customer: str
    counts: dict[str, int]
    model_versions: list[str]
    checksum: str
    dry_run: bool

    @classmethod
    def of(cls, receipt: Receipt, *, dry_run: bool) -> Self:
        """The receipt as JSON."""
        return cls(**receipt.to_json(), dry_run=dry_run)


@router.get("/{customer:path}")
async def export_customer(request: Request, caller: Admin, customer: Customer) -> dict[str, Any]:
    """All that is stored of one person: the rows of each table. The audit log keeps that an export was made."""
    async with service_of(request).database.writing() as session:
        held = await exports.of_customer(session, customer)
        await audit.record(session, caller.name, exports.ACTION, "customer", rows=sum(map(len, held.values())))
    return {"customer": customer, **held}


@router.delete("/{customer:path}")
async def forget_customer(
    request: Request,
    caller: Admin,
    customer: Customer,
    *,
    dry_run: Annotated[bool, Query(description="Say what would go, and erase nothing.")] = False,
) -> ReceiptBody:
    """Erase all that is stored of one person, and give a receipt that does not name them."""
    service = service_of(request)
    step = forgetting.rehearse if dry_run else forgetting.forget
    async with service.database.writing() as session:
        receipt = await step(session, customer, caller.name)
    await service.serving.catch_up()
    return ReceiptBody.of(receipt, dry_run=dry_run)
