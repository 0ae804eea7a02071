# SPDX-License-Identifier: Apache-2.0
"""The pages of `reveille run`, `replay` and `bench`, and that of a difference, in a headless Chromium, wide and narrow,
light and dark. Each is used first: another client's exchange, its octets, fewer verdicts, a shorter time. Then axe-core
finds nothing, no script has failed, and nothing makes the page wider than its window.

usage: axe_test.py REVEILLE TEST_SIM FOLDER      TEST_SIM writes the page of a difference

Exit 77, which ctest shows as skipped, where there is no Chromium (Debian's package `chromium`).
"""

import html
import importlib.resources
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import scratch

SKIPPED = 77
# A window of the system's own, scroll bars and all; dark by the setting that a user would make.
DARK = "--blink-settings=preferredColorScheme=0"
WATCH = """<script>const failed = [];
addEventListener("error", event => failed.push(event.message + " at line " + event.lineno));</script>"""
SCRIPT = """<script>{axe}</script><script>
const used = {{ bars: [] }};
const change = (element, value) => {{
  element.value = value;
  element.dispatchEvent(new Event("change", {{ bubbles: true }}));
}};
function use() {{
  const select = document.querySelector("#exchange select");
  if (select) {{
    change(select, select.options.length - 1);
    used.clients = select.options.length;
    const steps = document.querySelectorAll("#exchange .frames details");
    const arrows = document.querySelectorAll("#exchange .sequence a");
    used.steps = [steps.length, data.exchanges.all.at(-1).steps.length, arrows.length];
    arrows[0].dispatchEvent(new MouseEvent("click", {{ bubbles: true, cancelable: true }}));
    used.open = steps[0].open;
  }}
  const form = document.querySelector("#verdicts form");
  if (form) {{
    const bars = () => used.bars.push(document.querySelectorAll("#verdicts .bar").length);
    const sum = numbers => numbers.reduce((a, b) => a + b, 0);
    const total = () => sum([...document.querySelectorAll("#verdicts .total")].map(text =>
      Number(text.textContent.replaceAll(",", ""))));
    bars();
    used.whole = [total(), sum(data.verdicts.rows.flatMap(row => row.frames))];
    form.querySelector(".fates input:checked")?.click();
    bars();
    change(form.querySelector(".to"), form.querySelector(".to").value / 3);
    used.third = [total(), document.querySelector("#verdicts .scale").textContent];
    form.querySelector("details").open = true;
  }}
  used.broken = brokenWords();
}}
// Of table cells, plain words of which a part stands on the next line, and options anywhere.
function brokenWords() {{
  const broken = [];
  const look = (element, pattern) => {{
    for (const text of [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE))
      for (const word of text.data.matchAll(pattern)) {{
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (range.getClientRects().length > 1) broken.push(word[0]);
      }}
  }};
  document.querySelectorAll("td").forEach(cell => look(cell, /(?<!\\S)[a-z/]{{2,12}}(?!\\S)/gi));
  document.querySelectorAll("p, code.option").forEach(part => look(part, /(?<!\\S)--[a-z-]+/g));
  return broken;
}}
// By a timer, which virtual time waits for; for a frame to be painted it does not.
setTimeout(() => {{
  use();
  axe.run(document).then(result => {{
    const found = document.createElement("pre");
    found.id = "found";
    found.textContent = JSON.stringify({{
      dark: matchMedia("(prefers-color-scheme: dark)").matches, failed, used,
      width: innerWidth, needed: document.documentElement.scrollWidth, passes: result.passes.length,
      violations: result.violations.flatMap(rule => rule.nodes.map(node =>
        rule.id + ", " + rule.impact + ": " + node.target + ": " + node.failureSummary))
    }});
    document.body.appendChild(found);
  }});
}}, 300);
</script></body>"""


def check(condition, message):
    if not condition:
        sys.exit(f"axe_test: {message}")


def run(program, *arguments):
    result = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    check(result.returncode == 0, f"{arguments}: status {result.returncode}: {result.stderr}")


def pages(program, test_sim, folder):
    """The page of each command, short as they go, and of a difference."""
    run(program, "run", "--engine", "model", "--ctas", 4, "--duration", "2ms", "--out", folder / "run")
    run(program, "replay", "--engine", "model", "--sessions", folder / "run/sessions.json", "--report",
        folder / "replay", folder / "run/network.pcapng")
    run(program, "bench", "--model-only", "--frames", 100, "--line-frames", 100, "--report", folder / "bench")
    (folder / "difference").mkdir()
    environment = {**os.environ, "REVEILLE_PAGE": str(folder / "difference/report.html")}
    subprocess.run([test_sim, "The page shows a difference*"], env=environment, check=True, capture_output=True)
    return [folder / name / "report.html" for name in ("run", "replay", "bench", "difference")]


def check_use(name, seen):
    """What the script of the page made of its use."""
    used = seen["used"]
    if name == "run":
        check(used["clients"] == 4 and used["open"], f"{name}: no other client's exchange: {used}")
        check(used["steps"][0] > 2 and len(set(used["steps"])) == 1, f"{name}: steps in list, data and drawing: {used}")
    if name in ("run", "replay"):
        check(used["whole"][0] == used["whole"][1] > 0, f"{name}: totals beside the chart, and frames: {used}")
        check(used["bars"][0] > used["bars"][1] > 0, f"{name}: rows with a fate and without it: {used}")
        check(0 < used["third"][0] < used["whole"][0], f"{name}: frames in a third of the time: {used}")


def found(chromium, page, width, dark):
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},1000",
               "--virtual-time-budget=60000", "--dump-dom", *([DARK] if dark else []), page.as_uri()]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    text = re.search(r'<pre id="found">(.*?)</pre>', result.stdout, re.DOTALL)
    check(text, f"{page}: axe-core has not ended: {result.stderr[-2000:]}")
    return json.loads(html.unescape(text[1]))


def main():
    program, test_sim, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("skipped: there is no Chromium to look at the pages")
        sys.exit(SKIPPED)
    folder = scratch.fresh(folder)
    axe = (importlib.resources.files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    faults = []
    for page in pages(program, test_sim, folder):
        judged = page.with_name("judged.html")
        text = page.read_text(encoding="utf-8")
        check(text.count("</body>") == 1, f"{page}: expected one body")
        text = text.replace("<head>", "<head>" + WATCH, 1).replace("</body>", SCRIPT.format(axe=axe))
        judged.write_text(text, encoding="utf-8")
        for width, dark in ((1280, False), (420, True)):
            seen = found(chromium, judged, width, dark)
            name = f"{page.parent.name}, {width} px, {'dark' if dark else 'light'}"
            check(seen["dark"] == dark and seen["passes"] > 10, f"{name}: not looked at: {seen}")
            check_use(page.parent.name, seen)
            faults += [f"{name}: {fault}" for fault in seen["violations"] + seen["failed"]]
            faults += [f"{name}: {word} is broken over two lines" for word in seen["used"]["broken"]]
            if seen["needed"] > seen["width"]:
                faults.append(f"{name}: the page is {seen['needed']} px wide, its window {seen['width']}")
    check(not faults, "\n".join(["", *faults]))
    print("axe_test: pages of run, replay, bench and a difference, at 1280 px light and 420 px dark: nothing found")


if __name__ == "__main__":
    main()
