# SPDX-License-Identifier: Apache-2.0
"""The words of a register file, from SystemRDL, each with the names of its signals (for register_file.py)."""

import sys

from systemrdl import RDLListener
from systemrdl.node import FieldNode, RegNode
from systemrdl.rdltypes import OnWriteType

ROW = 32  # octets: eight words


class Word:
    """A register, or an external block, with the names of its signals."""

    def __init__(self, node):
        self.first, self.size = node.absolute_address, node.size
        self.path = ".".join(node.get_path_segments(array_suffix="[{index:d}]")[1:])
        self.name = "_".join(node.get_path_segments(array_suffix="_{index:d}")[1:]).lower()
        self.external = node.external
        self.fields = [] if self.external else [Field(field, self.name) for field in node.fields()]
        readable = [n for n in node.descendants() if isinstance(n, FieldNode) and n.is_sw_readable]
        self.readable = bool(readable)
        self.concealed = any(n.get_property("concealed") for n in readable)
        enables = [field.enable for field in self.fields if field.enable]
        self.enable = enables[0] if enables else None
        self.written = any(field.storage and field.node.is_sw_writable for field in self.fields)
        # Taken a cycle later, from a register: nobody looks before the next access.
        self.late = bool(self.enable) and not any(field.node.get_property("swmod") for field in self.fields)
        # All of it is storage, and is read as it was written.
        whole = all(f.storage and f.plain and f.readable for f in self.fields)
        self.shadowed = not self.external and self.bits == 32 and whole

    @property
    def bits(self):
        return 32 if self.external else sum(field.node.width for field in self.fields)

    @property
    def ones(self):
        """The bits that can be read as 1."""
        return 2**32 - 1 if self.external else sum(field.ones << field.node.low for field in self.fields)

    @property
    def reset(self):
        return sum((field.node.get_property("reset") or 0) << field.node.low for field in self.fields)

    def here(self):
        """The condition that the address of the cycle before is this one's."""
        if self.size > ROW:
            return f"region_{self.name}_q"
        return f"row_q[{self.first // ROW}] && column_q[{self.first % ROW // 4}]"

    def value(self):
        """What is read, as a concatenation, most significant first."""
        if self.external:
            return f"in_i.{self.path}.rd_data"
        parts, top = [], 32
        for field in sorted((f for f in self.fields if f.readable), key=lambda f: -f.node.low):
            if field.node.high + 1 < top:
                parts.append(f"{top - field.node.high - 1}'d0")
            parts.append(field.source)
            top = field.node.low
        return "{" + ", ".join(parts + ([f"{top}'d0"] if top else [])) + "}"


class Field:
    """A field, with what it is read from."""

    def __init__(self, node, register):
        self.node = node
        self.path = ".".join(node.get_path_segments(array_suffix="[{index:d}]")[1:])
        self.storage = node.implements_storage
        self.readable = node.is_sw_readable
        self.register = f"{register}_{node.inst_name}_q"
        self.enable = f"in_i.{self.path}.swwe" if node.get_property("swwe") else None
        self.plain = not (node.get_property("onwrite") or node.get_property("hwset")
                          or node.get_property("singlepulse"))
        if self.storage:
            self.source = self.register
        elif node.is_hw_writable:
            self.source = f"in_i.{self.path}.next"
        else:
            self.source = f"{node.width}'h{node.get_property('reset'):x}"
        constant = node.get_property("reset") if not self.storage and not node.is_hw_writable else 2**node.width - 1
        self.ones = constant if self.readable else 0

    def next(self, strobe):
        """The statement that gives the register its next value."""
        data = f"wdata_i[{self.node.high}:{self.node.low}]"
        clears = f"{{{self.node.width}{{{strobe}}}}} & {data}"
        onwrite = self.node.get_property("onwrite")
        if self.node.get_property("singlepulse"):
            return f"{self.register} <= {clears};"
        if onwrite == OnWriteType.woset:
            return f"{self.register} <= {self.register} | ({clears});"
        if onwrite == OnWriteType.woclr:
            kept = f"{self.register} & ~({clears})"
            if self.node.get_property("hwclr"):
                kept += f" & ~in_i.{self.path}.hwclr"
            return f"{self.register} <= ({kept}) | in_i.{self.path}.hwset;"
        if onwrite:
            sys.exit(f"{self.path}: onwrite = {onwrite.name} is not known here")
        return f"if ({strobe}) {self.register} <= {data};"


class Words(RDLListener):
    """Collects all words, external blocks as one."""

    def __init__(self):
        self.found = []
        self.behind = 0  # up to here an external block holds the addresses

    def enter_AddressableComponent(self, node):
        if node.parent.parent is None or node.absolute_address < self.behind:
            return
        if node.external or isinstance(node, RegNode):
            self.found.append(Word(node))
        if node.external:
            self.behind = node.absolute_address + node.size
