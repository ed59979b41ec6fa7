"""What an operator can set: `WEAVER_*` variables or a `.env` file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

from bot import schedule
from bot.office_hours import OfficeHours
from bot.schedule import NIGHTLY
from bot.watching.logs import LogForm
from weaver_core.encoders.sources import DEFAULT_ENCODERS
from weaver_core.exploration import MOST_EXPLORATION

EMBEDDED, PGVECTOR, MILVUS = "embedded", "pgvector", ("http://", "https://")


class Settings(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="WEAVER_", env_file=".env", extra="ignore")

    home: Path = Path("var")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    encoders: Annotated[tuple[str, ...], NoDecode] = DEFAULT_ENCODERS
    context: Annotated[tuple[str, ...], NoDecode] = ()
    index: str = EMBEDDED
    wrong_per_hundred: float = Field(default=10.0, ge=0.0, le=100.0)
    exploration: float = Field(default=0.0, ge=0.0, le=MOST_EXPLORATION)
    company_contacts: Annotated[tuple[str, ...], NoDecode] = ()
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    text_limit: int = Field(default=4000, ge=1)
    messages_a_second: float = Field(default=10.0, gt=0)
    message_burst: int = Field(default=20, ge=1)
    address_messages_a_second: float = Field(default=50.0, gt=0)
    address_message_burst: int = Field(default=200, ge=1)
    address_sockets: int = Field(default=1000, ge=1)
    conversations_a_minute: int = Field(default=60, ge=1)
    asks_a_minute: int = Field(default=120, ge=1)
    images_a_minute: int = Field(default=20, ge=1)
    identity_secret: str = ""
    limit_loopback: bool = False
    shop: bool = False
    log: LogForm = LogForm.TEXT
    timezone: str = "UTC"
    office_hours: str = ""
    update_schedule: str = NIGHTLY
    update_memory_mb: int = Field(default=6000, ge=1000)
    update_shadow: bool = False
    retention_days: int | None = Field(default=None, ge=1)
    retention_by_collection: Annotated[Mapping[str, Annotated[int, Field(ge=1)]], NoDecode] = Field(
        default_factory=dict[str, int]
    )

    @field_validator("company_contacts", "allowed_origins", "context", "encoders", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Lists are written with commas between their items."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("retention_by_collection", mode="before")
    @classmethod
    def _split_days(cls, value: object) -> object:
        """Written as `chat=90,mail=365`."""
        if isinstance(value, str):
            pairs = [part.partition("=") for part in value.split(",") if part.strip()]
            if not all(name.strip() and days for name, _, days in pairs):
                raise ValueError("write it as collection=days, with commas between")
            return {name.strip(): days.strip() for name, _, days in pairs}
        return value

    @field_validator("index")
    @classmethod
    def _an_engine(cls, value: str, others: ValidationInfo) -> str:
        """This process, the database itself, or Milvus: the address of a server, or a file for Milvus Lite."""
        if value == PGVECTOR and not others.data.get("database_url", "").startswith("postgres"):
            raise ValueError(
                "pgvector needs WEAVER_DATABASE_URL=postgresql://…, since the database searches the vectors"
            )
        if value not in (EMBEDDED, PGVECTOR) and not value.startswith(MILVUS) and not value.endswith(".db"):
            raise ValueError(
                "say embedded, pgvector, the address of a Milvus (http://host:19530), or a file ending in .db"
            )
        return value

    @field_validator("update_schedule")
    @classmethod
    def _a_schedule(cls, value: str) -> str:
        schedule.parse(value)
        return value

    @field_validator("office_hours")
    @classmethod
    def _a_plan(cls, value: str, others: ValidationInfo) -> str:
        OfficeHours.parse(value, others.data.get("timezone", "UTC"))
        return value

    @field_validator("encoders")
    @classmethod
    def _at_least_one(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) < len(value):
            raise ValueError("name at least one encoder, and none twice")
        return value

    @property
    def index_folder(self) -> Path:
        """Where indexes are kept between runs: beside an SQLite database, else in the data folder."""
        url = make_url(self.database)
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(f"{url.database}-index")
        return self.home / "index"

    @property
    def database(self) -> str:
        """The database's address: the one that was set, else an SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{(self.home / 'weaver.db').absolute()}"
