"""What a running service is made of; every face is handed this one value."""

from dataclasses import dataclass

from bot.feed import Feed
from bot.guards.limits import Limits
from bot.guards.tokens import Tokens
from bot.images.attaching import Attaching
from bot.reply import Respond
from bot.serving.active_model import Serving
from bot.settings import Settings
from bot.turns.conversation import Turns
from bot.waiting import Waiting
from bot.watching.metrics import Metrics
from knowledge_base.database import Database


@dataclass(frozen=True, slots=True)
class Service:
    """One process's service: its settings, its database, the model that answers, its conversations, what it counts."""

    settings: Settings
    database: Database
    serving: Serving
    respond: Respond
    feed: Feed
    tokens: Tokens
    turns: Turns
    limits: Limits
    waiting: Waiting
    metrics: Metrics
    attaching: Attaching
