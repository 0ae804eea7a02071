# SPDX-License-Identifier: Apache-2.0
"""docs/examples/capture: the program gives the sample's frames the verdicts that lie beside it, with the sessions file
those of the run that it is of, and the page that it writes is the one there, but for the revision.

usage: sample_test.py REVEILLE FOLDER
"""

import pathlib
import re
import shutil
import subprocess
import sys

import scratch

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = pathlib.Path("docs/examples/capture")
KILOBYTES = {"sample.pcapng": 100, "report.html": 200}
# As docs/replay.md has it: it renews what lies there.
RENEW = ["replay", "--engine", "model", "--sessions", SAMPLE / "sessions.json", "--verdicts", SAMPLE / "verdicts.csv",
         "--report", SAMPLE, SAMPLE / "sample.pcapng"]


def check(condition, message):
    if not condition:
        sys.exit(f"sample_test: {message}")


def replay(program, folder, arguments):
    result = subprocess.run([program, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    check(result.returncode == 0, f"{arguments}: status {result.returncode}: {result.stderr}")
    return result.stdout


def without_revision(page):
    text, found = re.subn(r"Program [^,]*, revision [^,]*,", "Program", page.read_text(encoding="utf-8"))
    check(found == 1, f"{page}: names its revision {found} times")
    return text


def main():
    program, folder = pathlib.Path(sys.argv[1]).resolve(), scratch.fresh(sys.argv[2])
    shutil.copytree(ROOT / SAMPLE, folder / SAMPLE)
    for name in ("verdicts.csv", "report.html"):
        (folder / SAMPLE / name).unlink()
    command = "reveille " + " ".join(map(str, RENEW))
    check(command in (ROOT / "docs/replay.md").read_text(encoding="utf-8"), f"docs/replay.md lacks: {command}")
    replay(program, folder, RENEW)
    there, now = ROOT / SAMPLE, folder / SAMPLE
    check((now / "verdicts.csv").read_text() == (there / "verdicts.csv").read_text(), "other verdicts: verdicts.csv")
    check(without_revision(now / "report.html") == without_revision(there / "report.html"),
          f"another page than {SAMPLE}/report.html; to renew it: {command}")
    for name, most in KILOBYTES.items():
        check((there / name).stat().st_size <= most * 1000, f"{name}: more than {most} kB")
    # Without the sessions file, as of a stranger's capture: learned from its Wake Ups.
    said = replay(program, folder, ["replay", "--engine", "model", "--server", "192.0.2.1,2001:db8::1",
                                    SAMPLE / "sample.pcapng"])
    check(re.search(r"learned: 6 sessions", said), f"learned from the sample: {said}")
    print("sample_test: verdicts and page are those of docs/examples/capture")


if __name__ == "__main__":
    main()
