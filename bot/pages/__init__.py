"""The pages of the people behind the counter: templates rendered here, with little script of their own."""

from fastapi import APIRouter

from bot.pages import answering, canning, desk, front, login, modelling, review_forms, reviewing, watching

router = APIRouter(include_in_schema=False)
for pages in (front, login, reviewing, review_forms, answering, modelling, desk, canning, watching):
    router.include_router(pages.router)
