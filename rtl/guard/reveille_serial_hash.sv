// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The keyed Toeplitz hash of a client address, one bit a cycle (docs/architecture.md, "Hash"). The parser has the same
// hash in parallel; commands have time, and this is a tenth of it.
// docs/timing/guard.md: S6.
//
// run_i is high from the cycle after a load_i (the last one counts) to the cycle of last_o: 128 cycles. Key and client
// are taken an octet at a time: the first with load_i, each other in the cycle that uses the last bit before it.
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
  output rows_t                   rows_o  // from the cycle after last_o to the next load_i
);

  localparam int unsigned ClientOctets = $bits(address_t) / 8;
  localparam int unsigned ResultWidth = 2 * RowWidth;

  typedef logic [7:0] octet_t;

  // Bit i of the client meets the key's bits 159-i to 142-i: a window, and behind it the octets still to come.
  octet_t [ClientOctets-1:0] client, key;
  logic unused_key;
  assign unused_key = ^hash_key_i[HashKeyWidth-ResultWidth-8*ClientOctets-1:0];

  assign client = client_i;
  assign key    = hash_key_i[HashKeyWidth-ResultWidth-1-:8*ClientOctets];

  logic [6:0]             step_q;
  octet_t                 client_octet_q, key_octet_q;
  logic [ResultWidth-1:0] window_q, result_q;
  logic [3:0]             next_octet;
  logic                   octet_done;

  // Octet 0 is the uppermost of a packed array.
  assign octet_done = step_q[2:0] == '1;
  assign next_octet = load_i ? '1 : ~(step_q[6:3] + 4'd1);
  assign last_o     = step_q == '1;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      step_q   <= '0;
      result_q <= '0;
      window_q <= hash_key_i[HashKeyWidth-1-:ResultWidth];
    end else if (run_i) begin
      step_q   <= step_q + 1'b1;
      window_q <= {window_q[ResultWidth-2:0], key_octet_q[7]};
      if (client_octet_q[7]) result_q <= result_q ^ window_q;
    end
    if (load_i || octet_done) begin
      client_octet_q <= client[next_octet];
      key_octet_q    <= key[next_octet];
    end else if (run_i) begin
      client_octet_q <= client_octet_q << 1;
      key_octet_q    <= key_octet_q << 1;
    end
  end

  assign rows_o = {result_q[RowWidth-1:0], result_q[ResultWidth-1:RowWidth]};  // {row1, row0}

endmodule
