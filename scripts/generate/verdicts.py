# SPDX-License-Identifier: Apache-2.0
"""Writes the table of verdicts for each of its readers.

usage: verdicts.py docs/verdicts.json OUT

OUT/rtl/reveille_verdict_pkg.sv, OUT/include/reveille/verdict.hpp, OUT/docs/verdicts.md. The JSON file is the only
place where a verdict is written down; `action` is pass, drop or configured (a register decides). Beside the verdicts
it holds the counters that count something else, for verdicts and they share one array, and the kinds of events.
"""

import json
import pathlib
import sys

SOURCE = "docs/verdicts.json"
CODE_WIDTH = 5
ACTIONS = ("pass", "drop", "configured")
KINDS = ("frame", "message", "session")


def load_codes(path, table, group):
    """`counters` or `events`: entries of code, name and when."""
    for position, entry in enumerate(table[group]):
        where = f"{path}: {group} {position}"
        if set(entry) != {"code", "name", "when"}:
            sys.exit(f"{where}: keys {sorted(entry)}, expected code, name, when")
        if not isinstance(entry["code"], int) or not 0 <= entry["code"] < 1 << CODE_WIDTH:
            sys.exit(f"{where}: code {entry['code']!r}, expected 0 to {(1 << CODE_WIDTH) - 1}")
    for key in ("code", "name"):
        if len({entry[key] for entry in table[group]}) != len(table[group]):
            sys.exit(f"{path}: {group}: a {key} stands twice")
    return table[group]


def load(path):
    table = json.loads(path.read_text(encoding="utf-8"))
    if set(table) != {"source", "verdicts", "counters", "events"}:
        sys.exit(f"{path}: keys {sorted(table)}, expected source, verdicts, counters, events")
    verdicts = table["verdicts"]
    for position, verdict in enumerate(verdicts):
        where = f"{path}: verdict {position}"
        if set(verdict) != {"code", "name", "kind", "action", "when"}:
            sys.exit(f"{where}: keys {sorted(verdict)}, expected code, name, kind, action, when")
        if verdict["code"] != position:
            sys.exit(f"{where}: code {verdict['code']}, expected {position}")
        if verdict["action"] not in ACTIONS:
            sys.exit(f"{where}: action {verdict['action']!r}, expected one of {ACTIONS}")
        if verdict["kind"] not in KINDS:
            sys.exit(f"{where}: kind {verdict['kind']!r}, expected one of {KINDS}")
    if len({verdict["name"] for verdict in verdicts}) != len(verdicts):
        sys.exit(f"{path}: a name stands twice")
    if len(verdicts) > 1 << CODE_WIDTH:
        sys.exit(f"{path}: {len(verdicts)} verdicts do not fit {CODE_WIDTH} bits")
    load_codes(path, table, "events")
    for counter in load_codes(path, table, "counters"):
        if counter["code"] < len(verdicts):
            name = verdicts[counter["code"]]["name"]
            sys.exit(
                f"{path}: code {counter['code']}: verdict {name} and counter {counter['name']} would share a counter")
    return table


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def lines(verdicts, form, separator=",\n"):
    return separator.join(form(verdict) for verdict in verdicts)


def systemverilog(verdicts):
    enum = lines(verdicts, lambda v: f"    Verdict{camel(v['name'])} = {CODE_WIDTH}'d{v['code']}")
    passes = lines([v for v in verdicts if v["action"] == "pass"], lambda v: f"Verdict{camel(v['name'])}", ", ")
    return f"""// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Generated from {SOURCE}: edit that.
package reveille_verdict_pkg;

  localparam int unsigned VerdictCount = {len(verdicts)};

  typedef enum logic [{CODE_WIDTH - 1}:0] {{
{enum}
  }} verdict_e;

  // Whether the frame goes to the host whatever the registers say; client_initiated depends on one.
  function automatic logic verdict_is_pass(verdict_e verdict);
    return verdict inside {{{passes}}};
  endfunction

endpackage
"""


def cpp(verdicts):
    enum = lines(verdicts, lambda v: f"  {v['name']} = {v['code']},  ///< {v['when']}", "\n")
    names = lines(verdicts, lambda v: f'    "{v["name"]}"')
    actions = lines(verdicts, lambda v: f"    VerdictAction::{v['action']}")
    kinds = lines(verdicts, lambda v: f"    VerdictKind::{v['kind']}")
    return f"""// SPDX-License-Identifier: Apache-2.0
// Generated from {SOURCE}: edit that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reveille {{

/// What the guard decided on one frame.
enum class Verdict : std::uint8_t {{
{enum}
}};

inline constexpr std::size_t kVerdictCount = {len(verdicts)};
/// What becomes of the frame; `configured`: a register decides.
enum class VerdictAction : std::uint8_t {{ {", ".join(ACTIONS)} }};

/// What the verdict was reached by: the frame's headers, the message's form, or the client's session.
enum class VerdictKind : std::uint8_t {{ {", ".join(KINDS)} }};

inline constexpr std::array<std::string_view, kVerdictCount> kVerdictNames = {{
{names},
}};

inline constexpr std::array<VerdictAction, kVerdictCount> kVerdictActions = {{
{actions},
}};

inline constexpr std::array<VerdictKind, kVerdictCount> kVerdictKinds = {{
{kinds},
}};

[[nodiscard]] constexpr std::size_t index(Verdict verdict) noexcept {{ return static_cast<std::size_t>(verdict); }}
[[nodiscard]] constexpr std::string_view name(Verdict verdict) noexcept {{ return kVerdictNames[index(verdict)]; }}
[[nodiscard]] constexpr VerdictAction action(Verdict verdict) noexcept {{ return kVerdictActions[index(verdict)]; }}
[[nodiscard]] constexpr VerdictKind kind(Verdict verdict) noexcept {{ return kVerdictKinds[index(verdict)]; }}

/// Whether the frame goes to the host whatever is configured; false for client_initiated.
[[nodiscard]] constexpr bool is_pass(Verdict verdict) noexcept {{ return action(verdict) == VerdictAction::pass; }}

/// The verdict of that name, or nothing.
[[nodiscard]] constexpr std::optional<Verdict> verdict_from_name(std::string_view text) noexcept {{
  for (std::size_t code = 0; code < kVerdictCount; ++code) {{
    if (kVerdictNames[code] == text) return static_cast<Verdict>(code);
  }}
  return std::nullopt;
}}

}}  // namespace reveille
"""


def markdown(table):
    rows = lines(table["verdicts"],
                 lambda v: f"| {v['code']} | `{v['name']}` | {v['kind']} | {v['when']} | {v['action']} |", "\n")
    counters, events = (
        lines(table[group], lambda entry: f"| {entry['code']} | `{entry['name']}` | {entry['when']} |", "\n")
        for group in ("counters", "events")
    )
    return f"""<!-- Generated from {SOURCE}: edit that. -->
# Verdicts

The first that applies. Action `configured`: a register decides.

| code | verdict | reached by | when | action |
| --- | --- | --- | --- | --- |
{rows}

# Counters

One for each verdict, by its code, and these:

| index | counter | counts |
| --- | --- | --- |
{counters}

# Events

| kind | event | when |
| --- | --- | --- |
{events}
"""


def main():
    source, out = map(pathlib.Path, sys.argv[1:])
    table = load(source)
    verdicts = table["verdicts"]
    for path, text in (
        (out / "rtl" / "reveille_verdict_pkg.sv", systemverilog(verdicts)),
        (out / "include" / "reveille" / "verdict.hpp", cpp(verdicts)),
        (out / "docs" / "verdicts.md", markdown(table)),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
