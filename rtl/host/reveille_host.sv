// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the host sees of the core: registers (generated from reveille_registers.rdl), counters, event log and interrupt
// behind AXI4-Lite. docs/timing/host.md. Requests come in N+1, writes act in N+2 (so what is written is there in N+3);
// what is read in N+3 is registered, and gathered in N+4.
//
// Decides nothing: gives configuration and commands to the blocks and shows what they answer.
module reveille_host
  import reveille_pkg::*;
  import reveille_registers_pkg::*;
(
  input  logic            clk_i,
  input  logic            rst_ni,
  input  time_t           time_i,

  input  logic [11:0]     awaddr_i,
  input  logic            awvalid_i,
  output logic            awready_o,
  input  logic [31:0]     wdata_i,
  input  logic [3:0]      wstrb_i,
  input  logic            wvalid_i,
  output logic            wready_o,
  output logic [1:0]      bresp_o,
  output logic            bvalid_o,
  input  logic            bready_i,
  input  logic [11:0]     araddr_i,
  input  logic            arvalid_i,
  output logic            arready_o,
  output logic [31:0]     rdata_o,
  output logic [1:0]      rresp_o,
  output logic            rvalid_o,
  input  logic            rready_i,
  output logic            irq_o,

  output server_config_t  server_o,
  output policy_config_t  policy_o,
  output logic [3:0]      wake_tries_o,
  output logic [31:0]     wake_interval_o,
  output logic [7:0]      wake_version_o,
  output logic            framing_write_o,
  output logic [5:0]      framing_address_o,
  output logic [31:0]     framing_data_o,
  output logic            framing_commit_o,
  input  logic            framing_busy_i,

  output logic            command_valid_o,  // until done
  output command_t        command_o,
  input  logic            command_done_i,
  input  command_result_t result_i,
  input  logic            ready_i,

  output logic            generator_restart_o,
  output logic [31:0]     silence_limit_o,
  output logic [3:0]      restart_limit_o,
  input  logic [3:0]      restarts_i,
  input  logic            seeded_i,
  input  logic            rct_failed_i,
  input  logic            apt_failed_i,
  input  logic            silent_i,

  input  verdict_t        verdict_i,
  input  logic            lost_i,
  input  logic            event_valid_i,
  output logic            event_ready_o,
  input  event_t          event_i,
  input  logic            wakeup_sent_i,
  input  logic            message_error_i
);

  reveille_registers__in_t hw_in;
  reveille_registers__out_t hw_out;

  // Bus
  // ----------------------------------------------------------------------------------------------------------------
  localparam int unsigned RegisterWidth = REVEILLE_REGISTERS_MIN_ADDR_WIDTH;

  logic taken, req, write, exists, locked, event_read, hidden;  // hidden: live nonces and tags
  logic [RegisterWidth-1:0] address;
  logic [31:0] wdata, rdata, counter_word, event_word;

  reveille_axil #(
    .RegisterWidth(RegisterWidth)
  ) u_axil (
    .clk_i,
    .rst_ni,
    .awaddr_i,
    .awvalid_i,
    .awready_o,
    .wdata_i,
    .wstrb_i,
    .wvalid_i,
    .wready_o,
    .bresp_o,
    .bvalid_o,
    .bready_i,
    .araddr_i,
    .arvalid_i,
    .arready_o,
    .rdata_o,
    .rresp_o,
    .rvalid_o,
    .rready_i,
    .taken_o  (taken),
    .req_o    (req),
    .write_o  (write),
    .address_o(address),
    .wdata_o  (wdata),
    .error_i  (!exists || (write && locked)),
    .rdata_i  (rdata)
  );

  reveille_registers u_registers (
    .clk_i,
    .rst_ni,
    .req_i    (req),
    .write_i  (write),
    .address_i(address),
    .wdata_i  (wdata),
    .conceal_i(hidden),
    .exists_o (exists),
    .locked_o (locked),
    .data_o   (rdata),
    .in_i     (hw_in),
    .out_o    (hw_out)
  );

  assign hidden     = hw_out.LOCK.nonces.value;
  assign event_read = hw_out.EVENT_DATA.req;  // N+3

  // Configuration
  // ------------------------------------------------------------------------------------------------------
  // What may be written, as of the cycle before: far from what it hangs on, and no two writes follow that closely.
  logic rate_open_q;                           // INTERVAL and TOLERANCE
  logic [Ipv4Addresses-1:0] ipv4_open_q;
  logic [Ipv6Addresses-1:0] ipv6_open_q;

  always_comb begin
    server_o = '{
      ipv4_enable:          hw_out.SERVER_ENABLE.ipv4.value[Ipv4Addresses-1:0],
      ipv6_enable:          hw_out.SERVER_ENABLE.ipv6.value[Ipv6Addresses-1:0],
      ipv4:                 '0,
      ipv6:                 '0,
      destination_listed:   hw_out.POLICY.destination.value,
      drop_later_fragments: hw_out.POLICY.later_fragments.value,
      port:                 hw_out.SERVER_PORT.value.value,
      doi_ipsec:            hw_out.SERVER_ENABLE.doi_ipsec.value,
      doi_snmp:             hw_out.SERVER_ENABLE.doi_snmp.value,
      version_enable:       hw_out.SERVER_ENABLE.versions.value,
      version:              {hw_out.SERVER_VERSIONS.version3.value, hw_out.SERVER_VERSIONS.version2.value,
                             hw_out.SERVER_VERSIONS.version1.value, hw_out.SERVER_VERSIONS.version0.value}
    };
    for (int unsigned i = 0; i < Ipv4Addresses; i++) server_o.ipv4[i] = hw_out.SERVER_IPV4[i].value.value;
    for (int unsigned i = 0; i < Ipv6Addresses; i++)
      server_o.ipv6[i] = {hw_out.SERVER_IPV6[i].WORD[0].value.value, hw_out.SERVER_IPV6[i].WORD[1].value.value,
                          hw_out.SERVER_IPV6[i].WORD[2].value.value, hw_out.SERVER_IPV6[i].WORD[3].value.value};
  end

  assign policy_o = '{
    client_initiated: client_initiated_e'(hw_out.CLIENT_INITIATED.mode.value),
    interval:         hw_out.INTERVAL.value.value,
    tolerance:        {hw_out.TOLERANCE_HIGH.value.value, hw_out.TOLERANCE_LOW.value.value},
    resend_budget:    hw_out.RESEND_BUDGET.value.value,
    guess_threshold:  hw_out.GUESSING.threshold.value
  };
  assign wake_tries_o        = hw_out.WAKE.tries.value;
  assign wake_interval_o     = hw_out.WAKE_INTERVAL.value.value;
  assign wake_version_o      = hw_out.WAKE.version.value;
  assign silence_limit_o     = hw_out.NOISE_SILENCE.value.value;
  assign restart_limit_o     = hw_out.GENERATOR.restart_limit.value;
  assign generator_restart_o = hw_out.CONTROL.generator_restart.value;
  assign framing_commit_o    = hw_out.CONTROL.framing_commit.value;

  always_ff @(posedge clk_i) begin
    rate_open_q <= hw_out.CLIENT_INITIATED.mode.value != 2'(ClientInitiatedLimit);
    ipv4_open_q <= ~hw_out.SERVER_ENABLE.ipv4.value[Ipv4Addresses-1:0];
    ipv6_open_q <= ~hw_out.SERVER_ENABLE.ipv6.value[Ipv6Addresses-1:0];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) framing_write_o <= 1'b0;
    else framing_write_o <= hw_out.FRAMING.req;
  end

  always_ff @(posedge clk_i) begin
    framing_address_o <= hw_out.FRAMING.addr[7:2];
    framing_data_o    <= hw_out.FRAMING.wr_data;
  end

  // Time: what is read is that of the cycle before
  // -----------------------------------------------------------------------
  time_t time_q;
  logic [19:0] time_high_q;

  always_ff @(posedge clk_i) time_q <= time_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) time_high_q <= '0;
    else if (hw_out.TIME_LOW.value.swacc) time_high_q <= time_q[51:32];
  end

  // Failures of the generator, and how often: seen as they begin
  // ----------------------------------------------------------
  localparam int unsigned Failures = 3;

  logic [Failures-1:0] failed_q, failed, fails;
  logic [Failures-1:0][7:0] failures_q;
  logic failures_clear;

  assign failed         = {silent_i, apt_failed_i, rct_failed_i};
  assign fails          = failed & ~failed_q;
  assign failures_clear = hw_out.CONTROL.generator_restart.swmod && wdata[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      failed_q   <= '0;
      failures_q <= '0;
    end else begin
      failed_q <= failed;
      for (int unsigned i = 0; i < Failures; i++) begin
        if (fails[i]) failures_q[i] <= failures_q[i] == '1 ? failures_q[i] : failures_q[i] + 1'b1;
        else if (failures_clear) failures_q[i] <= '0;
      end
    end
  end

  // Commands: arguments stand still while one is under way
  // ----------------------------------------------------------------
  logic busy_q, command_written;

  assign command_written = hw_out.COMMAND.opcode.swmod && !busy_q;
  assign command_valid_o = busy_q;
  assign command_o = '{
    opcode:   command_e'(hw_out.COMMAND.opcode.value),
    client:   {hw_out.COMMAND_CLIENT[0].value.value, hw_out.COMMAND_CLIENT[1].value.value,
               hw_out.COMMAND_CLIENT[2].value.value, hw_out.COMMAND_CLIENT[3].value.value},
    lifetime: {hw_out.COMMAND_LIFETIME_HIGH.value.value, hw_out.COMMAND_LIFETIME_LOW.value.value},
    nonce:    hw_out.COMMAND_NONCE.value.value,
    phase:    phase_e'(hw_out.COMMAND_SESSION.phase.value),
    tag:      {hw_out.COMMAND_TAG[0].value.value, hw_out.COMMAND_TAG[1].value.value},
    hop:      hw_out.COMMAND_SESSION.hop.value,
    doi:      hw_out.COMMAND_SESSION.doi.value,
    armed:    hw_out.COMMAND_SESSION.armed.value,
    source:   hw_out.COMMAND_SESSION.source.value,
    location: hw_out.COMMAND_LOCATION.value.value[LocationWidth-1:0]
  };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) busy_q <= 1'b0;
    else busy_q <= busy_q ? !command_done_i : command_written;
  end

  // Interrupt, small counts ------------------------------------------------------------------------------------
  logic events_empty, wakeup_sent_q, message_error_q;
  event_count_t event_count;
  logic [31:0] events_dropped, wakeups_sent_q, message_errors_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      irq_o            <= 1'b0;
      wakeup_sent_q    <= 1'b0;
      message_error_q  <= 1'b0;
      wakeups_sent_q   <= '0;
      message_errors_q <= '0;
    end else begin
      irq_o <= (hw_out.IRQ_ENABLE.event_available.value && !events_empty) ||
               (hw_out.IRQ_ENABLE.command_done.value && hw_out.IRQ_STATUS.command_done.value) ||
               (hw_out.IRQ_ENABLE.generator_failed.value && hw_out.IRQ_STATUS.generator_failed.value);
      wakeup_sent_q    <= wakeup_sent_i;
      message_error_q  <= message_error_i;
      wakeups_sent_q   <= wakeups_sent_q + 32'(wakeup_sent_q);
      message_errors_q <= message_errors_q + 32'(message_error_q);
    end
  end

  // What the registers are told: values to show, write enables, what sets and clears them -----------------------------
  always_comb begin
    hw_in.STATUS.ready.next                 = ready_i;
    hw_in.STATUS.seeded.next                = seeded_i;
    hw_in.STATUS.rct_failed.next            = rct_failed_i;
    hw_in.STATUS.apt_failed.next            = apt_failed_i;
    hw_in.STATUS.silent.next                = silent_i;
    hw_in.STATUS.command_busy.next          = busy_q;
    hw_in.STATUS.framing.next               = framing_busy_i;
    hw_in.IRQ_STATUS.event_available.next   = !events_empty;
    hw_in.IRQ_STATUS.command_done.hwset     = command_done_i;
    hw_in.IRQ_STATUS.command_done.hwclr     = command_written;
    hw_in.IRQ_STATUS.generator_failed.hwset = |fails;
    hw_in.GENERATOR.restarts.next           = restarts_i;
    hw_in.GENERATOR_FAILURES.rct.next       = failures_q[0];
    hw_in.GENERATOR_FAILURES.apt.next       = failures_q[1];
    hw_in.GENERATOR_FAILURES.silent.next    = failures_q[2];
    hw_in.TIME_LOW.value.next               = time_q[31:0];
    hw_in.TIME_HIGH.value.next              = time_high_q;

    // Locked while enabled.
    hw_in.INTERVAL.value.swwe       = rate_open_q;
    hw_in.TOLERANCE_LOW.value.swwe  = rate_open_q;
    hw_in.TOLERANCE_HIGH.value.swwe = rate_open_q;
    for (int unsigned i = 0; i < Ipv4Addresses; i++)
      hw_in.SERVER_IPV4[i].value.swwe = ipv4_open_q[i];
    for (int unsigned i = 0; i < Ipv6Addresses; i++)
      for (int unsigned j = 0; j < 4; j++)
        hw_in.SERVER_IPV6[i].WORD[j].value.swwe = ipv6_open_q[i];

    // Arguments stand still while a command is under way.
    for (int unsigned i = 0; i < 4; i++) hw_in.COMMAND_CLIENT[i].value.swwe = !busy_q;
    for (int unsigned i = 0; i < 2; i++) hw_in.COMMAND_TAG[i].value.swwe = !busy_q;
    hw_in.COMMAND_LIFETIME_LOW.value.swwe  = !busy_q;
    hw_in.COMMAND_LIFETIME_HIGH.value.swwe = !busy_q;
    hw_in.COMMAND_NONCE.value.swwe         = !busy_q;
    hw_in.COMMAND_SESSION.phase.swwe       = !busy_q;
    hw_in.COMMAND_SESSION.hop.swwe         = !busy_q;
    hw_in.COMMAND_SESSION.doi.swwe         = !busy_q;
    hw_in.COMMAND_SESSION.armed.swwe       = !busy_q;
    hw_in.COMMAND_SESSION.source.swwe      = !busy_q;
    hw_in.COMMAND_LOCATION.value.swwe      = !busy_q;
    hw_in.COMMAND.opcode.swwe              = !busy_q;

    hw_in.RESULT.code.next                = busy_q ? ResultBusy : result_i.code;
    hw_in.RESULT.phase.next               = result_i.state.phase;
    hw_in.RESULT.resends_left.next        = result_i.state.resends_left;
    hw_in.RESULT.location.next            = 16'(result_i.location);
    hw_in.RESULT_NONCE.value.next         = result_i.entry.nonce;
    hw_in.RESULT_DEADLINE_LOW.value.next  = result_i.entry.deadline[31:0];
    hw_in.RESULT_DEADLINE_HIGH.value.next = result_i.entry.deadline[51:32];
    hw_in.RESULT_FALSE_NONCES.value.next  = result_i.state.false_nonces;
    for (int unsigned i = 0; i < 2; i++)
      hw_in.RESULT_AUX[i].value.next = result_i.entry.aux[(1 - i) * 32 +: 32];
    for (int unsigned i = 0; i < 4; i++)
      hw_in.RESULT_CLIENT[i].value.next = result_i.entry.client[(3 - i) * 32 +: 32];

    hw_in.EVENT_COUNT.value.next    = 16'(event_count);
    hw_in.EVENT_DROPPED.value.next  = events_dropped;
    hw_in.WAKEUPS_SENT.value.next   = wakeups_sent_q;
    hw_in.MESSAGE_ERRORS.value.next = message_errors_q;

    // Read outside the register block. Every access takes the same time: nothing is acknowledged.
    hw_in.EVENT_DATA.rd_ack  = 1'b0;
    hw_in.EVENT_DATA.rd_data = event_word;
    hw_in.COUNTERS.rd_ack    = 1'b0;
    hw_in.COUNTERS.wr_ack    = 1'b0;
    hw_in.COUNTERS.rd_data   = counter_word;
    hw_in.FRAMING.rd_ack     = 1'b0;
    hw_in.FRAMING.wr_ack     = 1'b0;
    hw_in.FRAMING.rd_data    = '0;
  end

  reveille_counters u_counters (
    .clk_i,
    .rst_ni,
    .verdict_i,
    .lost_i,
    .request_i(taken),
    .read_i   (hw_out.COUNTERS.req),
    .index_i  (address[7:3]),
    .high_i   (address[2]),
    .data_o   (counter_word)
  );

  reveille_event_log u_event_log (
    .clk_i,
    .rst_ni,
    .mask_i      (hw_out.EVENT_MASK.verdicts.value),
    .verdict_i,
    .lost_i,
    .event_valid_i,
    .event_ready_o,
    .event_i,
    .read_i      (event_read),
    .realign_i   (hw_out.CONTROL.event_realign.value),
    .hide_value_i(hidden),
    .data_o      (event_word),
    .count_o     (event_count),
    .empty_o     (events_empty),
    .dropped_o   (events_dropped)
  );

endmodule
