// SPDX-License-Identifier: Apache-2.0
#include "report/html_parts.hpp"

namespace reveille::sim::html {

const std::string_view style = R"css(
:root { color-scheme: light dark;
  --page: #f7f6f3; --card: #ffffff; --ink: #1c232a; --muted: #5d6873; --line: #dfdfda;
  --pass: #0b7a6f; --session: #b84c1a; --form: #8b95a1; --tint: #e4f1ef; --hit: #eef3f6; --ip: #6f58bd; --udp: #2672b0;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (prefers-color-scheme: dark) { :root {
  --page: #11161b; --card: #191f26; --ink: #e5e9ec; --muted: #98a4b0; --line: #2d363f;
  --pass: #3cc9b6; --session: #f0935f; --form: #74808d; --tint: #173330; --hit: #212a33;
  --ip: #a794ea; --udp: #62aceb; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 var(--sans); }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
.eyebrow { margin: 0 0 10px; color: var(--muted); font-size: 14px; letter-spacing: .04em; }
.eyebrow b { color: var(--pass); font-weight: 650; }
h1 { margin: 0 0 14px; max-width: 24em; font-size: clamp(25px, 4.2vw, 38px); line-height: 1.18; font-weight: 650;
  letter-spacing: -.015em; text-wrap: balance; }
h2 { margin: 52px 0 6px; font-size: 21px; font-weight: 650; letter-spacing: -.01em; }
h3 { margin: 0 0 10px; font-size: 15px; font-weight: 650; }
p { margin: 0 0 14px; max-width: 46em; }
.lead, .note { color: var(--muted); }
.note { font-size: 14px; }
a { color: var(--pass); }
code, pre { font-family: var(--mono); font-size: 13px; }
.banner { margin: 20px 0; padding: 14px 18px; border-left: 4px solid var(--session); background: var(--card); }
.banner p:last-child { margin: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; margin: 30px 0 0; }
.tile { padding: 15px 18px 13px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
.tile b { display: block; font-size: 25px; line-height: 1.2; font-weight: 650; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums; }
.tile span { display: block; margin-top: 4px; color: var(--muted); font-size: 13.5px; line-height: 1.4; }
.tile.good b { color: var(--pass); }
.tile.bad b { color: var(--session); }
.card { margin: 14px 0 0; padding: 18px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
.wide { overflow-x: auto; }
.wide svg { display: block; width: 100%; min-width: 720px; height: auto; }
.stack { display: grid; gap: 14px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 14px;
  align-items: start; }
.stack .card { margin: 0; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { padding: 5px 0 5px 14px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; }
tr:last-child td { border-bottom: 0; }
th { color: var(--muted); font-weight: 500; font-size: 13px; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td small { display: block; color: var(--muted); font-size: 12.5px; line-height: 1.35; }
.dot { display: inline-block; width: 9px; height: 9px; margin-right: 8px; border-radius: 50%;
  background: currentColor; }
.passed { color: var(--pass); } .session { color: var(--session); } .form { color: var(--form); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 10px 0 0; padding: 0; list-style: none;
  color: var(--muted); font-size: 13.5px; }
pre.command { margin: 10px 0 0; padding: 12px 16px; border: 1px solid var(--line); border-radius: 10px;
  background: var(--card); white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
details summary { cursor: pointer; }
details.more { margin-top: 10px; font-size: 14px; } details.more > summary { color: var(--pass); }
.frames { margin: 14px 0 0; padding: 0; list-style: none; font-size: 14px; }
.frames details { border-top: 1px solid var(--line); }
.frames summary { display: flex; flex-wrap: wrap; gap: 0 14px; padding: 7px 4px; list-style: none; }
.frames summary::-webkit-details-marker { display: none; }
.frames summary:hover, .frames details[open] summary { background: var(--hit); }
.frames summary span:first-child { min-width: 1.2em; text-align: right; }
.frames summary b { min-width: 8.5em; font-weight: 600; } .frames summary span { color: var(--muted); }
.frames summary .octets { margin-left: auto; font-variant-numeric: tabular-nums; }
.frames pre { margin: 0; padding: 12px 4px 16px; overflow-x: auto; line-height: 1.5; font-size: 12.5px;
  color: var(--muted); }
.hex-ethernet { color: var(--muted); } .hex-ip { color: var(--ip); } .hex-udp { color: var(--udp); }
.hex-header { color: var(--session); font-weight: 650; } .hex-message { color: var(--ink); }
svg text { font: 13px var(--sans); fill: var(--ink); }
svg .small { font-size: 11.5px; fill: var(--muted); } svg .mid { text-anchor: middle; } svg .end { text-anchor: end; }
svg .name { font-weight: 600; } svg .mono { font-family: var(--mono); font-size: 11.5px; }
svg .halo { paint-order: stroke; stroke: var(--card); stroke-width: 5px; stroke-linejoin: round; }
svg .lane { stroke: var(--line); stroke-width: 1.5; }
svg .box { fill: var(--card); stroke: var(--ink); stroke-width: 1.3; }
svg .box.core { fill: var(--tint); stroke: var(--pass); }
svg .arrow { fill: none; stroke: var(--ink); stroke-width: 1.4; } svg .head { fill: var(--ink); }
svg .quiet .arrow { stroke: var(--muted); } svg .quiet .head { fill: var(--muted); }
svg .in .arrow { stroke: var(--pass); stroke-width: 1.9; } svg .in .head { fill: var(--pass); }
svg .row { fill: transparent; } svg a:hover .row, svg a:focus .row, svg .slice:hover { fill: var(--hit); }
svg .slice { fill: transparent; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .goal { stroke: var(--pass); stroke-dasharray: 3 4; }
svg .bar.passed { fill: var(--pass); } svg .bar.session { fill: var(--session); opacity: .85; }
svg .bar.form { fill: var(--form); }
svg .curve { fill: none; stroke: var(--pass); stroke-width: 2; } svg .under { fill: var(--tint); }
svg text.passed { fill: var(--pass); } svg text.session { fill: var(--session); } svg text.form { fill: var(--muted); }
svg .drop .arrow { stroke: var(--session); } svg .drop .head { fill: var(--session); }
footer { margin-top: 48px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--muted);
  font-size: 13.5px; }
@media (max-width: 560px) { main { padding: 26px 16px 48px; } .card { padding: 14px; } .tiles { gap: 9px;
  grid-template-columns: 1fr 1fr; } .tile { padding: 12px 13px 11px; } .tile b { font-size: 20px; }
  .tile span { font-size: 12.5px; } }
@media print { :root { --page: #fff; --card: #fff; --ink: #000; --muted: #444; --line: #ccc; --pass: #0b7a6f;
    --session: #b3480f; --form: #777; --tint: #e4f1ef; }
  body { font-size: 11pt; } main { max-width: none; padding: 0; } h2 { break-after: avoid; margin-top: 28px; }
  .card, .tile, tr { break-inside: avoid; } .wide svg { min-width: 0; } .wide { overflow: visible; }
  .frames { display: none; } }
)css";

}  // namespace reveille::sim::html
