# SPDX-License-Identifier: Apache-2.0
"""The pages of `reveille run`, `replay` and `bench` in a headless Chromium, wide and narrow, light and dark: axe-core
finds nothing that is serious, and nothing makes the page wider than its window.

usage: axe_test.py REVEILLE FOLDER

Exit 77, which ctest shows as skipped, where there is no Chromium (Debian's package `chromium`).
"""

import html
import importlib.resources
import json
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
# A window of the system's own, scroll bars and all; dark by the setting that a user would make.
DARK = "--blink-settings=preferredColorScheme=0"
SCRIPT = """<script>{axe}</script><script>
axe.run(document).then(function (result) {{
  const found = document.createElement("pre");
  found.id = "found";
  found.textContent = JSON.stringify({{
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: innerWidth, needed: document.documentElement.scrollWidth, passes: result.passes.length,
    violations: result.violations.flatMap(rule => rule.nodes.map(node =>
      rule.id + ", " + rule.impact + ": " + node.target + ": " + node.failureSummary))
  }});
  document.body.appendChild(found);
}});
</script></body>"""


def check(condition, message):
    if not condition:
        sys.exit(f"axe_test: {message}")


def run(program, *arguments):
    result = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    check(result.returncode == 0, f"{arguments}: status {result.returncode}: {result.stderr}")


def pages(program, folder):
    """The page of each command, short as they go."""
    run(program, "run", "--engine", "model", "--ctas", 4, "--duration", "2ms", "--out", folder / "run")
    run(program, "replay", "--engine", "model", "--sessions", folder / "run/sessions.json", "--report",
        folder / "replay", folder / "run/network.pcapng")
    run(program, "bench", "--model-only", "--frames", 100, "--line-frames", 100, "--report", folder / "bench")
    return [folder / name / "report.html" for name in ("run", "replay", "bench")]


def found(chromium, page, width, dark):
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},1000",
               "--virtual-time-budget=60000", "--dump-dom", *([DARK] if dark else []), page.as_uri()]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    text = re.search(r'<pre id="found">(.*?)</pre>', result.stdout, re.DOTALL)
    check(text, f"{page}: axe-core has not ended: {result.stderr[-2000:]}")
    return json.loads(html.unescape(text[1]))


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("skipped: there is no Chromium to look at the pages")
        sys.exit(SKIPPED)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    axe = (importlib.resources.files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    faults = []
    for page in pages(program, folder):
        judged = page.with_name("judged.html")
        text = page.read_text(encoding="utf-8")
        check(text.count("</body>") == 1, f"{page}: expected one body")
        judged.write_text(text.replace("</body>", SCRIPT.format(axe=axe)), encoding="utf-8")
        for width, dark in ((1280, False), (420, True)):
            seen = found(chromium, judged, width, dark)
            name = f"{page.parent.name}, {width} px, {'dark' if dark else 'light'}"
            check(seen["dark"] == dark and seen["passes"] > 10, f"{name}: not looked at: {seen}")
            faults += [f"{name}: {fault}" for fault in seen["violations"]]
            if seen["needed"] > seen["width"]:
                faults.append(f"{name}: the page is {seen['needed']} px wide, its window {seen['width']}")
    check(not faults, "\n".join(["", *faults]))
    print("axe_test: pages of run, replay and bench, at 1280 px light and 420 px dark: nothing found")


if __name__ == "__main__":
    main()
