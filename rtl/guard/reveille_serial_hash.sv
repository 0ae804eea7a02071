// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The keyed Toeplitz hash of a client address, one bit a cycle (docs/architecture.md, "Hash"). The parser has the same
// hash in parallel; commands have the time.
// docs/timing/guard.md: S6.
//
// run_i is high from the cycle after a load_i (the last one counts) to the cycle of last_o: 128 cycles.
module reveille_serial_hash
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    load_i,
  input  logic                    run_i,
  input  address_t                client_i,
  input  logic [HashKeyWidth-1:0] hash_key_i,
  output logic                    last_o,
  output rows_t                   rows_o,  // from the cycle after last_o to the next load_i
  output rows_t                   next_rows_o  // rows_o of the next cycle
);

  localparam int unsigned ClientWidth = $bits(address_t);
  localparam int unsigned ResultWidth = 2 * RowWidth;
  localparam int unsigned UsedWidth = ResultWidth + ClientWidth - 1;  // of the key
  localparam int unsigned UnusedWidth = HashKeyWidth - UsedWidth;

  logic [$clog2(ClientWidth)-1:0] step_q;
  address_t                       client_q;
  logic [UsedWidth-1:0]           key_q;
  logic [ResultWidth-1:0]         result_q, result_d;
  logic                           unused_key;

  assign unused_key = ^hash_key_i[UnusedWidth-1:0];
  assign last_o     = step_q == '1;

  // Bit i of the client meets the key's bits 159-i to 142-i.
  assign result_d = run_i && client_q[ClientWidth-1] ? result_q ^ key_q[UsedWidth-1-:ResultWidth] : result_q;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      step_q   <= '0;
      client_q <= client_i;
      key_q    <= hash_key_i[HashKeyWidth-1:UnusedWidth];
      result_q <= '0;
    end else if (run_i) begin
      step_q   <= step_q + 1'b1;
      client_q <= client_q << 1;
      key_q    <= key_q << 1;
      result_q <= result_d;
    end
  end

  // The upper half is row0.
  assign rows_o      = {result_q[RowWidth-1:0], result_q[ResultWidth-1:RowWidth]};
  assign next_rows_o = {result_d[RowWidth-1:0], result_d[ResultWidth-1:RowWidth]};

endmodule
