// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Store and forward towards the host: a frame's beats wait until its verdict, then they are committed or rolled back,
// and a dropped frame costs the host nothing. A frame that does not fit is overrun, whole; one of those that anybody
// can send at will (bypass, client_initiated) has to leave the reserve free (docs/timing/ingress.md, "Frame buffer",
// I5, I6).
//
// A word of the memory is a beat: octets instead of tkeep, and which of the verdicts that pass. Words are read ahead as
// far as the small queue behind the memory has room, so that the host may take a beat in every cycle or stop at any.
`include "reveille_assert.svh"

module reveille_frame_buffer
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  beat_t                beat_i,     // from the delay
  input  verdict_t             verdict_i,  // in the cycle of the frame's last beat
  output logic                 frame_lost_o,

  output logic                 host_valid_o,
  input  logic                 host_ready_i,
  output logic [DataWidth-1:0] host_data_o,
  output logic [KeepWidth-1:0] host_keep_o,
  output logic                 host_last_o,
  output logic [4:0]           host_user_o
);

  localparam int unsigned AddressWidth = $clog2(FrameBufferBeats);
  localparam int unsigned QueueWords   = 4;  // a handed over word is replaced 4 cycles later

  typedef logic [AddressWidth:0] pointer_t;  // one bit more than an address, so that full and empty differ

  typedef enum logic [2:0] {
    PassBypass,
    PassClientInitiated,
    PassAccepted,
    PassResend,
    PassSaRecovered
  } pass_e;

  typedef struct packed {
    pass_e                pass;
    logic                 last;
    logic [2:0]           octets;  // less one
    logic [DataWidth-1:0] data;
  } word_t;

  function automatic pass_e encode(verdict_e verdict);
    unique case (verdict)
      VerdictClientInitiated: return PassClientInitiated;
      VerdictAccepted:        return PassAccepted;
      VerdictResend:          return PassResend;
      VerdictSaRecovered:     return PassSaRecovered;
      default:                return PassBypass;
    endcase
  endfunction

  function automatic verdict_e decode(pass_e pass);
    unique case (pass)
      PassClientInitiated: return VerdictClientInitiated;
      PassAccepted:        return VerdictAccepted;
      PassResend:          return VerdictResend;
      PassSaRecovered:     return VerdictSaRecovered;
      default:             return VerdictBypass;
    endcase
  endfunction

  // Write: tail is where the next beat goes, committed where the frame began
  pointer_t tail_q, committed_q, read_q;
  logic     ends, commits, accepts, rolls_back, hands_over;
  logic     refuses_q;  // this beat, if one comes, is not written: full, or an earlier one of its frame was refused
  logic     wide_q;     // ... would make its frame wide, or an earlier one has

  // Of the verdicts that pass, those that have to leave the reserve free are the ones with neither of these bits.
  logic yields;
  assign yields       = !verdict_i.code[2] && !verdict_i.code[4];
  assign ends         = beat_i.valid && beat_i.last;
  assign commits      = verdict_i.pass && !verdict_i.oversize && !refuses_q && !(wide_q && yields);
  assign accepts      = beat_i.valid && (beat_i.last ? commits : !refuses_q);
  assign rolls_back   = ends && !commits;
  assign frame_lost_o = verdict_i.valid && (verdict_i.oversize || (verdict_i.pass && !commits));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q      <= '0;
      committed_q <= '0;
    end else begin
      if (rolls_back)   tail_q <= committed_q;
      else if (accepts) tail_q <= tail_q + 1'b1;
      if (ends && commits) committed_q <= tail_q + 1'b1;
    end
  end

  // Occupancy of the cycle to come, but for the beat of this one: with this frame's beats, and without them. What is
  // handed over in a cycle counts two cycles later.
  localparam pointer_t Full = pointer_t'(FrameBufferBeats);
  localparam pointer_t Wide = pointer_t'(FrameBufferBeats - FrameBufferReserve);

  pointer_t occupied_q, occupied_d, occupied_before_q;
  logic     overrun_q, overrun_d, was_wide_q, was_wide_d;  // so far, of the frame under way
  logic     full_d, reaches_wide_d;

  // All that may come, side by side, since what comes is known late.
  pointer_t one_more, as_many, without_frame;
  assign one_more      = hands_over ? occupied_q : occupied_q + 1'b1;
  assign as_many       = occupied_q - pointer_t'(hands_over);
  assign without_frame = occupied_before_q - pointer_t'(hands_over);
  assign occupied_d    = rolls_back ? without_frame : accepts ? one_more : as_many;

  always_comb begin
    overrun_d  = overrun_q;
    was_wide_d = was_wide_q;
    if (beat_i.valid) begin
      overrun_d  = refuses_q && !beat_i.last;
      was_wide_d = wide_q && !beat_i.last;
    end
    full_d         = occupied_q == Full;
    reaches_wide_d = occupied_q >= Wide;
    if (rolls_back) begin
      full_d         = occupied_before_q == Full;
      reaches_wide_d = occupied_before_q >= Wide;
    end else if (accepts) begin
      full_d         = occupied_q == Full - 1'b1;
      reaches_wide_d = occupied_q >= Wide - 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      overrun_q         <= 1'b0;
      was_wide_q        <= 1'b0;
      refuses_q         <= 1'b0;
      wide_q            <= 1'b0;
      occupied_q        <= '0;
      occupied_before_q <= '0;
    end else begin
      overrun_q  <= overrun_d;
      was_wide_q <= was_wide_d;
      refuses_q  <= overrun_d || full_d;
      wide_q     <= was_wide_d || reaches_wide_d;
      occupied_q        <= occupied_d;
      occupied_before_q <= ends && commits ? one_more : without_frame;
    end
  end

  word_t written, read, head;
  assign written = '{
    pass:   encode(verdict_i.code),
    last:   beat_i.last,
    octets: beat_i.last ? octets_less_one(beat_i.keep[KeepWidth-1:1]) : '1,
    data:   beat_i.data
  };

  // What is written of a refused or dropped frame lies behind the tail: nobody reads it.
  reveille_ram #(
    .Width ($bits(word_t)),
    .Depth (FrameBufferBeats)
  ) u_memory (
    .clk_i,
    .we_i    (beat_i.valid && !refuses_q),
    .waddr_i (tail_q[AddressWidth-1:0]),
    .wdata_i (written),
    .raddr_i (read_q[AddressWidth-1:0]),
    .rdata_o (read)
  );

  // Read ahead: words asked for and not yet handed over never exceed the queue
  localparam int unsigned CountWidth = $clog2(QueueWords + 1);
  logic [CountWidth-1:0]         ahead_q, queued_q;
  logic [$clog2(QueueWords)-1:0] queue_tail_q, queue_head_q;
  logic                          asks, asked_q, arrives_q;

  assign asks       = read_q != committed_q && ahead_q != CountWidth'(QueueWords);
  assign hands_over = host_valid_o && host_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q       <= '0;
      ahead_q      <= '0;
      queued_q     <= '0;
      queue_tail_q <= '0;
      queue_head_q <= '0;
      asked_q      <= 1'b0;
      arrives_q    <= 1'b0;
    end else begin
      asked_q   <= asks;
      arrives_q <= asked_q;
      ahead_q   <= ahead_q + CountWidth'(asks) - CountWidth'(hands_over);
      queued_q  <= queued_q + CountWidth'(arrives_q) - CountWidth'(hands_over);
      if (asks)      read_q       <= read_q + 1'b1;
      if (arrives_q) queue_tail_q <= queue_tail_q + 1'b1;
      if (hands_over) queue_head_q <= queue_head_q + 1'b1;
    end
  end

  reveille_lutram #(
    .Width ($bits(word_t)),
    .Depth (QueueWords)
  ) u_queue (
    .clk_i,
    .we_i    (arrives_q),
    .waddr_i (queue_tail_q),
    .wdata_i (read),
    .raddr_i (queue_head_q),
    .rdata_o (head)
  );

  // Outputs are 0 while not valid.
  assign host_valid_o = queued_q != '0;
  always_comb begin
    host_data_o = '0;
    host_keep_o = '0;
    host_last_o = 1'b0;
    host_user_o = '0;
    if (host_valid_o) begin
      host_data_o = head.data;
      host_keep_o = {KeepWidth{1'b1}} >> (3'd7 - head.octets);
      host_last_o = head.last;
      if (head.last) host_user_o = decode(head.pass);
    end
  end

  // A frame's verdict comes with its last beat (T4, I4), and passes with five of them only.
  `REVEILLE_ASSERT(VerdictWithLastBeat, ends == verdict_i.valid)
  `REVEILLE_ASSERT(PassingVerdict, verdict_i.valid && verdict_i.pass |-> verdict_i.code inside
      {VerdictBypass, VerdictClientInitiated, VerdictAccepted, VerdictResend, VerdictSaRecovered})
  `REVEILLE_ASSERT(YieldsByItsBits, verdict_i.valid && verdict_i.pass |->
      yields == (verdict_i.code inside {VerdictBypass, VerdictClientInitiated}))
  // A beat that is offered stays until it is taken.
  `REVEILLE_ASSERT(OfferStands, host_valid_o && !host_ready_i |=> host_valid_o && $stable(host_data_o))
  `REVEILLE_ASSERT(QueueHasRoom, queued_q <= ahead_q && ahead_q <= CountWidth'(QueueWords))

endmodule
