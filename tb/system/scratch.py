# SPDX-License-Identifier: Apache-2.0
"""The folder that a test works in.

usage: scratch.py FOLDER    makes it, empty
"""

import pathlib
import shutil
import sys


def fresh(name):
    """That folder, absolute and empty. What a test left there is removed; anything else is refused."""
    folder = pathlib.Path(name).resolve()
    mark = folder / ".scratch"
    if folder.exists() and not mark.exists() and any(folder.iterdir()):
        sys.exit(f"{name}: expected a new folder, an empty one, or one that a test made")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    return folder


if __name__ == "__main__":
    fresh(sys.argv[1])
