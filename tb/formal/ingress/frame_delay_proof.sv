// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_frame_delay against I4 of docs/timing/ingress.md: each beat, and nothing else, leaves in c+14, its octets
// bit for bit in c+15, from any power-up state and with resets at any time. One beat, any one, is followed.
module frame_delay_proof
  import reveille_pkg::*;
(
  input logic  clk_i,
  input logic  rst_ni,
  input beat_t beat_i,
  input logic  pick_i  // this beat is followed, if none is
);

  localparam int unsigned Cycles = 14;

  logic                 valid, ends;
  logic [2:0]           octets;
  logic [DataWidth-1:0] data;

  reveille_frame_delay u_block (
    .clk_i,
    .rst_ni,
    .beat_i,
    .valid_o (valid),
    .ends_o  (ends),
    .octets_o(octets),
    .data_o  (data)
  );

  logic              started_q = 1'b0;
  logic [Cycles:1]   valid_q, ends_q;  // [i]: i cycles ago
  logic [3:0]        age;              // cycles since the beat that is followed; 0: there is none
  logic [3:0]        place;            // where it lies
  beat_t             followed;
  logic              right_keep;

  assign right_keep = followed.keep != '0 && (followed.keep & (followed.keep + 1'b1)) == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      ends_q  <= '0;
      age     <= '0;
    end else begin
      valid_q <= {valid_q[Cycles-1:1], beat_i.valid};
      ends_q  <= {ends_q[Cycles-1:1], beat_i.valid && beat_i.last};
      age     <= age == '0 ? 4'(pick_i && beat_i.valid) : age == 4'(Cycles + 1) ? '0 : age + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (age == '0) begin
      followed <= beat_i;
      place    <= u_block.u_delay.write_address_q;
    end
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    if (rst_ni) begin
      leaves_in_time: assert (valid == valid_q[Cycles] && ends == ends_q[Cycles]);
      bit_for_bit: assert (age != 4'(Cycles + 1) || data == followed.data);
      as_many_octets: assert (age != 4'(Cycles + 1) || 4'(octets) + 1'b1 == (!followed.last ? 4'd8 :
                              right_keep ? 4'($countones(followed.keep)) : 4'(octets) + 1'b1));
      followed_to_the_end: cover (age == 4'(Cycles + 1) && followed.last && octets == 3'd4 && data[63:48] == 16'hCAFE);
    end
  end

  // What holds of the block's registers: with it the above follows from one cycle to the next.
  logic [2:0] less_one;

  assign less_one = followed.last ? reveille_ingress_pkg::octets_less_one(followed.keep[KeepWidth-1:1]) : '1;

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      pointers_agree: assert (u_block.u_delay.write_address_q - u_block.u_delay.read_address_q == 4'(Cycles));
      shifts_agree: assert (u_block.valid_q == valid_q && u_block.ends_q == ends_q);
      if (age != '0) begin
        place_agrees: assert (u_block.u_delay.write_address_q == place + age);
        lies_there: assert (age > 4'(Cycles) ? {octets, data} == {less_one, followed.data} :
                            u_block.u_delay.u_ring.memory[place] == {less_one, followed.data});
      end
    end
  end

endmodule
