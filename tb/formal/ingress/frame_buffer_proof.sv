// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_frame_buffer against I5, I6 and I8 of docs/timing/ingress.md, to the cycle, from any power-up state, with
// resets at any time, beats and verdicts of any kind and a host that does as it likes. What is in it is written down as
// three counts, of beats that are held, committed and handed over; and one beat, any one, is followed from where it
// leaves the delay to the host.
module frame_buffer_proof
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
(
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic                 valid_i,
  input logic                 ends_i,
  input logic [2:0]           octets_i,
  input logic [DataWidth-1:0] data_i,
  input verdict_t             verdict_i,
  input logic                 yields_i,
  input logic                 host_ready_i,
  input logic                 pick_i          // this beat is followed, if none is
);

  localparam int unsigned AddressWidth = $clog2(FrameBufferBeats);

  typedef logic [AddressWidth:0] count_t;

  localparam count_t Full = count_t'(FrameBufferBeats - 4);
  localparam count_t Wide = count_t'(FrameBufferBeats - FrameBufferReserve);

  logic                 frame_lost, refused, host_valid, host_last;
  logic [DataWidth-1:0] host_data;
  logic [KeepWidth-1:0] host_keep;
  logic [4:0]           host_user;

  reveille_frame_buffer u_block (
    .clk_i,
    .rst_ni,
    .valid_i,
    .ends_i,
    .octets_i,
    .data_i,
    .verdict_i,
    .yields_i,
    .frame_lost_o(frame_lost),
    .refused_o   (refused),
    .host_valid_o(host_valid),
    .host_ready_i,
    .host_data_o (host_data),
    .host_keep_o (host_keep),
    .host_last_o (host_last),
    .host_user_o (host_user)
  );

  axi_stream_rules #(
    .Width(DataWidth + KeepWidth + 6)
  ) u_host (
    .clk_i,
    .rst_ni,
    .valid_i(host_valid),
    .ready_i(host_ready_i),
    .data_i ({host_data, host_keep, host_last, host_user})
  );

  // I8. The counts are those of the cycles before; [i]: i cycles ago.
  count_t       held, handed_over;
  count_t [1:0] written;
  count_t [4:0] committed;
  count_t [3:1] occupancy;
  logic         refused_before, wide_before, refuses, is_wide, commits, rolls_back, hands_over;

  assign held       = written[0] - handed_over;
  assign refuses    = refused_before || occupancy[3] >= Full;
  assign is_wide    = wide_before || occupancy[3] >= Wide;
  assign commits    = ends_i && verdict_i.pass && !verdict_i.oversize && !refuses && !(yields_i && is_wide);
  assign rolls_back = ends_i && !commits;
  assign hands_over = host_valid && host_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      written        <= '0;
      committed      <= '0;
      handed_over    <= '0;
      occupancy      <= '0;
      refused_before <= 1'b0;
      wide_before    <= 1'b0;
    end else begin
      occupancy    <= {occupancy[2:1], held};
      written[1]   <= written[0];
      committed    <= {committed[3:0], commits ? written[0] + 1'b1 : committed[0]};
      handed_over  <= handed_over + count_t'(hands_over);
      if (rolls_back) written[0] <= committed[0];
      else if (valid_i && !refuses) written[0] <= written[0] + 1'b1;
      if (valid_i) begin
        refused_before <= refuses && !ends_i;
        wide_before    <= is_wide && !ends_i;
      end
    end
  end

  // The beat that is followed, and its place among all that are written
  typedef struct packed {
    logic [4:0]           user;
    logic                 last;
    logic [2:0]           octets;
    logic [DataWidth-1:0] data;
  } word_t;

  logic   started_q = 1'b0, follows, picks, given_q, last_q, arrives;
  count_t place;
  word_t  followed, word;

  assign arrives = host_valid && follows && handed_over == place;
  assign picks   = pick_i && !follows && valid_i && !refuses && !rolls_back;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      follows   <= 1'b0;
      given_q <= 1'b0;
    end else begin
      given_q <= picks;
      if (picks) follows <= 1'b1;
      else if (rolls_back && place - handed_over >= committed[0] - handed_over) follows <= 1'b0;
      else if (hands_over && arrives) follows <= 1'b0;
    end
  end

  always_comb begin
    word = followed;
    if (given_q) {word.octets, word.data} = {octets_i, data_i};  // a cycle behind
  end

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    last_q    <= ends_i;
    followed  <= word;
    if (picks) begin
      place         <= written[0];
      followed.user <= ends_i ? verdict_i.code : '0;
      followed.last <= ends_i;
    end
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    assume (valid_i || !ends_i);
    assume (last_q || octets_i == 3'd7);
    assume (verdict_i.valid == ends_i);
    assume (ends_i || !(verdict_i.pass || verdict_i.oversize));
    assume (!verdict_i.pass || verdict_i.code inside {VerdictBypass, VerdictClientInitiated, VerdictAccepted,
                                                      VerdictResend, VerdictSaRecovered});
    assume (!verdict_i.pass || yields_i == (verdict_i.code inside {VerdictBypass, VerdictClientInitiated}));
    if (rst_ni) begin
      never_overfull: assert (held < count_t'(FrameBufferBeats) &&
                              u_block.tail_q - u_block.handed_over_q < count_t'(FrameBufferBeats));
      lost_as_told: assert (frame_lost == (ends_i && (verdict_i.oversize || (verdict_i.pass && !commits))));
      refused_as_told: assert (refused == refuses || !ends_i);
      reserve_is_kept: assert (!(verdict_i.pass && yields_i && !frame_lost) ||
                               written[0] + 1'b1 - handed_over <= Wide + count_t'(4));
      offered_in_time: assert (host_valid == (committed[4] != handed_over));
      bit_for_bit: assert (!arrives ||
                           {host_user, host_last, host_data} == {followed.user, followed.last, followed.data} &&
                           host_keep == 8'hFF >> (3'd7 - followed.octets));
      passing_verdicts_alone: assert (!arrives || (host_last ? host_user inside {
          VerdictBypass, VerdictClientInitiated, VerdictAccepted, VerdictResend, VerdictSaRecovered} :
          host_user == '0));
      partial_at_the_end_alone: assert (!arrives || host_last || host_keep == '1);
      zero_otherwise: assert (host_valid || {host_data, host_keep, host_last, host_user} == '0);
      fills: cover (refused && ends_i && verdict_i.pass && !yields_i);
      yields_the_reserve: cover (commits && !yields_i && is_wide);
      bypass_is_lost: cover (verdict_i.pass && !refuses && yields_i && frame_lost);
      rolled_back: cover (rolls_back && written[0] - committed[0] == count_t'(2) && committed[0] != handed_over);
      followed_to_the_end: cover (hands_over && arrives && followed.last && place > 2 &&
                                  followed.user == VerdictResend && followed.octets == 3'd4);
    end
  end

  // What holds of the block's registers: with it the above follows from one cycle to the next.
  count_t in_host, in_read, in_memory, ahead;

  assign in_host   = count_t'(host_valid);
  assign in_read   = in_host + count_t'(u_block.spare_valid_q) + count_t'(u_block.read_valid_q);
  assign in_memory = in_read + count_t'(u_block.inside_q);
  assign ahead     = place - handed_over;

  function automatic logic is_followed(logic [DataWidth+7:0] got);
    return got == {followed.user[4:1], followed.last, followed.octets, followed.data};
  endfunction

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      counts_agree: assert (u_block.tail_q == written[1] && u_block.committed_q == committed[1] &&
                            u_block.occupied_q == occupancy[2] &&
                            u_block.tail_q - u_block.handed_over_q == occupancy[1] &&
                            u_block.handed_over_q + count_t'(u_block.hands_over_q) == handed_over);
      limits_agree: assert (u_block.refuses_q == refuses && u_block.wide_q == is_wide &&
                            u_block.overrun_q == refused_before && u_block.was_wide_q == wide_before);
      one_beat_a_cycle: assert (held <= occupancy[1] + 1'b1 && occupancy[1] <= occupancy[2] + 1'b1 &&
                                occupancy[2] <= occupancy[3] + 1'b1 && occupancy[1] < count_t'(FrameBufferBeats));
      in_this_order: assert (committed[0] - handed_over <= held &&
                             committed[1] - handed_over <= committed[0] - handed_over &&
                             committed[1] - handed_over <= written[1] - handed_over &&
                             committed[2] - handed_over <= committed[1] - handed_over &&
                             committed[3] - handed_over <= committed[2] - handed_over &&
                             committed[4] - handed_over <= committed[3] - handed_over);
      reads_in_order: assert (u_block.read_q == handed_over + in_memory &&
                              u_block.spare_free_q == !u_block.spare_valid_q && (host_valid || !u_block.spare_valid_q));
      not_ahead: assert (in_read <= committed[3] - handed_over && in_memory <= committed[2] - handed_over);
      not_behind: assert ((in_read != in_host || committed[3] - handed_over <= in_host) &&
                          (in_memory != in_read || committed[2] - handed_over <= in_read));
      if (follows) begin
        is_written: assert (ahead < held && (given_q || ahead < written[1] - handed_over));
        last_of_a_frame: assert (followed.last ? ahead < committed[0] - handed_over && followed.user inside {
            VerdictBypass, VerdictClientInitiated, VerdictAccepted, VerdictResend, VerdictSaRecovered} :
            followed.user == '0 && (given_q || followed.octets == 3'd7));
        if (given_q) begin
          is_being_written: assert (u_block.writes_q && u_block.tail_q == place && last_q == followed.last &&
                                    u_block.verdict_q == followed.user[4:1]);
        end else if (ahead < in_host) begin
          is_offered: assert (host_valid);
        end else if (ahead < in_host + count_t'(u_block.spare_valid_q)) begin
          is_spare: assert (is_followed(u_block.spare_q));
        end else if (ahead < in_read) begin
          is_read: assert (is_followed(u_block.read));
        end else if (ahead < in_memory) begin
          is_inside: assert (is_followed(u_block.u_memory.read_q));
        end else begin
          is_in_memory: assert (is_followed(u_block.u_memory.memory[place[AddressWidth-1:0]]));
        end
      end
      follows_the_written: assert (follows || !given_q);
    end
  end

endmodule
