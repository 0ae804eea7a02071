// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the stages of the frame parser hand to each other. The Ethernet stage aligns the frame to its IP datagram once;
// behind it beats stay as they are and each stage hands on where the next layer begins. Cycles are those of a frame's
// last beat; `reveille_frame_parser` has the whole picture.

package reveille_ingress_pkg;

  import reveille_pkg::*;

  // Frames of fewer beats end before the addresses of an IPv4 header, so they show no source.
  parameter int unsigned SourceBeats = 5;

  // Eight octets of a datagram. The last beat of a frame is visible in T+3, whether or not it still holds octets.
  typedef struct packed {
    logic        valid;   // holds octets of a datagram
    logic        first;   // from its first octet on
    logic        last;    // the frame has ended
    logic        ipv6;    // EtherType: IPv6, else IPv4
    logic        vlan;    // the datagram begins behind octet 14 of the frame
    logic [3:0]  octets;  // 8, or less in the frame's last two beats
    logic [63:0] data;    // octet 0 in bits 63:56
  } datagram_beat_t;

  // The frame as a whole.
  typedef struct packed {
    logic datagram;      // there was one; if not, nothing that a later stage says belongs to this frame
    logic unread;        // a third VLAN tag, or IP in SNAP (L20); then there is no datagram
    logic shows_source;  // it is long enough to
    logic looked_up;
    logic oversize;
  } frame_end_t;

  // Which halves of a datagram beat each checksum covers; high is octets 0 to 3.
  typedef struct packed {
    logic header_high;  // IPv4 header
    logic header_low;
    logic udp_high;     // UDP header and payload, and the addresses of the pseudo header
    logic udp_low;
  } coverage_t;

  // What the addresses came to: `counts` visible in T+7 and T+8, `bad` from T+7 to T+9.
  typedef struct packed {
    logic counts;  // the destination is there, and counts (L8)
    logic bad;     // source (L9)
  } address_facts_t;

  // What the IP stage found out, visible in T+8.
  typedef struct packed {
    logic ipv4;
    logic version_good;    // L2
    logic unparsable;      // L6
    logic later_fragment;  // L5, and its IP header is whole in the frame
    logic first_fragment;  // L4
    logic udp;             // of a datagram that is no later fragment
    logic too_long;        // IP length above what the frame holds
    logic header_cut;      // IP length ends before the headers do
    logic ports_cut;       // ... or before the fourth octet behind them
  } ip_facts_t;

  // What the UDP stage found out, visible in T+8.
  typedef struct packed {
    logic ports;             // the frame holds the first 4 octets of the header
    logic header;            // ... all 8
    logic port_match;
    logic too_short;         // length below 8
    logic too_long;          // ... beyond the IP payload
    logic no_message;        // payload below 3 octets
    logic sa_recovered_long; // payload of 23 octets exactly
    logic no_checksum;       // the field is 0
  } udp_facts_t;

  // What the key-management stage found out, visible in T+9.
  typedef struct packed {
    logic unsupported;
    logic ap_request;
    logic sa_recovered;
  } keymgmt_facts_t;

  // Octets of a beat: 8, unless it is a frame's last.
  function automatic logic [3:0] octets(logic last, logic [KeepWidth-1:1] keep);
    return {!last || keep[7], last && keep[3] && !keep[7], last && ((keep[1] && !keep[3]) || (keep[5] && !keep[7])),
            last && (!keep[1] || (keep[2] && !keep[3]) || (keep[4] && !keep[5]) || (keep[6] && !keep[7]))};
  endfunction

  // Octets of a beat, less one. tkeep is contiguous from bit 0, which is always set.
  function automatic logic [2:0] octets_less_one(logic [KeepWidth-1:1] keep);
    return {keep[4], keep[6] || (keep[2] && !keep[4]),
            keep[7] || (keep[5] && !keep[6]) || (keep[3] && !keep[4]) || (keep[1] && !keep[2])};
  endfunction

endpackage
