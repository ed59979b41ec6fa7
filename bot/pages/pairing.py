"""Answers that are alike, side by side: merged, both kept, or that taken back."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from rapidfuzz import fuzz
from sqlalchemy.ext.asyncio import AsyncSession

from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.judgements import pair_decisions, wordings
from bot.judgements.pair_decisions import PairDecision
from bot.judgements.wordings import Piece
from bot.pages.answering import page as answer_page
from bot.pages.answering import path_of
from bot.pages.frame import PageRoute, go, show, signed_in
from bot.rest.identity import service_of
from knowledge_base import answer_pairs, positions
from knowledge_base.accounts import AccountRole
from knowledge_base.answer_pairs import AnswerPair, PairState
from knowledge_base.errors import PairNotFoundError
from knowledge_base.likeness import Likeness
from knowledge_base.positions import Position
from weaver_core.dialogue import PositionKind

SHOWN, QUESTIONS = 20, 3
# Of so many questions of an answer those are shown that are most like the other answer's.
COMPARED = 50
# What is most urgent first: what may be wrong, then what may be too many.
KINDS = (Likeness.CONTRADICTION, Likeness.SAME_QUESTION, Likeness.DUPLICATE)

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@dataclass(frozen=True, slots=True)
class Beside:
    """Two answers that are alike with what they are asked, and what the second has that the first has not."""

    pair: AnswerPair
    questions: tuple[tuple[Position, ...], tuple[Position, ...]]
    changed: tuple[Piece, ...]


@router.get("/admin/answer-pairs")
async def pairs_page(
    request: Request,
    caller: Reviewer,
    kind: Likeness | None = None,
    state: PairState = PairState.OPEN,
    done: UUID | None = None,
) -> Response:
    """The pairs of a kind, the most alike first; of the kind that waits, when none is named."""
    return await _page(request, caller, kind, state, done)


@router.post("/admin/answer-pairs/{pair_id}")
async def decide_on_pair(
    request: Request,
    caller: Reviewer,
    pair_id: UUID,
    decision: Annotated[PairDecision, Form()],
    shown: Annotated[str, Form()] = "",
    kind: Annotated[Likeness | None, Form()] = None,
) -> Response:
    """Merge two answers, keep both, or take that back; then the answer or the list again from which it was decided."""
    try:
        await pair_decisions.decide(service_of(request), pair_id, decision, caller.name)
    except DOMAIN_ERRORS as error:
        if shown:
            return await answer_page(request, caller, shown, error=error)
        return await _page(request, caller, kind, PairState.OPEN, None, error)
    if shown:
        return go(path_of(shown) + "?saved=true")
    return go(f"/admin/answer-pairs?done={pair_id}" + (f"&kind={kind.value}" if kind else ""))


async def _page(
    request: Request,
    caller: Caller,
    kind: Likeness | None,
    state: PairState,
    done: UUID | None,
    error: DomainError | None = None,
) -> Response:
    async with service_of(request).database.reading() as session:
        counts = {one: await answer_pairs.count(session, one) for one in PairState}
        kind = kind or next((one for one in KINDS if counts[state][one]), KINDS[0])
        found = await answer_pairs.find(session, state, kind, SHOWN)
        values: dict[str, Any] = {
            "found": [await _beside(session, pair) for pair in found],
            "done": await _decided(session, done),
        }
    return show(
        request,
        "admin/pairs.html",
        caller,
        fault_of(error).status if error else 200,
        section="answers",
        part="pairs",
        kind=kind,
        kinds=KINDS,
        state=state,
        states=list(PairState),
        counts=counts,
        problem=str(error) if error else "",
        **values,
    )


async def _beside(session: AsyncSession, pair: AnswerPair) -> Beside:
    first, second = [await _questions(session, answer.id) for answer in (pair.first, pair.second)]
    questions = (_most_alike(first, second), _most_alike(second, first))
    return Beside(pair, questions, wordings.compare(pair.first.text, pair.second.text))


async def _questions(session: AsyncSession, answer_id: UUID) -> list[Position]:
    held = await positions.of_answer(session, answer_id)
    return [one for one in held if one.kind is not PositionKind.SENTENCE][:COMPARED]


def _most_alike(questions: list[Position], others: list[Position]) -> tuple[Position, ...]:
    """Those of an answer's questions first that are spelt most like one of the other answer's."""

    def likeness_of(one: Position) -> float:
        return max((fuzz.ratio(one.text.lower(), other.text.lower()) for other in others), default=0.0)

    return tuple(sorted(questions, key=likeness_of, reverse=True)[:QUESTIONS])


async def _decided(session: AsyncSession, pair_id: UUID | None) -> AnswerPair | None:
    """The pair that was decided on just now; None when one of its answers is erased."""
    try:
        return await answer_pairs.get(session, pair_id) if pair_id else None
    except PairNotFoundError:
        return None
