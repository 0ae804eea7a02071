# SPDX-License-Identifier: Apache-2.0
"""Writes the register file, module and all, from its SystemRDL source; peakrdl writes the package of its port structs.

usage: register_file.py REGISTERS.rdl CONFIGURATION OUT.sv

peakrdl's own module decodes an address in one piece and reads through one chain of multiplexers. Here rows and columns
of words are decoded in parts into registers, so that a register is written one LUT4 behind them; configuration of whole
words is read back from a block RAM that takes every write, and every other word has a register that is 0 unless it is
read: groups of them have one together a cycle later, and all groups are what is read.

Known are: storage with a reset value, software's write enable (swwe), singlepulse, woset, woclr with hwset and hwclr,
swmod of a write (locked or not), swacc of a read, and external blocks that software either reads or only writes. A
register that software may read has a lock if it has a write enable. A field of the property `concealed` reads 0 while
conceal_i is 1. An external register shows what it holds; a larger block answers in the cycle behind its req, and with 0
unless it is read.
"""

import pathlib
import sys

from systemrdl import RDLCompiler, RDLWalker

import configuration
from register_words import ROW, Words

GATHERED = 5  # parts of wide conditions


def storage(words):
    """Declarations, resets, next values, registers without a reset, and outputs of all that is stored."""
    declare, reset, following, strobes, outputs = [], [], [], [], []
    for word in words:
        if not word.written:
            continue
        strobe = f"write_{word.name}" + ("_q" if word.late else "")
        condition = f"write_q && {word.here()}" + (f" && {word.enable}" if word.enable else "")
        declare.append(f"  logic {strobe};")
        if word.late:
            strobes.append(f"    {strobe} <= {condition};")
        else:
            outputs.append(f"  assign {strobe} = {condition};")
        for field in (field for field in word.fields if field.storage):
            width, value = field.node.width, field.node.get_property("reset")
            declare.append(f"  logic [{width - 1}:0] {field.register};")
            reset.append(f"      {field.register} <= {width}'h{value:x};")
            following.append(f"      {field.next(strobe)}")
            outputs.append(f"  assign out_o.{field.path}.value = {field.register};")
            if field.node.get_property("swmod"):
                outputs.append(f"  assign out_o.{field.path}.swmod = write_q && {word.here()};")
    return map("\n".join, (declare, reset, following, strobes, outputs))


def accesses(words):
    """What blocks outside are told: writes as they happen, reads a cycle later, as what is read is looked at then."""
    reads, outputs, declare = [], [], []
    for word in words:
        path = f"out_o.{word.path}"
        seen = [f"out_o.{field.path}.swacc" for field in word.fields if field.node.get_property("swacc")]
        if word.external:
            seen = [f"{path}.req"] if word.readable else []
            outputs.append(f"  assign {path}.req_is_wr = 1'b{int(not word.readable)};")
            if not word.readable:
                outputs.append(f"  assign {path}.req = write_q && {word.here()};")
            if word.size > 4:
                outputs.append(f"  assign {path}.addr = address_i[{(word.size - 1).bit_length() - 1}:0];")
                outputs.append(f"  assign {path}.wr_data = wdata_i;\n  assign {path}.wr_biten = '1;")
        if seen:
            declare.append(f"  logic read_{word.name}_q;")
            reads.append(f"      read_{word.name}_q <= read_q && {word.here()};")
            outputs += [f"  assign {signal} = read_{word.name}_q;" for signal in seen]
    resets = [line.replace("<= ", "<= 1'b0;  // ", 1).split("  //")[0] for line in reads]
    return map("\n".join, (declare, resets, reads, outputs))


def exists(words):
    """Conditions, one a row or region, that some register is there."""
    rows = {}
    for word in words:
        if word.size <= ROW:
            rows.setdefault(word.first // ROW, []).append(word.first % ROW // 4)
    terms = []
    for row, columns in rows.items():
        none = [f"column_q[{column}]" for column in range(ROW // 4) if column not in columns]
        some = [f"column_q[{column}]" for column in columns]
        which = f"!({' || '.join(none)})" if len(none) < len(some) else f"({' || '.join(some)})"
        terms.append(f"row_q[{row}] && {which}" if none else f"row_q[{row}]")
    return terms + [word.here() for word in words if word.size > ROW]


def gathered(signal, terms):
    """Lines that OR terms together in parts, each in a register."""
    size = -(-len(terms) // GATHERED) or 1
    parts = [" ||\n      ".join(terms[i : i + size]) for i in range(0, len(terms), size)] or ["1'b0"]
    declared = f"  logic [{len(parts) - 1}:0] {signal};"
    return declared, "\n".join(f"    {signal}[{i}] <= {part};" for i, part in enumerate(parts))


def fours(signals):
    return [signals[i : i + 4] for i in range(0, len(signals), 4)]


def module(name, words, address_width):
    rows = max(word.first // ROW for word in words if word.size <= ROW) + 1
    regions = [word for word in words if word.size > ROW]
    for word in words:
        if word.first % word.size or word.size & (word.size - 1):
            sys.exit(f"{name}: {word.path} is no aligned power of two")

    # What is read: when, and its value. Each has its register, which is reset when another is read: that takes no LUT.
    shadows = [word for word in words if word.shadowed]
    terms = [
        (f"{word.here()} && !written_q[{i}]", f"32'h{word.reset:x}", word.reset)
        for i, word in enumerate(shadows)
        if word.reset
    ]
    for word in words:
        if word.readable and not word.shadowed and word.size <= ROW:
            terms.append((word.here() + (" && !conceal_i" if word.concealed else ""), word.value(), word.ones))
    readable = [(f"word_q[{i}]", ones) for i, (_, _, ones) in enumerate(terms)]
    readable += [(f"in_i.{word.path}.rd_data", word.ones) for word in regions if word.readable]
    groups = [fours([f"{name}[{bit}]" for name, ones in readable if ones >> bit & 1]) for bit in range(32)]
    gathers = [f"      group_{bit}_q[{i}] <= {' | '.join(four)};" for bit, group in enumerate(groups)
               for i, four in enumerate(group)]
    exists_declared, exists_gathered = gathered("exists_q", [f"({term})" for term in exists(words)])
    locks = [f"({word.here()} && !{word.enable})" for word in words if word.enable and word.readable]
    locked_declared, locked_gathered = gathered("locked_q", locks)
    shadow_declared, shadow_gathered = gathered("shadow_q", [f"({word.here()})" for word in shadows])
    written_here_declared, written_here_gathered = gathered(
        "written_here_q", [f"({word.here()} && written_q[{i}])" for i, word in enumerate(shadows)]
    )

    newline = "\n"
    declared, reset, following, strobes, outputs = storage(words)
    read_declared, read_reset, read_following, read_outputs = accesses(words)
    return f"""// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Generated from rtl/host/{name}.rdl by scripts/generate/register_file.py: edit those.
//
// A request comes in cycle r, with an address and data that stand still up to r+3. A write acts in r+1: what it writes
// is there in r+2, in r+3 where it can be locked. In r+2 exists_o and locked_o belong to the address, and reads are
// told to those who want to know; data_o in r+4 is what was held in r+2, and 0 where nothing is read, as in any other
// cycle.
module {name}
  import {name}_pkg::*;
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic req_i,
  input  logic write_i,
  input  logic [{address_width - 1}:0] address_i,
  input  logic [31:0] wdata_i,
  input  logic conceal_i,
  output logic exists_o,
  output logic locked_o,
  output logic [31:0] data_o,
  /* verilator lint_off UNUSEDSIGNAL */
  input  {name}__in_t in_i,
  /* verilator lint_on UNUSEDSIGNAL */
  output {name}__out_t out_o
);

  // The address in parts, r+1
  logic write_q, read_q;
  logic [{rows - 1}:0] row_q;
  logic [{ROW // 4 - 1}:0] column_q;
{newline.join(f"  logic region_{word.name}_q;" for word in regions)}

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q <= 1'b0;
      read_q <= 1'b0;
    end else begin
      write_q <= req_i && write_i;
      read_q <= req_i && !write_i;
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < {rows}; i++) row_q[i] <= address_i[{address_width - 1}:5] == {address_width - 5}'(i);
    for (int unsigned i = 0; i < {ROW // 4}; i++) column_q[i] <= address_i[4:2] == 3'(i);
{newline.join(f"    region_{w.name}_q <= address_i[{address_width - 1}:{(w.size - 1).bit_length()}] == "
              f"{address_width - (w.size - 1).bit_length()}'h{w.first // w.size:x};" for w in regions)}
  end

  // What is stored
{declared}

{outputs}

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
{reset}
    end else begin
{following}
    end
  end

  always_ff @(posedge clk_i) begin
{strobes}
  end

  // What blocks outside hear of
{read_declared}

{read_outputs}

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
{read_reset}
    end else begin
{read_following}
    end
  end

{exists_declared}
{locked_declared}

  always_ff @(posedge clk_i) begin
{exists_gathered}
{locked_gathered}
  end

  assign exists_o = |exists_q;
  assign locked_o = |locked_q;

  // Words of configuration as they were written; those that were not have their reset values
  logic [{len(shadows) - 1}:0] written_q;
{written_here_declared}
{shadow_declared}  // the word is one of these
  logic write_q2, read_q2, shadow_write_q, shadow_read_q;
  logic [31:0] shadow;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      written_q <= '0;
      write_q2 <= 1'b0;
      read_q2 <= 1'b0;
      shadow_write_q <= 1'b0;
    end else begin
{newline.join(f"      if (shadow_write_q && {word.here()}) written_q[{i}] <= 1'b1;" for i, word in enumerate(shadows))}
      write_q2 <= write_q;
      read_q2 <= read_q;
      shadow_write_q <= write_q2 && |shadow_q && !locked_o;
    end
  end

  always_ff @(posedge clk_i) begin
{shadow_gathered}
{written_here_gathered}
  end

  reveille_ram #(
    .Width(32),
    .Depth({rows * ROW // 4})
  ) u_shadow (
    .clk_i,
    .we_i(shadow_write_q),
    .waddr_i(address_i[{(rows * ROW - 1).bit_length() - 1}:2]),
    .wdata_i,
    .raddr_i(address_i[{(rows * ROW - 1).bit_length() - 1}:2]),
    .rdata_o(shadow)
  );

  // What is read: what any other word gives is 0
  logic [{len(terms) - 1}:0] other_q;
  logic [{len(terms) - 1}:0][31:0] word_q;
  logic [31:0] shadow_word_q;
  logic gathers_q;  // they hold what is read

  always_ff @(posedge clk_i) begin
{newline.join(f"    other_q[{i}] <= !(read_q && {condition});" for i, (condition, _, _) in enumerate(terms))}
{newline.join(f"    word_q[{i}] <= other_q[{i}] ? '0 : {value};" for i, (_, value, _) in enumerate(terms))}
    gathers_q <= read_q2;
    shadow_read_q <= read_q2 && |written_here_q;
    shadow_word_q <= shadow_read_q ? shadow : '0;
  end

  // All of them, in two steps: first of each bit those that can be 1, four by four; the block RAM's joins in the second
{newline.join(f"  logic [{len(group) - 1}:0] group_{bit}_q;" for bit, group in enumerate(groups))}

  always_ff @(posedge clk_i) begin
    if (!gathers_q) begin
{newline.join(f"      group_{bit}_q <= '0;" for bit in range(32))}
    end else begin
{newline.join(gathers)}
    end
  end

{newline.join(f"  assign data_o[{bit}] = |{{group_{bit}_q, shadow_word_q[{bit}]}};" for bit in range(32))}

endmodule
"""


def main():
    source, name, out = sys.argv[1:]
    compiler = RDLCompiler()
    compiler.compile_file(source)
    top = compiler.elaborate(parameters=configuration.registers(name)).top
    words = Words()
    RDLWalker(unroll=True).walk(top, words)
    address_width = (top.size - 1).bit_length()
    pathlib.Path(out).write_text(module(top.inst_name, words.found, address_width), encoding="utf-8")


if __name__ == "__main__":
    main()
