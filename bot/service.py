"""What a running service is made of; every face is handed this one value."""

from dataclasses import dataclass

from anyio import CapacityLimiter

from bot.conversation import Turns
from bot.feed import Feed
from bot.image_reading import ImageReading
from bot.limits import Limits
from bot.metrics import Metrics
from bot.reply import Respond
from bot.serving import Serving
from bot.settings import Settings
from bot.tokens import Tokens
from bot.waiting import Waiting
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
    image_reading: ImageReading
    decoding: CapacityLimiter
