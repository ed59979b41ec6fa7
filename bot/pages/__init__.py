"""The pages of the people behind the counter: templates rendered here, with little script of their own."""

from fastapi import APIRouter

from bot.pages import (
    account_list,
    answering,
    auditing,
    canning,
    desk,
    front,
    invited,
    key_list,
    login,
    modelling,
    own_account,
    review_forms,
    reviewing,
)

router = APIRouter(include_in_schema=False)
for pages in (front, login, reviewing, review_forms, answering, modelling, desk, canning):
    router.include_router(pages.router)
for pages in (account_list, key_list, auditing, own_account, invited):
    router.include_router(pages.router)
