"""The model's versions and their figures."""

from collections.abc import Iterator
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request, Response

from bot.caller import Caller
from bot.pages.frame import PageRoute, show, signed_in
from bot.rest.identity import service_of
from knowledge_base import models
from knowledge_base.accounts import AccountRole

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@router.get("/admin/models")
async def models_page(request: Request, caller: Reviewer) -> Response:
    """All versions, newest first."""
    async with service_of(request).database.reading() as session:
        versions = await models.every(session)
    listed = [(version, list(figures(version.metrics))) for version in versions]
    return show(request, "admin/models.html", caller, section="models", versions=listed)


def figures(metrics: dict[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """The figures of a version, named by their path, as a person reads them."""
    for name, value in metrics.items():
        path = f"{within} / {name}" if within else name
        if isinstance(value, dict):
            yield from figures(cast("dict[str, Any]", value), path)
        elif isinstance(value, bool) or not isinstance(value, float):
            yield path, str(value)
        else:
            yield path, f"{value:.4g}"
