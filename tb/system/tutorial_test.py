# SPDX-License-Identifier: Apache-2.0
"""Does what a page of docs/tutorial says: runs its commands, and compares what they print with the page.

usage: tutorial_test.py PAGE.md [TREE]

A block of the page that is marked `sh` is run, by a shell in TREE (the tree that this file is of); a block `text`
behind it is what it must print, an empty one nothing. Every command must end well, but that of a block which is marked
`sh fails`.
"""

import difflib
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(sh|sh fails|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page):
    """(command, whether it is to end well, what it must print, or None)."""
    found = []
    for kind, text in BLOCK.findall(page):
        if kind == "text":
            if not found or found[-1][2] is not None:
                sys.exit(f"tutorial_test: a `text` block without a command before it: {text}")
            found[-1][2] = text
        else:
            found.append([text, kind == "sh", None])
    return found


def matches(wanted, line):
    """`<number>` in the page stands for any number, `...` at the end of a line for anything."""
    pattern = re.escape(wanted.removesuffix("...")).replace("<number>", r"\d+")
    return re.fullmatch(pattern + (".*" if wanted.endswith("...") else ""), line.rstrip())


def differences(expected, got):
    expected, got = expected.splitlines(), got.splitlines()
    same = len(expected) == len(got) and all(map(matches, expected, got))
    return "" if same else "\n".join(difflib.unified_diff(expected, got, "page", "printed", lineterm=""))


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("tutorial_test: expected a page of docs/tutorial, and a tree or none")
    path = pathlib.Path(sys.argv[1])
    tree = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else ROOT
    found = steps(path.read_text(encoding="utf-8"))
    if not found:
        sys.exit(f"tutorial_test: {path}: no command in it")
    for command, well, expected in found:
        print(command, end="", flush=True)
        result = subprocess.run(["bash", "-euo", "pipefail", "-c", command], capture_output=True, text=True,
                                check=False, cwd=tree)
        if (result.returncode == 0) != well:
            sys.exit(f"tutorial_test: {path}: status {result.returncode}: {command}{result.stdout[-3000:]}"
                     f"{result.stderr[-3000:]}")
        if expected is not None:
            difference = differences(expected, result.stdout)
            if difference:
                sys.exit(f"tutorial_test: {path}: {command}{difference}\n{result.stderr[-2000:]}")
    outputs = sum(step[2] is not None for step in found)
    print(f"tutorial_test: {path.name}: {len(found)} commands, {outputs} outputs as the page has them")


if __name__ == "__main__":
    main()
