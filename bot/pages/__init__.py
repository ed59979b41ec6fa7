"""The pages of the people behind the counter: templates rendered here, with little script of their own."""

from fastapi import APIRouter

from bot.pages import (
    account_list,
    answer_forms,
    answering,
    auditing,
    canning,
    desk,
    dialogue_pages,
    front,
    importing,
    invited,
    key_list,
    login,
    modelling,
    own_account,
    pairing,
    review_forms,
    reviewing,
    trying,
    watching,
)

router = APIRouter(include_in_schema=False)
for pages in (
    front,
    login,
    reviewing,
    review_forms,
    answering,
    answer_forms,
    pairing,
    trying,
    importing,
    dialogue_pages,
    modelling,
    watching,
    account_list,
    key_list,
    auditing,
    own_account,
    invited,
    desk,
    canning,
):
    router.include_router(pages.router)
