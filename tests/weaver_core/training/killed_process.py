"""A training that kills itself once it has saved where it is: `python -m tests.weaver_core.training.killed_process`."""

import os
import signal
import sys
from pathlib import Path

from weaver_core.training import __main__ as training
from weaver_core.training import state as saving
from weaver_core.training.state import TrainingState


def main() -> None:
    """Train until the first state is saved."""
    save = saving.save

    def save_and_die(path: Path, state: TrainingState, fingerprint: str) -> None:
        save(path, state, fingerprint)
        os.kill(os.getpid(), signal.SIGKILL)

    saving.save = save_and_die
    sys.exit(training.main())


if __name__ == "__main__":
    main()
