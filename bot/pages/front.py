"""The front door, and the sample shop behind it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from bot.pages.frame import PageRoute, go, language_of, templates
from bot.rest.identity import service_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
async def front_door(request: Request) -> Response:
    """To the sample shop where there is one, else to the reviewer's queue."""
    return go("/shop" if service_of(request).settings.shop else "/admin")


@router.get("/shop")
async def shop_page(request: Request) -> Response:
    """The sample shop's front page, with the chat widget."""
    html = templates().get_template("shop.html").render(locale=language_of(request))
    return HTMLResponse(html)
