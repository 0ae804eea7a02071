# SPDX-License-Identifier: Apache-2.0
"""Yosys' command line, as far as our scripts and sby use it.

usage: yosys.py [-q] [-l LOG | -ql LOG] [-p COMMANDS] [-s SCRIPT] [FILE...]
"""

import os
import sys

from pyosys import libyosys

READERS = {"v": "read_verilog", "sv": "read_verilog -sv", "il": "read_rtlil", "json": "read_json", "ys": "script"}


def parse(arguments):
    quiet, log, commands, reads = False, None, [], []
    arguments = iter(arguments)
    for argument in arguments:
        if argument in ("-q", "-Q", "-T"):
            quiet |= argument == "-q"
        elif argument in ("-l", "-ql"):
            quiet |= argument == "-ql"
            log = next(arguments)
        elif argument == "-p":
            commands += [part for part in next(arguments).replace("\n", ";").split(";") if part.strip()]
        elif argument == "-s":
            commands.append(f"script {next(arguments)}")
        elif argument.startswith("-"):
            sys.exit(f"yosys: option {argument} is not one of -q -l -ql -p -s")
        else:
            reader = READERS.get(argument.rsplit(".", 1)[-1])
            if reader is None:
                sys.exit(f"yosys: {argument}: expected a name ending in {', '.join(READERS)}")
            reads.append(f"{reader} {argument}")
    return quiet, log, reads + commands


def main():
    quiet, log, commands = parse(sys.argv[1:])
    if log:
        open(log, "w", encoding="utf-8").close()
    if quiet:
        # Yosys writes to the descriptor, not through Python. Errors go to standard error as well.
        os.dup2(os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND), 1)
    design = libyosys.Design()
    prefix = f"tee -a {log} " if log and not quiet else ""
    for command in commands:
        libyosys.run_pass(prefix + command.strip(), design)


main()
