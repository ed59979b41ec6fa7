"""What was done with one thing, as REST tells it beside the thing."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from knowledge_base.audit import Entry


class DoneBody(BaseModel):
    """One thing that somebody did."""

    at: datetime
    actor: str
    action: str
    details: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The JSON of an entry of the audit log."""
        return cls(at=entry.at, actor=entry.actor, action=entry.action, details=entry.details)
