# SPDX-License-Identifier: Apache-2.0
"""A filter of the Verilog that Yosys writes: memories that it empties word by word are emptied by a loop.

usage: clear_by_loop.py < IN.v > OUT.v
"""

import re
import sys

WORD = re.compile(r"    (\S+ ?)\[(\d+)\] = (\d+'[hd]0+);\n")


def loop(block, number):
    """The lines of an initial block as a loop, if they are one value for the words from 0 on of one memory."""
    words = [WORD.fullmatch(line) for line in block[1:-1]]
    if len(words) < 2 or not all(words) or len({(word[1], word[3]) for word in words}) != 1:
        return block
    if [int(word[2]) for word in words] != list(range(len(words))):
        return block
    memory, value = words[0][1], words[0][3]
    return [f"  initial begin : clear_{number}\n", "    integer word;\n",
            f"    for (word = 0; word < {len(words)}; word = word + 1) {memory}[word] = {value};\n", "  end\n"]


def main():
    block, number = [], 0
    for line in sys.stdin:
        if block:
            block.append(line)
            if line == "  end\n":
                sys.stdout.writelines(loop(block, number))
                block, number = [], number + 1
        elif line == "  initial begin\n":
            block = [line]
        else:
            sys.stdout.write(line)
    sys.stdout.writelines(block)


if __name__ == "__main__":
    main()
