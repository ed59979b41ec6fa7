"""A training run in a process of its own: started, watched, cancelled. Knows no torch; the process does."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from weaver_core.errors import TrainingFailedError
from weaver_core.training.job import CHECKPOINT, ERROR, PROGRESS
from weaver_core.training.progress import Progress

LOOK_EVERY = 0.2
GRACE = 5.0


class TrainingProcess:
    """A running training job."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        """Watch a process that works on a job's folder."""
        self._folder, self._process = folder, process

    @property
    def pid(self) -> int:
        """The number of the operating system's process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is over; `result` says how."""
        return self._process.poll() is not None

    def progress(self) -> Iterator[Progress]:
        """What the process reports, each step at most once, until it ends; then `result` says how it ended."""
        last = None
        while True:
            ended = self.ended
            now = progress_of(self._folder)
            if now is not None and now != last:
                last = now
                yield now
            if ended:
                return
            time.sleep(LOOK_EVERY)

    def cancel(self) -> None:
        """End the process. What it saved stays, so that the job may be started again where it was."""
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def result(self) -> Path:
        """The checkpoint's folder, once the process has ended. Raises TrainingFailedError, which says why not."""
        code = self._process.wait()
        if code == 0:
            return self._folder / CHECKPOINT
        error = self._folder / ERROR
        reason = error.read_text() if error.exists() else f"its process ended with {code}"
        raise TrainingFailedError(f"The training in {self._folder} gave no checkpoint: {reason}")


def start(folder: Path) -> TrainingProcess:
    """Start the job in a folder, or go on with it where it was saved last."""
    for name in (ERROR, PROGRESS):
        (folder / name).unlink(missing_ok=True)
    command = [sys.executable, "-m", "weaver_core.training", str(folder)]
    # The interpreter is ours, and the folder is an argument, not a shell's word.
    return TrainingProcess(folder, subprocess.Popen(command, stdin=subprocess.DEVNULL))  # noqa: S603


def progress_of(folder: Path) -> Progress | None:
    """What the job in a folder reported last; None before its first step."""
    try:
        return Progress(**json.loads((folder / PROGRESS).read_text()))
    except FileNotFoundError:
        return None
