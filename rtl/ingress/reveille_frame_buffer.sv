// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Store and forward towards the host: a frame's beats wait until its verdict, then they are committed or rolled back, and
// a dropped frame costs the host nothing. A frame that does not fit is overrun, whole (docs/timing/ingress.md, "Frame
// buffer"; docs/timing.md I5, I6).
//
// A word of the memory is a beat: octets instead of tkeep, and which of the verdicts that pass. Words are read ahead as far as
// the small queue behind the memory has room, so that the host may take a beat in every cycle or stop at any.
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

  output logic                 m_axis_host_tvalid_o,
  input  logic                 m_axis_host_tready_i,
  output logic [DataWidth-1:0] m_axis_host_tdata_o,
  output logic [KeepWidth-1:0] m_axis_host_tkeep_o,
  output logic                 m_axis_host_tlast_o,
  output logic [4:0]           m_axis_host_tuser_o
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

  // Write: tail is where the next beat goes, committed where the frame began, handed the oldest word still occupied
  pointer_t tail_q, committed_q, read_q, handed_q;
  logic     overrun_q, overrun_d;  // an earlier beat of this frame was refused
  logic     refuses_q;             // or this one would be: as of a cycle ago what was handed over, so it is a register
  logic     full_d, ends, commits, accepts, hands_over;
  pointer_t full_tail;

  assign full_tail    = {~handed_q[AddressWidth], handed_q[AddressWidth-1:0]};
  assign ends         = beat_i.valid && beat_i.last;
  assign commits      = verdict_i.pass && !verdict_i.oversize && !refuses_q;
  assign accepts      = ends ? commits : beat_i.valid && !refuses_q;
  assign frame_lost_o = verdict_i.valid && (verdict_i.oversize || (verdict_i.pass && refuses_q));

  always_comb begin
    overrun_d = overrun_q;
    if (beat_i.valid) overrun_d = refuses_q && !beat_i.last;
    full_d = tail_q == full_tail;
    if (accepts) full_d = tail_q + 1'b1 == full_tail;
    else if (ends) full_d = committed_q == full_tail;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q      <= '0;
      committed_q <= '0;
      overrun_q   <= 1'b0;
      refuses_q   <= 1'b0;
    end else begin
      overrun_q <= overrun_d;
      refuses_q <= overrun_d || full_d;
      if (accepts) tail_q <= tail_q + 1'b1;
      else if (ends) tail_q <= committed_q;
      if (ends && commits) committed_q <= tail_q + 1'b1;
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
  assign hands_over = m_axis_host_tvalid_o && m_axis_host_tready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q       <= '0;
      handed_q     <= '0;
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
      if (hands_over) begin
        queue_head_q <= queue_head_q + 1'b1;
        handed_q     <= handed_q + 1'b1;
      end
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
  assign m_axis_host_tvalid_o = queued_q != '0;
  always_comb begin
    m_axis_host_tdata_o = '0;
    m_axis_host_tkeep_o = '0;
    m_axis_host_tlast_o = 1'b0;
    m_axis_host_tuser_o = '0;
    if (m_axis_host_tvalid_o) begin
      m_axis_host_tdata_o = head.data;
      m_axis_host_tkeep_o = {KeepWidth{1'b1}} >> (3'd7 - head.octets);
      m_axis_host_tlast_o = head.last;
      if (head.last) m_axis_host_tuser_o = decode(head.pass);
    end
  end

`ifndef SYNTHESIS
  // A frame's verdict comes with its last beat (T4, I4).
  assert property (@(posedge clk_i) disable iff (!rst_ni) ends == verdict_i.valid);
  // A beat that is offered stays until it is taken.
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   m_axis_host_tvalid_o && !m_axis_host_tready_i |=> m_axis_host_tvalid_o && $stable(m_axis_host_tdata_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) queued_q <= ahead_q && ahead_q <= CountWidth'(QueueWords));
`endif

endmodule
