"""The change counter that serving and every derived index follow."""

from uuid import UUID

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.tables.base import Base


class ChangeCounterRow(Base):
    """The one row that says how many changes there were; its lock puts writers of the memory in order."""

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigInteger)


class ChangeRow(Base):
    """The n-th change: of which answer's memory, or of the active model."""

    __tablename__ = "change"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[UUID]
