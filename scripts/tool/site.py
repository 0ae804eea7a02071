# SPDX-License-Identifier: Apache-2.0
"""Builds the site of README and docs with MkDocs.

usage: site.py OUT

The page of waveforms is made from a run of the core itself, in Icarus Verilog.

Pages keep their places; README is the front page. What a page links to in the tree outside docs is copied to source/,
so that every link of a page works in the site; one that leads nowhere is named, and the site is not written.
"""

import pathlib
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

import rtl_files

ROOT = pathlib.Path(__file__).resolve().parents[2]
FRONT = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSING.md")
GENERATED = ("registers.md", "verdicts.md", "configurations.md")
LINK = re.compile(r"(?<!`)\]\(([^)\s#]*)(#[^)\s]*)?\)")
NAVIGATION = [
    {"Reveille": "index.md"},
    {"Try it": ["run.md", "scenario.md", "report.md", "replay.md", "live.md", "bench.md", "programs.md"]},
    {"Tutorial": ["tutorial/follow-one-frame.md", "tutorial/change-one-verdict.md",
                  "tutorial/write-a-testbench.md"]},
    {"Specification": ["protocol.md", "architecture.md", "hash.md", "timing.md", "timing/ingress.md", "timing/guard.md",
                       "timing/nonce_generator.md", "timing/egress.md", "timing/host.md", "generated/waveforms.md",
                       "generated/verdicts.md"]},
    {"Integration": ["integration.md", "library.md", "generated/registers.md", "generated/configurations.md",
                     "sizes.md", "scale.md", "flows.md", "board.md", "entropy.md", "upsets.md"]},
    {"Trust": ["security.md", "verification.md", "verification/claims.md",
               "verification/netlist_mutants.md", "verification/reset_mutants.md",
               "verification/model_mutants.md",
               "verification/coverage.md", "SECURITY.md"]},
    {"Taking part": ["CONTRIBUTING.md", "CHANGELOG.md", "LICENSING.md"]},
]


def place(path):
    """Where a file of the tree is in the site."""
    if path == "README.md":
        return "index.md"
    if path in FRONT:
        return path
    return path.removeprefix("docs/") if path.startswith("docs/") else f"source/{path}"


def stage(path, pages, faults):
    """Copies a page of the tree to its place, its links changed, and what they lead to."""
    here = place(path)

    def changed(match):
        address, anchor = match[1], match[2] or ""
        if not address or re.match(r"[a-z]+:", address):
            return match[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
        if target.startswith("..") or not (ROOT / target).exists():
            faults.append(f"{path}: {address}: no such file")
            return match[0]
        if (ROOT / target).is_dir():
            return match[0].replace(address, posixpath.relpath("index.md", posixpath.dirname(here) or "."))
        there = place(target)
        if not (pages / there).exists():
            (pages / there).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / target, pages / there)
        return f"]({posixpath.relpath(there, posixpath.dirname(here) or '.')}{anchor})"

    (pages / here).parent.mkdir(parents=True, exist_ok=True)
    (pages / here).write_text(LINK.sub(changed, (ROOT / path).read_text(encoding="utf-8")), encoding="utf-8")


def configuration(pages, out):
    """Strict: a link without a page or heading, and a page that is not in the navigation, end the build."""
    return {
        "site_name": "Reveille",
        "docs_dir": str(pages),
        "site_dir": str(out),
        "theme": {"name": "readthedocs", "highlightjs": False},  # which it would load from elsewhere
        "plugins": ["search"],
        "nav": NAVIGATION,
        "use_directory_urls": False,
        "strict": True,
        "exclude_docs": "source/**/*.md\n",
        "markdown_extensions": ["tables", "fenced_code", {"toc": {"permalink": True}}],
        "validation": {"nav": {"omitted_files": "warn", "not_found": "warn"},
                       "links": {"not_found": "warn", "anchors": "warn", "unrecognized_links": "warn"}},
    }


def waveforms(work, out):
    """Runs the smallest testbench on the core, and draws what it shows."""
    core, bench = work / "reveille.v", ROOT / "docs/examples/first_frame_tb.v"
    for command in (
        [ROOT / "scripts/emit-verilog", core],
        ["iverilog", "-g2012", "-s", "first_frame_tb", "-o", work / "bench", bench, core],
        ["vvp", "-n", work / "bench", f"+dump={work}/bench.vcd"],
        [sys.executable, ROOT / "scripts/tool/wave_pictures.py", work / "bench.vcd", out],
    ):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            sys.exit(f"site: {command[0]}: status {result.returncode}: {(result.stderr + result.stdout)[-2000:]}")


def build(work):
    pages, faults = work / "pages", []
    tree = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    for path in [*FRONT, *tree]:
        stage(path, pages, faults)
    rtl_files.generate(work / "generated", "line")
    (pages / "generated").mkdir()
    for name in GENERATED:
        shutil.copyfile(work / "generated/docs" / name, pages / "generated" / name)
    waveforms(work, pages / "generated")
    (work / "mkdocs.yml").write_text(yaml.safe_dump(configuration(pages, work / "site"), sort_keys=False),
                                     encoding="utf-8")
    result = subprocess.run([sys.executable, "-m", "mkdocs", "build", "-f", work / "mkdocs.yml"], capture_output=True,
                            text=True, check=False)
    # What it says of links to files that are not there was said above.
    faults += [line for line in result.stderr.splitlines()
               if re.match("WARNING|ERROR|  - ", line) and "not found among documentation files" not in line]
    if result.returncode and not faults:
        faults.append(f"mkdocs: status {result.returncode}: {result.stderr[-2000:]}")
    return faults


def main():
    if len(sys.argv) != 2:
        sys.exit("site: expected a folder")
    out = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        faults = build(work)
        for fault in faults:
            print(fault, file=sys.stderr)
        if faults:
            sys.exit(1)
        if out.exists():
            shutil.rmtree(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(work / "site", out)
    print(f"docs: {out / 'index.html'}: {len(list(out.rglob('*.html')))} pages")


if __name__ == "__main__":
    main()
