# SPDX-License-Identifier: Apache-2.0
"""Writes the cutoffs of SP 800-90B, 4.4.1 and 4.4.2, in 200 digits, as C++. usage: cutoffs.py OUT.hpp"""

import decimal
import math
import pathlib
import sys

WINDOW = 512
decimal.getcontext().prec = 200


def cutoffs():
    """(H in eighths, -log2 of the false alarm, RctCutoff, AptCutoff) of every pair that the core takes."""
    two = decimal.Decimal(2)
    for eighths in range(1, 65):
        p = two ** (decimal.Decimal(-eighths) / 8)
        probability = [math.comb(WINDOW, k) * p**k * (1 - p) ** (WINDOW - k) for k in range(WINDOW + 1)]
        for alarm in range(20, 51):
            # critbinom: the least k with P(X <= k) >= 1 - alpha, that is P(X > k) <= alpha.
            k, tail = WINDOW, decimal.Decimal(0)
            while k > 0 and tail + probability[k] <= two**-alarm:
                tail += probability[k]
                k -= 1
            yield eighths, alarm, 1 + -(-8 * alarm // eighths), 1 + k


rows = "\n".join(f"    {{{', '.join(map(str, row))}}}," for row in cutoffs())
pathlib.Path(sys.argv[1]).write_text(
    "struct Cutoffs { unsigned entropy_eighths, false_alarm, rct, apt; };\n"
    f"constexpr Cutoffs kCutoffs[] = {{\n{rows}\n}};\n",
    encoding="utf-8",
)
