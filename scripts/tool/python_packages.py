# SPDX-License-Identifier: Apache-2.0
"""Packages of a Python that is not the project's own: LiteX', which scripts/setup does not install."""

import json
import subprocess
import sys


def versions(python, packages):
    """Versions of the packages in that Python; ends with status 2 where one is missing."""
    script = f"import importlib.metadata as m, json; print(json.dumps({{p: m.version(p) for p in {packages}}}))"
    try:
        return json.loads(subprocess.run([python, "-c", script], capture_output=True, text=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError, json.JSONDecodeError):
        print(f"synth: --python {python}: expected a Python with {', '.join(packages)}, as of: "
              f"python3 -m venv DIR && DIR/bin/pip install {' '.join(packages)}", file=sys.stderr)
        sys.exit(2)
