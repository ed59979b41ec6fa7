"""What in masked texts may hold for one customer only, as hashes, with the first two whom it was seen with."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.tables.base import Base


class ParticularRow(Base):
    """A particular by its keyed hash. Once it has a second owner it is nobody's alone; further ones are not kept."""

    __tablename__ = "particular"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    first: Mapped[bytes] = mapped_column(LargeBinary)
    second: Mapped[bytes | None] = mapped_column(LargeBinary)
