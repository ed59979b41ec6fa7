"""How the model decides, as an operator sets it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import EMBEDDED, PGVECTOR, Settings
from weaver_core.context.turn_vector import Alone, Decoded, Recent, TurnVector
from weaver_core.encoders.encoder import Encoder

RECENT_TURNS = "recent"


@dataclass(frozen=True, slots=True)
class DecisionOptions:
    """How the model decides, and where it searches.

    The wrong answers in a hundred that one accepts, the company's own contacts, how earlier turns count, and the
    address of the engine that holds the vectors, empty when this process does.
    """

    wrong_per_hundred: float = 10.0
    company_contacts: tuple[str, ...] = ()
    turn_vector: TurnVector = field(default_factory=Alone)
    index_url: str = ""


def options_of(settings: Settings, encoders: Sequence[Encoder]) -> DecisionOptions:
    """The options that the settings name. Raises DecoderMismatchError, DecoderDamagedError."""
    index_url = {EMBEDDED: "", PGVECTOR: settings.database}.get(settings.index, settings.index)
    turn_vector = _turn_vector(settings, encoders)
    return DecisionOptions(settings.wrong_per_hundred, settings.company_contacts, turn_vector, index_url)


def may_train(settings: Settings) -> bool:
    """Whether encoders may be trained: a trained decoder of the context knows the installed encoders only."""
    return not settings.context or settings.context == (RECENT_TURNS,)


def _turn_vector(settings: Settings, encoders: Sequence[Encoder]) -> TurnVector:
    if not settings.context:
        return Alone()
    if settings.context == (RECENT_TURNS,):
        return Recent()
    return Decoded.open([Path(folder) for folder in settings.context], encoders)
