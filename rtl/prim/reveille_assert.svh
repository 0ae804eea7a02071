// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The one form of assertions. Verilator checks them, and other simulators that are told REVEILLE_ASSERTIONS; for all
// other tools the macros are empty, whatever these define or do not. A failure names the assertion and ends the
// simulation. clk_i and rst_ni are the clock and the reset unless others are named.
//
//   `REVEILLE_ASSERT(Name, expression)             at every rising edge outside reset
//   `REVEILLE_ASSERT_NEXT(Name, before, after)     after holds a cycle behind before
//   `REVEILLE_ASSERT_APART(Name, cycles, event_i)  the event is in none of so many cycles behind one with it
//   `REVEILLE_ASSERT_STAYS(Name, valid, ready, data)  what is offered stays until it is taken
//   `REVEILLE_ASSERT_INIT(Name, expression)        once, before time begins: constants
//   `REVEILLE_COVER(Name, property)                a case that a test is to reach
//
// They are statements with registers of their own, not concurrent properties: for those a simulator copies every signal
// that they name in every time step, and a sequence becomes an automaton of many copies of its expressions.
`ifndef REVEILLE_ASSERT_SVH
`define REVEILLE_ASSERT_SVH

`ifdef VERILATOR
`define REVEILLE_ASSERTIONS
`endif

`ifndef REVEILLE_ASSERTIONS

`define REVEILLE_ASSERT(name, expression, clock = clk_i, reset_n = rst_ni)
`define REVEILLE_ASSERT_NEXT(name, before, after, clock = clk_i, reset_n = rst_ni)
`define REVEILLE_ASSERT_APART(name, cycles, event_i, clock = clk_i, reset_n = rst_ni)
`define REVEILLE_ASSERT_STAYS(name, valid, ready, data, clock = clk_i, reset_n = rst_ni)
`define REVEILLE_ASSERT_INIT(name, expression)
`define REVEILLE_COVER(name, prop, clock = clk_i, reset_n = rst_ni)

`else

`define REVEILLE_ASSERT(name, expression, clock = clk_i, reset_n = rst_ni) \
  always @(posedge clock) begin \
    if (reset_n) name: assert (expression) else $error(`"name`"); \
  end

`define REVEILLE_ASSERT_NEXT(name, before, after, clock = clk_i, reset_n = rst_ni) \
  logic name``_before_q; \
  initial name``_before_q = 1'b0; \
  always @(posedge clock) name``_before_q <= reset_n && (before); \
  `REVEILLE_ASSERT(name, !name``_before_q || (after), clock, reset_n)

`define REVEILLE_ASSERT_APART(name, cycles, event_i, clock = clk_i, reset_n = rst_ni) \
  logic [cycles-1:0] name``_events_q; \
  initial name``_events_q = '0; \
  always @(posedge clock) name``_events_q <= reset_n ? {name``_events_q[cycles-2:0], (event_i)} : '0; \
  `REVEILLE_ASSERT(name, !((event_i) && |name``_events_q), clock, reset_n)

`define REVEILLE_ASSERT_STAYS(name, valid, ready, data, clock = clk_i, reset_n = rst_ni) \
  logic [$bits(data)-1:0] name``_data_q; \
  always @(posedge clock) if (valid) name``_data_q <= data; \
  `REVEILLE_ASSERT_NEXT(name, (valid) && !(ready), (valid) && (data) == name``_data_q, clock, reset_n)

`define REVEILLE_ASSERT_INIT(name, expression) \
  initial begin \
    name: assert (expression) else $error(`"name`"); \
  end

`define REVEILLE_COVER(name, prop, clock = clk_i, reset_n = rst_ni) \
  name: cover property (@(posedge clock) disable iff (!reset_n) (prop));

`endif

`endif
