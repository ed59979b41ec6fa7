"""An installation of its own for a test, used by the command line in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

WEAVER = Path(sys.executable).parent / "weaver"


class Installation:
    """A data folder of its own, with the command line to use it."""

    def __init__(self, home: Path, encoder: Path, cache: Path) -> None:
        self.home = home
        self._environment = {
            **os.environ,
            "WEAVER_HOME": str(home),
            "WEAVER_ENCODERS": str(encoder),
            "XDG_CACHE_HOME": str(cache),
        }

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `weaver` and return what it said."""
        return subprocess.run(
            [str(WEAVER), *arguments],
            env={**self._environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
