"""What an address chooses of the queue, read leniently: what is no filter of ours is left out."""

from urllib.parse import parse_qsl

from pydantic import ValidationError

from bot.pages.reviewing import PageQuery


def chosen(query: str) -> PageQuery:
    """The page that a query asks for; parts that nobody can read are left out."""
    known = {name: value for name, value in parse_qsl(query) if name in PageQuery.model_fields}
    try:
        return PageQuery.model_validate(known)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
        return PageQuery.model_validate({name: value for name, value in known.items() if name not in wrong})
