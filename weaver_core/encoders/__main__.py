"""`python -m weaver_core.encoders NAME FOLDER`: exports an encoder with the checkpoint in a folder, prints where to.

A process of its own, so that whoever serves never loads torch.
"""

import sys
from pathlib import Path

from weaver_core import checkpoint
from weaver_core.encoders import export, sources
from weaver_core.errors import ModelError


def main() -> int:
    """The program. Its exit code is 0 with the exported folder on standard output, else the reason is on the other."""
    if len(sys.argv) != 3:  # noqa: PLR2004 - the program, the name and the folder
        sys.stderr.write("usage: python -m weaver_core.encoders NAME FOLDER\n")
        return 2
    name, folder = sys.argv[1:]
    try:
        trained = checkpoint.read(Path(folder))
        exported = export.exported_with(sources.find(name), trained, export.default_cache())
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{exported}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
