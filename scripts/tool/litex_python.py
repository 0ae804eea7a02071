# SPDX-License-Identifier: Apache-2.0
"""A Python with LiteX, which is none of .venv's packages."""

import json
import pathlib
import subprocess
import sys


def path(given):
    """That one, or, without, build/litex, which is installed where it is not there; status 2 where it cannot be."""
    if given:
        return given
    tool = pathlib.Path(__file__).with_name("packages")
    found = subprocess.run([tool, "litex"], stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        sys.exit(found.returncode)
    return found.stdout.strip()


def versions(chosen, packages):
    """Versions of the packages in that Python; ends with status 2 where one is missing."""
    script = f"import importlib.metadata as m, json; print(json.dumps({{p: m.version(p) for p in {packages}}}))"
    try:
        return json.loads(subprocess.run([chosen, "-c", script], capture_output=True, text=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError, json.JSONDecodeError):
        print(f"synth: --python {chosen}: expected a Python with {', '.join(packages)}, or leave --python out",
              file=sys.stderr)
        sys.exit(2)
