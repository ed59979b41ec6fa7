"""What one check of an installation found, and how to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `mend` is empty when nothing is wrong."""

    name: str
    found: str
    mend: str = ""
