"""How the model decides, as an operator sets it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import Settings
from weaver_core.context.turn_vector import Alone, Decoded, Recent, TurnVector
from weaver_core.encoders.encoder import Encoder

RECENT_TURNS = "recent"


@dataclass(frozen=True, slots=True)
class DecisionOptions:
    """The wrong answers in a hundred that one accepts, the company's own contacts, and how earlier turns count."""

    wrong_per_hundred: float = 10.0
    company_contacts: tuple[str, ...] = ()
    turn_vector: TurnVector = field(default_factory=Alone)


def options_of(settings: Settings, encoders: Sequence[Encoder]) -> DecisionOptions:
    """The options that the settings name. Raises DecoderMismatchError, DecoderDamagedError."""
    return DecisionOptions(settings.wrong_per_hundred, settings.company_contacts, _turn_vector(settings, encoders))


def _turn_vector(settings: Settings, encoders: Sequence[Encoder]) -> TurnVector:
    if not settings.context:
        return Alone()
    if settings.context == (RECENT_TURNS,):
        return Recent()
    return Decoded.open([Path(folder) for folder in settings.context], encoders)
