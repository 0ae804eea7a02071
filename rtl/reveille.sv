// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Reveille: judges what the network sends to a key-management server, and sends what the server answers
// (docs/architecture.md). Standard AXI names; the latency of every port is docs/timing.md. This file only connects.
//
// rst_n may change at any time: its release is synchronised here.
module reveille
  import reveille_pkg::*;
#(
  parameter int unsigned NoiseEntropy   = 32,    // min-entropy claimed for a sample of noise, in eighths of a bit
  parameter int unsigned FalseAlarm     = 40,    // a health test fails a source as claimed once in 2^FalseAlarm samples
  parameter int unsigned ReseedInterval = 65536  // blocks of four nonces from one seed
) (
  input  logic         clk,
  input  logic         rst_n,
  input  logic [51:0]  time_i,               // microseconds

  // Network
  input  logic [63:0]  s_axis_net_tdata,
  input  logic [7:0]   s_axis_net_tkeep,
  input  logic         s_axis_net_tvalid,
  output logic         s_axis_net_tready,
  input  logic         s_axis_net_tlast,
  output logic [63:0]  m_axis_net_tdata,
  output logic [7:0]   m_axis_net_tkeep,
  output logic         m_axis_net_tvalid,
  input  logic         m_axis_net_tready,
  output logic         m_axis_net_tlast,

  // Host
  input  logic [63:0]  s_axis_host_tdata,
  input  logic [7:0]   s_axis_host_tkeep,
  input  logic         s_axis_host_tvalid,
  output logic         s_axis_host_tready,
  input  logic         s_axis_host_tlast,
  input  logic [0:0]   s_axis_host_tuser,    // first beat: a host message
  output logic [63:0]  m_axis_host_tdata,
  output logic [7:0]   m_axis_host_tkeep,
  output logic         m_axis_host_tvalid,
  input  logic         m_axis_host_tready,
  output logic         m_axis_host_tlast,
  output logic [4:0]   m_axis_host_tuser,    // last beat: the verdict

  // Noise
  input  logic [7:0]   s_axis_entropy_tdata,
  input  logic         s_axis_entropy_tvalid,
  output logic         s_axis_entropy_tready,

  // Registers
  input  logic [11:0]  s_axil_awaddr,
  input  logic         s_axil_awvalid,
  output logic         s_axil_awready,
  input  logic [31:0]  s_axil_wdata,
  input  logic [3:0]   s_axil_wstrb,
  input  logic         s_axil_wvalid,
  output logic         s_axil_wready,
  output logic [1:0]   s_axil_bresp,
  output logic         s_axil_bvalid,
  input  logic         s_axil_bready,
  input  logic [11:0]  s_axil_araddr,
  input  logic         s_axil_arvalid,
  output logic         s_axil_arready,
  output logic [31:0]  s_axil_rdata,
  output logic [1:0]   s_axil_rresp,
  output logic         s_axil_rvalid,
  input  logic         s_axil_rready,
  output logic         irq,

  // Verdicts, one a frame
  output logic         verdict_valid,
  output logic [4:0]   verdict_code,
  output logic         verdict_pass,
  output logic         verdict_lost,
  output logic [127:0] verdict_source,
  output logic [31:0]  verdict_value
);

  // Configuration and commands
  server_config_t  server;
  policy_config_t  policy;
  logic [3:0]      wake_tries;
  logic [31:0]     wake_interval;
  logic [7:0]      wake_version;
  logic            framing_write;
  logic [5:0]      framing_address;
  logic [31:0]     framing_data;
  logic            framing_commit, framing_busy;
  logic            command_valid, command_done, ready;
  command_t        command;
  command_result_t result;

  // Frames
  beat_t                   net_beat;
  logic                    delayed_valid, delayed_ends;
  logic [2:0]              delayed_octets;
  logic [63:0]             delayed_data;
  logic                    lookup_soon;
  logic [63:0]             source;
  address_t                client;
  logic                    source_ipv4, source_upper, source_lower;
  row_t                    lookup_row0, lookup_row1;
  tag_t                    lookup_value;
  descriptor_t             descriptor;
  verdict_t                verdict;
  logic                    verdict_yields, frame_lost, frame_refused;
  hash_write_t             hash_write;
  logic                    hash_start, hash_ipv4;
  address_t                hash_client;
  row_t                    hash_row0, hash_row1;
  time_t                   store_time;

  // Nonces, Wake Ups, events
  logic    generator_restart, seeded, rct_failed, apt_failed, silent;
  logic [31:0] silence_limit;
  logic [3:0]  restart_limit, restarts;
  logic    nonce_valid, nonce_ready;
  nonce_t  nonce;
  logic    wakeup_valid, wakeup_ready;
  wakeup_t wakeup;
  logic    event_valid, event_ready;
  event_t  session_event;
  logic    message_error;

  // Reset, a flip-flop for each part
  logic rst_frames_n, rst_sessions_n, rst_nonces_n, rst_egress_n, rst_host_n;

  reveille_reset #(
    .Parts(5)
  ) u_reset (
    .clk_i (clk),
    .rst_ni(rst_n),
    .rst_no({rst_frames_n, rst_sessions_n, rst_nonces_n, rst_egress_n, rst_host_n})
  );

  // The way of a frame ------------------------------------------------------------------------------------------------
  // T1, T13: of look-ups with four read cycles a beat is taken in every second cycle only.
  if (LookupCycles == 2) begin : gen_every_cycle
    assign s_axis_net_tready = 1'b1;
  end else begin : gen_every_second_cycle
    logic taken_q;

    always_ff @(posedge clk or negedge rst_frames_n) begin
      if (!rst_frames_n) taken_q <= 1'b0;
      else               taken_q <= net_beat.valid;
    end

    assign s_axis_net_tready = !taken_q;
  end

  assign net_beat = '{
    valid: s_axis_net_tvalid && s_axis_net_tready,
    last:  s_axis_net_tlast,
    keep:  s_axis_net_tkeep,
    data:  s_axis_net_tdata
  };

  reveille_frame_parser u_frame_parser (
    .clk_i         (clk),
    .rst_ni        (rst_frames_n),
    .config_i      (server),
    .time_i,
    .beat_i        (net_beat),
    .source_o      (source),
    .source_ipv4_o (source_ipv4),
    .source_upper_o(source_upper),
    .source_lower_o(source_lower),
    .client_o      (client),
    .lookup_value_o(lookup_value),
    .descriptor_o  (descriptor)
  );

  reveille_client_hash u_client_hash (
    .clk_i         (clk),
    .rst_ni        (rst_frames_n),
    .hash_write_i  (hash_write),
    .ready_i       (ready),
    .hash_start_i  (hash_start),
    .hash_client_i (hash_client),
    .hash_ipv4_i   (hash_ipv4),
    .hash_row0_o   (hash_row0),
    .hash_row1_o   (hash_row1),
    .source_i      (source),
    .source_ipv4_i (source_ipv4),
    .source_upper_i(source_upper),
    .source_lower_i(source_lower),
    .lookup_row0_o (lookup_row0),
    .lookup_row1_o (lookup_row1)
  );

  reveille_frame_delay u_frame_delay (
    .clk_i   (clk),
    .rst_ni  (rst_frames_n),
    .beat_i  (net_beat),
    .valid_o (delayed_valid),
    .ends_o  (delayed_ends),
    .octets_o(delayed_octets),
    .data_o  (delayed_data)
  );

  reveille_frame_buffer u_frame_buffer (
    .clk_i       (clk),
    .rst_ni      (rst_frames_n),
    .valid_i     (delayed_valid),
    .ends_i      (delayed_ends),
    .octets_i    (delayed_octets),
    .data_i      (delayed_data),
    .verdict_i   (verdict),
    .yields_i    (verdict_yields),
    .frame_lost_o(frame_lost),
    .refused_o   (frame_refused),
    .host_valid_o(m_axis_host_tvalid),
    .host_ready_i(m_axis_host_tready),
    .host_data_o (m_axis_host_tdata),
    .host_keep_o (m_axis_host_tkeep),
    .host_last_o (m_axis_host_tlast),
    .host_user_o (m_axis_host_tuser)
  );

  assign verdict_valid  = verdict.valid;
  assign verdict_code   = verdict.code;
  assign verdict_pass   = verdict.pass;
  assign verdict_lost   = frame_lost;
  assign verdict_source = verdict.source;
  assign verdict_value  = verdict.value;

  // Sessions ----------------------------------------------------------------------------------------------------------
  reveille_store_time u_store_time (
    .clk_i        (clk),
    .rst_ni       (rst_frames_n),
    .beat_valid_i (net_beat.valid),
    .beat_last_i  (net_beat.last),
    .time_i,
    .store_time_o (store_time),
    .lookup_soon_o(lookup_soon)
  );

  reveille_session_guard u_session_guard (
    .clk_i          (clk),
    .rst_ni         (rst_sessions_n),
    .store_time_i   (store_time),
    .policy_i       (policy),
    .ipv4_enable_i  (|server.ipv4_enable),
    .ipv6_enable_i  (|server.ipv6_enable),
    .wake_tries_i   (wake_tries),
    .wake_interval_i(wake_interval),
    .command_valid_i(command_valid),
    .command_i      (command),
    .command_done_o (command_done),
    .result_o       (result),
    .ready_o        (ready),
    .lookup_soon_i  (lookup_soon),
    .lookup_row0_i  (lookup_row0),
    .lookup_row1_i  (lookup_row1),
    .lookup_client_i(client),
    .lookup_value_i (lookup_value),
    .descriptor_i   (descriptor),
    .frame_lost_i   (frame_lost),
    .refused_i      (frame_refused),
    .verdict_o      (verdict),
    .yields_o       (verdict_yields),
    .hash_write_o   (hash_write),
    .hash_start_o   (hash_start),
    .hash_client_o  (hash_client),
    .hash_ipv4_o    (hash_ipv4),
    .hash_row0_i    (hash_row0),
    .hash_row1_i    (hash_row1),
    .nonce_seeded_i (seeded),
    .nonce_valid_i  (nonce_valid),
    .nonce_ready_o  (nonce_ready),
    .nonce_i        (nonce),
    .wakeup_valid_o (wakeup_valid),
    .wakeup_ready_i (wakeup_ready),
    .wakeup_o       (wakeup),
    .event_valid_o  (event_valid),
    .event_ready_i  (event_ready),
    .event_o        (session_event)
  );

  reveille_nonce_generator #(
    .NoiseEntropy  (NoiseEntropy),
    .FalseAlarm    (FalseAlarm),
    .ReseedInterval(ReseedInterval)
  ) u_nonce_generator (
    .clk_i          (clk),
    .rst_ni         (rst_nonces_n),
    .restart_i      (generator_restart),
    .silence_limit_i(silence_limit),
    .restart_limit_i(restart_limit),
    .restarts_o     (restarts),
    .entropy_valid_i(s_axis_entropy_tvalid),
    .entropy_ready_o(s_axis_entropy_tready),
    .entropy_data_i (s_axis_entropy_tdata),
    .nonce_valid_o  (nonce_valid),
    .nonce_ready_i  (nonce_ready),
    .nonce_o        (nonce),
    .seeded_o       (seeded),
    .rct_failed_o   (rct_failed),
    .apt_failed_o   (apt_failed),
    .silent_o       (silent)
  );

  // What the server sends ---------------------------------------------------------------------------------------------
  beat_t message_beat, frame_beat;
  logic message_ready, frame_ready;

  reveille_egress_arbiter u_egress_arbiter (
    .clk_i          (clk),
    .rst_ni         (rst_egress_n),
    .host_valid_i   (s_axis_host_tvalid),
    .host_ready_o   (s_axis_host_tready),
    .host_data_i    (s_axis_host_tdata),
    .host_keep_i    (s_axis_host_tkeep),
    .host_last_i    (s_axis_host_tlast),
    .host_user_i    (s_axis_host_tuser[0]),
    .message_o      (message_beat),
    .message_ready_i(message_ready),
    .frame_i        (frame_beat),
    .frame_ready_o  (frame_ready),
    .net_valid_o    (m_axis_net_tvalid),
    .net_ready_i    (m_axis_net_tready),
    .net_data_o     (m_axis_net_tdata),
    .net_keep_o     (m_axis_net_tkeep),
    .net_last_o     (m_axis_net_tlast)
  );

  reveille_message_framer u_message_framer (
    .clk_i            (clk),
    .rst_ni           (rst_egress_n),
    .server_i         (server),
    .wake_version_i   (wake_version),
    .framing_write_i  (framing_write),
    .framing_address_i(framing_address),
    .framing_data_i   (framing_data),
    .framing_commit_i (framing_commit),
    .busy_o           (framing_busy),
    .wakeup_valid_i   (wakeup_valid),
    .wakeup_ready_o   (wakeup_ready),
    .wakeup_i         (wakeup),
    .message_i        (message_beat),
    .message_ready_o  (message_ready),
    .message_error_o  (message_error),
    .frame_o          (frame_beat),
    .frame_ready_i    (frame_ready)
  );

  // What the host sees ------------------------------------------------------------------------------------------------
  reveille_host u_host (
    .clk_i              (clk),
    .rst_ni             (rst_host_n),
    .time_i,
    .awaddr_i           (s_axil_awaddr),
    .awvalid_i          (s_axil_awvalid),
    .awready_o          (s_axil_awready),
    .wdata_i            (s_axil_wdata),
    .wstrb_i            (s_axil_wstrb),
    .wvalid_i           (s_axil_wvalid),
    .wready_o           (s_axil_wready),
    .bresp_o            (s_axil_bresp),
    .bvalid_o           (s_axil_bvalid),
    .bready_i           (s_axil_bready),
    .araddr_i           (s_axil_araddr),
    .arvalid_i          (s_axil_arvalid),
    .arready_o          (s_axil_arready),
    .rdata_o            (s_axil_rdata),
    .rresp_o            (s_axil_rresp),
    .rvalid_o           (s_axil_rvalid),
    .rready_i           (s_axil_rready),
    .irq_o              (irq),
    .server_o           (server),
    .policy_o           (policy),
    .wake_tries_o       (wake_tries),
    .wake_interval_o    (wake_interval),
    .wake_version_o     (wake_version),
    .framing_write_o    (framing_write),
    .framing_address_o  (framing_address),
    .framing_data_o     (framing_data),
    .framing_commit_o   (framing_commit),
    .framing_busy_i     (framing_busy),
    .command_valid_o    (command_valid),
    .command_o          (command),
    .command_done_i     (command_done),
    .result_i           (result),
    .ready_i            (ready),
    .generator_restart_o(generator_restart),
    .silence_limit_o    (silence_limit),
    .restart_limit_o    (restart_limit),
    .restarts_i         (restarts),
    .seeded_i           (seeded),
    .rct_failed_i       (rct_failed),
    .apt_failed_i       (apt_failed),
    .silent_i           (silent),
    .verdict_i          (verdict),
    .lost_i             (frame_lost),
    .event_valid_i      (event_valid),
    .event_ready_o      (event_ready),
    .event_i            (session_event),
    .wakeup_sent_i      (wakeup_valid && wakeup_ready),
    .message_error_i    (message_error)
  );

endmodule
