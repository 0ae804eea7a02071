// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_frame_reader against E8 of docs/timing/egress.md: from the second cycle behind its first read on it offers a
// beat in every cycle until the last is taken, in order, and then none; from any power-up state, with resets at any
// time. Each word of the buffer is its own address here. It is started while it is idle, and the length stands.
module frame_reader_proof
  import reveille_pkg::*;
  import reveille_egress_pkg::*;
(
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic                       start_i,
  input logic [OctetCountWidth-1:0] last_octet_i,
  input logic                       frame_ready_i
);

  typedef logic [BufferAddressWidth-1:0] address_t;

  logic     read, done;
  address_t address, address_q1, address_q2;
  beat_t    frame;

  reveille_frame_reader u_block (
    .clk_i,
    .rst_ni,
    .start_i,
    .last_octet_i,
    .read_o       (read),
    .address_o    (address),
    .word_i       (DataWidth'(address_q2)),
    .frame_o      (frame),
    .frame_ready_i,
    .done_o       (done)
  );

  always_ff @(posedge clk_i) if (read) {address_q1, address_q2} <= {address, address_q1};

  axi_stream_rules #(
    .Width(DataWidth + KeepWidth + 1)
  ) u_frame (
    .clk_i,
    .rst_ni,
    .valid_i(frame.valid),
    .ready_i(frame_ready_i),
    .data_i ({frame.last, frame.keep, frame.data})
  );

  // Idle, r, r+1, and from r+2 on
  typedef enum logic [1:0] {Idle, First, Second, Offers} step_e;

  step_e                      step;
  address_t                   sent, end_address;
  logic [KeepWidth-1:0]       end_keep;
  logic [OctetCountWidth-1:0] last_octet_q;
  logic                       started_q = 1'b0, is_last;

  assign end_address = last_octet_i[OctetCountWidth-1:3];
  assign end_keep    = 8'hFF >> (3'd7 - last_octet_i[2:0]);
  assign is_last     = sent == end_address;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step <= Idle;
      sent <= '0;
    end else begin
      case (step)
        Idle:   if (start_i) step <= First;
        First:  step <= Second;
        Second: step <= Offers;
        Offers: if (frame_ready_i && is_last) step <= Idle;
      endcase
      if (step == Idle) sent <= '0;
      else if (step == Offers && frame_ready_i) sent <= sent + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    started_q    <= 1'b1;
    last_octet_q <= last_octet_i;
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    assume (step == Idle || !start_i);
    assume (step inside {Idle, First} || last_octet_i == last_octet_q);
    if (rst_ni) begin
      offered_without_gaps: assert (frame.valid == (step == Offers));
      in_order: assert (!frame.valid || frame.data == DataWidth'(sent));
      ends_there: assert (!frame.valid || (frame.last == is_last && frame.keep == (is_last ? end_keep : '1)));
      done_as_told: assert (done == (step == Offers && is_last && frame_ready_i));
      waits: cover (frame.valid && !frame_ready_i && sent == 8'd2);
      ends: cover (done && sent == 8'd3 && frame.keep == 8'h1F);
    end
  end

  // What holds of the block's registers: with it the above follows from one cycle to the next.
  logic more, still_more;

  assign more       = sent < end_address;
  assign still_more = more && sent + 1'b1 < end_address;

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      case (step)
        Idle: is_idle: assert ({u_block.active_q, u_block.valid_q1, u_block.valid_q2} == '0);
        First: is_first: assert ({u_block.active_q, u_block.valid_q1, u_block.valid_q2} == 3'b100 && sent == '0 &&
                                 address == '0);
        Second: is_second: assert ({u_block.active_q, u_block.valid_q1, u_block.valid_q2} == {more, 2'b10} &&
                                   sent == '0 && address_q1 == '0 && u_block.last_q1 == is_last &&
                                   (!more || address == 8'd1));
        Offers: offers: assert ({u_block.active_q, u_block.valid_q1, u_block.valid_q2} == {still_more, more, 1'b1} &&
                                sent <= end_address && (!still_more || address == sent + 8'd2) &&
                                (!more || (address_q1 == sent + 1'b1 && u_block.last_q1 == !still_more)));
      endcase
      keep_agrees: assert (step inside {Idle, First} || u_block.last_keep_q == end_keep);
    end
  end

endmodule
