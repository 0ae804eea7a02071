# SPDX-License-Identifier: Apache-2.0
"""scripts/docs: builds the site, and names each link that leads nowhere, and each page that nobody finds.

usage: docs_test.py FOLDER
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import scratch

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSING.md", "LICENSE")
FAULTS = {
    "[a](nowhere.md)": "docs/sizes.md: nowhere.md: no such file",
    "[b](../rtl/none.sv)": "docs/sizes.md: ../rtl/none.sv: no such file",
    "[c](timing.md#no-such)": "does not contain an anchor '#no-such'",
    "[d](#nothing)": "'#nothing', but there is no such anchor",
}


def check(condition, message):
    if not condition:
        sys.exit(f"docs_test: {message}")


def docs(tree, out):
    return subprocess.run([tree / "scripts/docs", "--out", out], capture_output=True, text=True, check=False)


def main():
    folder = scratch.fresh(sys.argv[1])
    tree = folder / "tree"
    for name in ("docs", "rtl", "model", "scripts", "synth", "tb"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in PAGES:
        shutil.copyfile(ROOT / name, tree / name)
    (tree / ".venv").symlink_to((ROOT / ".venv").resolve())

    result = docs(tree, folder / "site")
    check(result.returncode == 0, result.stderr)
    for name in ("index.html", "search/search_index.json", "generated/registers.html",
                 "source/rtl/host/reveille_registers.rdl", "generated/dropped.svg"):
        check((folder / "site" / name).is_file(), f"the site has no {name}")
    foreign = re.findall(r'(?:src|rel="stylesheet" href)="(https?://[^"]*)"',
                         (folder / "site/index.html").read_text(encoding="utf-8"))
    check(not foreign, f"the site loads {foreign}")
    # As tb/system/tutorial_test.py finds it in the same waveform: eleven beats, then the verdict in T+14.
    lanes = json.loads((folder / "site/generated/dropped.json").read_text(encoding="utf-8"))["signal"]
    verdict = next(lane for lane in lanes if lane["name"] == "verdict_code")
    check(verdict["data"] == ["not_woken"] and verdict["wave"].index("=") == 11 + 14, f"verdict_code: {verdict}")
    check("SERVER_ENABLE" in (folder / "site/search/search_index.json").read_text(encoding="utf-8"),
          "registers are not found by search")

    with open(tree / "docs/sizes.md", "a", encoding="utf-8") as page:
        page.write("\n" + " ".join(FAULTS) + "\n")
    (tree / "docs/orphan.md").write_text("# Nobody links here\n", encoding="utf-8")
    result = docs(tree, folder / "other")
    check(result.returncode == 1 and not (folder / "other").exists(),
          f"status {result.returncode}, or a site with dead links")
    for words in (*FAULTS.values(), "orphan.md"):
        check(words in result.stderr, f"{words!r} is not in: {result.stderr}")
    check(docs(tree, folder / "tree").returncode == 2, "a folder with other things than a site is taken")
    print("docs_test: the site is built, and dead links are named")


if __name__ == "__main__":
    main()
