// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The one form of assertions. Verilator checks them, and other simulators that are told REVEILLE_ASSERTIONS; for all
// other tools the macros are empty, whatever these define or do not. A failure names the assertion and ends the
// simulation. clk_i and rst_ni are the clock and the reset unless others are named.
//
//   `REVEILLE_ASSERT(Name, property)           at every rising edge outside reset
//   `REVEILLE_ASSERT_INIT(Name, expression)    once, before time begins: constants
//   `REVEILLE_COVER(Name, property)            a case that a test is to reach
`ifndef REVEILLE_ASSERT_SVH
`define REVEILLE_ASSERT_SVH

`ifdef VERILATOR
`define REVEILLE_ASSERTIONS
`endif

`ifndef REVEILLE_ASSERTIONS

`define REVEILLE_ASSERT(name, prop, clock = clk_i, reset_n = rst_ni)
`define REVEILLE_ASSERT_INIT(name, expression)
`define REVEILLE_COVER(name, prop, clock = clk_i, reset_n = rst_ni)

`else

`define REVEILLE_ASSERT(name, prop, clock = clk_i, reset_n = rst_ni) \
  name: assert property (@(posedge clock) disable iff (!reset_n) (prop)) \
    else $error(`"name`");

`define REVEILLE_ASSERT_INIT(name, expression) \
  initial begin \
    name: assert (expression) else $error(`"name`"); \
  end

`define REVEILLE_COVER(name, prop, clock = clk_i, reset_n = rst_ni) \
  name: cover property (@(posedge clock) disable iff (!reset_n) (prop));

`endif

`endif
