"""The composition root: the one place where a service is put together and its faces are mounted."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

import anyio.to_thread
import numpy as np
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.staticfiles import StaticFiles

from bot import pages
from bot.chat import socket
from bot.chat.schemas import schema_route
from bot.feed import Feed
from bot.guards.headers import SecurityHeaders
from bot.guards.limits import Limits
from bot.guards.tokens import SECRET, Tokens
from bot.images.attaching import Attaching
from bot.imports.importing import Importing
from bot.judgements.clustering import clustering
from bot.monitoring.watch import Monitor
from bot.office_hours import OfficeHours
from bot.people import settings_trail
from bot.reply import Respond
from bot.rest import (
    accounts,
    admin,
    agent,
    answers,
    ask,
    attachments,
    audit,
    bursts,
    canned,
    conversations,
    customers,
    desk,
    dialogues,
    drift,
    feedback,
    health,
    imports,
    keys,
    lineage,
    measurements,
    models,
    observations,
    own_account,
    pairs,
    reviews,
    watching,
)
from bot.rest.body_limit import BodyLimit
from bot.rest.cross_origin import CrossOrigin
from bot.rest.problems import ANY_ERROR, handle_errors
from bot.retaining import retaining, retention_of
from bot.service import Service
from bot.serving.active_model import Serving
from bot.settings import Settings
from bot.turns.conversation import Turns
from bot.turns.dialogue_policy import DialoguePolicy
from bot.turns.exploring import exploring
from bot.turns.leaving import noticing_leaving
from bot.turns.relating import Relating
from bot.turns.sentiments import Sentiments
from bot.updates.drifting import drifting
from bot.updates.guarding import guarding
from bot.updates.shadowing import Shadowing
from bot.updates.updating import Updating
from bot.waiting import Waiting
from bot.watching.metrics import Metrics
from bot.widget import STATIC, widget_route
from knowledge_base import schema, secrets
from knowledge_base.database import Database
from weaver_core.encoders.encoder import Encoder

ROUTERS = (
    conversations,
    attachments,
    feedback,
    ask,
    agent,
    desk,
    canned,
    admin,
    answers,
    reviews,
    customers,
    dialogues,
    imports,
    pairs,
    bursts,
    drift,
    lineage,
    models,
    observations,
    watching,
    accounts,
    own_account,
    keys,
    audit,
    health,
    measurements,
    socket,
    pages,
)


def create_app(
    settings: Settings,
    encoders: Sequence[Encoder],
    respond: Respond | None = None,
    when_ready: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The web service. It opens its database when it starts, and says so `when_ready`.

    `respond` takes the active model's place in a test.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_service(settings, encoders, respond) as service:
            app.state.service = service
            when_ready()
            yield

    # The page of the API comes with its scripts: it works on a machine without a network.
    app = FastAPIOffline(
        redoc_url=None,
        favicon_url="/static/mark.svg",
        title="Weaver",
        description="A self-hosted customer-service chatbot that remembers.",
        lifespan=lifespan,
        responses=ANY_ERROR,
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(CrossOrigin, allowed=settings.allowed_origins)
    app.add_middleware(SecurityHeaders)
    handle_errors(app)
    for face in ROUTERS:
        app.include_router(face.router)
    app.add_route("/widget.js", widget_route(), include_in_schema=False)
    app.add_route("/protocol.schema.json", schema_route, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


@asynccontextmanager
async def open_service(
    settings: Settings, encoders: Sequence[Encoder], respond: Respond | None = None
) -> AsyncGenerator[Service]:
    """A running service: its database checked and open, its model loaded, its background work begun.

    Raises SchemaError, DatabaseUnavailableError.
    """
    await anyio.to_thread.run_sync(schema.check, settings.database)
    database = Database(settings.database)
    try:
        async with database.writing() as session:
            tokens = Tokens(await secrets.get_or_make(session, SECRET))
        await settings_trail.note(database, settings)
        serving = Serving.of(database, encoders, settings)
        feed = Feed(database)
        decide = respond or serving.respond
        explored = exploring(decide, settings.exploration, np.random.default_rng())
        relating = Relating(database)
        policy = DialoguePolicy(explored, Sentiments(encoders).of, relating.related)
        metrics, hours = Metrics(), OfficeHours.parse(settings.office_hours, settings.timezone)
        turns = Turns(database, policy, feed, settings.text_limit, metrics, hours)
        waiting = Waiting(database, [encoder.version for encoder in encoders])
        attaching = Attaching(database)
        service = Service(
            settings,
            database,
            serving,
            decide,
            feed,
            tokens,
            turns,
            Limits(settings),
            waiting,
            metrics,
            attaching,
        )
        # In this order: turns that a crash left are answered by a model that is loaded.
        async with (
            serving.following(),
            feed.watching(),
            turns.running(),
            attaching.running(),
            relating.running(),
            retaining(database, retention_of(settings)),
            Updating(database, settings).running(),
            Importing(database, settings).running(),
            guarding(database, serving.shelf),
            noticing_leaving(database),
            drifting(database, serving),
            clustering(database, serving),
            Monitor(database, serving, encoders).running(),
            Shadowing(database, serving).running(),
        ):
            yield service
    finally:
        await database.close()
