// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Types and sizes that more than one block shares (docs/architecture.md).

package reveille_pkg;

  import reveille_verdict_pkg::verdict_e;

  parameter int unsigned DataWidth = 64;
  parameter int unsigned KeepWidth = DataWidth / 8;
  parameter int unsigned MaxFrameOctets = 9216;
  parameter int unsigned MaxFrameCycles = 16384;  // from a frame's first beat to its last; longer is oversize too
  // Beats before which no frame can hold an AP Request; shorter frames have no look-up.
  parameter int unsigned LookupBeats = 7;

  // Of the configuration (rtl/configs).
  parameter int unsigned FrameBufferBeats = reveille_config_pkg::FrameBufferBeats;
  parameter int unsigned FrameBufferReserve = reveille_config_pkg::FrameBufferReserve;
  parameter int unsigned EventRecords = reveille_config_pkg::EventRecords;
  parameter int unsigned EventReserve = reveille_config_pkg::EventReserve;
  parameter int unsigned Ipv4Addresses = reveille_config_pkg::Ipv4Addresses;
  parameter int unsigned Ipv6Addresses = reveille_config_pkg::Ipv6Addresses;
  parameter bit          InBandHeader = reveille_config_pkg::InBandHeader == 1;  // on the host ports (A28)

  parameter int unsigned LookupCycles = reveille_config_pkg::LookupCycles;  // 2 or 4 (docs/timing.md, T13)
  parameter int unsigned VerdictCycles = 12 + LookupCycles;                 // from T to the verdict

  parameter int unsigned RowWidth = $clog2(reveille_config_pkg::Sessions) - 3;
  parameter int unsigned StoreAddressWidth = RowWidth + $clog2(LookupCycles);  // {row, half}; of four, {row, way}
  parameter int unsigned LocationWidth = RowWidth + 3;      // {row, bank, way}
  parameter int unsigned HashWidth = 2 * RowWidth;           // row0, row1
  parameter int unsigned HashIndexWidth = 12;                // {octet of the address, its value}

  typedef logic [127:0] address_t;  // first octet in bits 127:120; IPv4 as ::ffff:a.b.c.d
  typedef logic [51:0] time_t;      // microseconds
  typedef logic [31:0] nonce_t;
  typedef logic [63:0] tag_t;
  typedef logic [RowWidth-1:0] row_t;
  typedef logic [LocationWidth-1:0] location_t;
  typedef logic [StoreAddressWidth-1:0] store_address_t;
  typedef logic [$clog2(EventRecords):0] event_count_t;

  // A beat of a frame; octet 0 is bits 7:0 of data.
  typedef struct packed {
    logic                 valid;
    logic                 last;
    logic [KeepWidth-1:0] keep;
    logic [DataWidth-1:0] data;
  } beat_t;

  // What the guard is told about the server (registers).
  typedef struct packed {
    logic [Ipv4Addresses-1:0]       ipv4_enable;
    logic [Ipv4Addresses-1:0][31:0] ipv4;
    logic [Ipv6Addresses-1:0]       ipv6_enable;
    address_t [Ipv6Addresses-1:0]   ipv6;
    logic                           destination_listed;  // else any
    logic                           drop_later_fragments;
    logic [15:0]     port;
    logic            doi_ipsec;
    logic            doi_snmp;
    logic [3:0]      version_enable;
    logic [3:0][7:0] version;
  } server_config_t;

  typedef enum logic [1:0] {
    ClientInitiatedDrop  = 2'd0,
    ClientInitiatedLimit = 2'd1,
    ClientInitiatedPass  = 2'd2
  } client_initiated_e;

  typedef struct packed {
    client_initiated_e client_initiated;
    logic [31:0]       interval;   // microseconds
    time_t             tolerance;  // microseconds
    logic [3:0]        resend_budget;
    logic [8:0]        guess_threshold;
  } policy_config_t;

  // session_control -> client_hash: a word of its memory.
  typedef struct packed {
    logic                      valid;
    logic [HashIndexWidth-1:0] index;
    logic [HashWidth-1:0]      data;  // {row0, row1}
  } hash_write_t;

  // frame_parser -> guard, visible in T+12 (rule I3).
  typedef struct packed {
    logic     valid;
    logic     oversize;
    logic     decided;     // verdict holds one of 0..8; else see ap_request
    verdict_e verdict;     // VerdictBypass while not decided
    logic     ap_request;  // 1: AP Request, 0: SA Recovered
    logic     looked_up;   // the frame had n >= 7 beats
    nonce_t   nonce;       // returned nonce of an AP Request, else anything
    address_t source;      // 0 for bypass, and where an unparsable frame has none
    time_t    now;         // the frame's time, of frames with three beats or more
  } descriptor_t;

  typedef enum logic [1:0] {
    PhaseOutstanding = 2'd0,
    PhaseInService   = 2'd1,
    PhaseReplied     = 2'd2,
    PhaseRecovered   = 2'd3
  } phase_e;

  typedef struct packed {
    logic       held;   // not empty: the nonce is not 0
    address_t   client;
    nonce_t     nonce;
    time_t      deadline;
    logic [63:0] aux;   // wake_state_t or expected tag
  } entry_t;

  typedef struct packed {
    logic [2:0] source;  // index of the server address
    logic       armed;
    logic       doi;  // 0: IPsec, 1: SNMPv3
    logic [2:0] hop;
    logic [3:0] sent;
    time_t      next;
  } wake_state_t;

  typedef struct packed {
    phase_e      phase;
    logic [3:0]  resends_left;
    logic [8:0]  false_nonces;  // saturating
  } session_state_t;

  // guard -> everyone, visible in T+14 (rule T4).
  typedef struct packed {
    logic     valid;
    verdict_e code;
    logic     pass;
    logic     oversize;
    logic     guessing;  // V7
    nonce_t   value;
    address_t source;
    time_t    now;
  } verdict_t;

  typedef enum logic [2:0] {
    CommandNone         = 3'd0,
    CommandWake         = 3'd1,
    CommandReply        = 3'd2,
    CommandReject       = 3'd3,
    CommandClose        = 3'd4,
    CommandRestore      = 3'd5,
    CommandRead         = 3'd6,
    CommandReadLocation = 3'd7
  } command_e;

  typedef struct packed {
    command_e  opcode;
    address_t  client;
    time_t     lifetime;
    nonce_t    nonce;
    phase_e    phase;
    tag_t      tag;
    logic [2:0] hop;
    logic      doi;
    logic      armed;
    logic [2:0] source;
    location_t location;
  } command_t;

  typedef enum logic [2:0] {
    ResultOk          = 3'd0,
    ResultFull        = 3'd1,
    ResultLive        = 3'd2,
    ResultNotReady    = 3'd3,
    ResultNotFound    = 3'd4,
    ResultWrongState  = 3'd5,
    ResultBadArgument = 3'd6,
    ResultBusy        = 3'd7  // the register's alone: a command is under way
  } result_e;

  // session_control -> registers; changes only with command_done (docs/timing/guard.md).
  typedef struct packed {
    result_e        code;
    location_t      location;
    entry_t         entry;  // wake, restore: only the nonce
    session_state_t state;
  } command_result_t;

  // session_control -> message_framer.
  typedef struct packed {
    address_t   client;
    nonce_t     nonce;
    logic [2:0] hop;
    logic       doi;
    logic [2:0] source;
  } wakeup_t;

  typedef enum logic [2:0] {
    EventNone       = 3'd0,
    EventVerdict    = 3'd1,
    EventExpired    = 3'd2,
    EventWakeFailed = 3'd3,
    EventGuessing   = 3'd4
  } event_kind_e;

  typedef struct packed {
    event_kind_e kind;
    verdict_e    verdict;  // 0 unless kind is EventVerdict or EventGuessing
    time_t       now;
    nonce_t      value;
    address_t    client;
  } event_t;

endpackage
