# SPDX-License-Identifier: Apache-2.0
"""A picture of what the core takes by its sessions, both on logarithmic scales."""

import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 400, 70, 150, 24, 48
# What is drawn, its name and colour, and how far below its line's end the name stands: two lines lie close together.
SERIES = (("ff", "flip-flops", "#2563a8", -3), ("lut4", "LUT4", "#b3541e", 12), ("bram", "block RAM", "#3f7d3a", 4))
LEAST, MOST = 10, 100_000  # of the vertical axis


def svg(by_sessions):
    sessions = list(by_sessions)
    first, last = math.log2(sessions[0]), math.log2(sessions[-1])

    def x(value):
        return LEFT + (math.log2(value) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - math.log(value / LEAST) / math.log(MOST / LEAST) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        "<title>LUT4, flip-flops and block RAM of an LFE5U by the sessions of the store</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    decade = LEAST
    while decade <= MOST:
        parts.append(f'<path d="M{LEFT} {y(decade):.1f}H{WIDTH - RIGHT}" stroke="#d9d9d9"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(decade) + 4:.1f}" text-anchor="end" fill="#444">{decade:,}</text>')
        decade *= 10
    for value in sessions:
        parts.append(
            f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#444">{value:,}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle" fill="#444">sessions</text>')
    for key, name, colour, below in SERIES:
        points = [(x(value), y(cells[key])) for value, cells in by_sessions.items()]
        line = " ".join(f"{across:.1f},{up:.1f}" for across, up in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{across:.1f}" cy="{up:.1f}" r="3" fill="{colour}"/>' for across, up in points]
        parts.append(
            f'<text x="{points[-1][0] + 10:.1f}" y="{points[-1][1] + below:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
