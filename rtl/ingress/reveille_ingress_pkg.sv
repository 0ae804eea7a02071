// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the stages of the frame parser hand to each other. The Ethernet stage aligns the frame to its IP datagram once;
// behind it beats stay as they are and each stage hands on where the next layer begins.

package reveille_ingress_pkg;

  import reveille_pkg::*;

  // Eight octets of a datagram. The last beat of a frame is visible in T+2, whether or not it still holds octets.
  typedef struct packed {
    logic        valid;   // holds octets of a datagram
    logic        first;   // from its first octet on
    logic        last;    // the frame has ended
    logic        ipv6;    // EtherType: IPv6, else IPv4
    logic        vlan;    // the datagram begins behind octet 14 of the frame
    logic        below12;  // octets 0 and 1 as a number: a UDP length there would end in this beat
    logic [3:0]  octets;  // 8, or less in the frame's last two beats
    logic [63:0] data;    // octet 0 in bits 63:56
  } datagram_beat_t;

  // The frame as a whole, visible in T+2.
  typedef struct packed {
    logic  valid;
    logic  datagram;   // there was one; if not, nothing that a later stage says belongs to this frame
    logic  looked_up;
    logic  oversize;
    time_t now;
  } frame_end_t;

  // Which halves of a datagram beat each checksum covers; high is octets 0 to 3.
  typedef struct packed {
    logic header_high;  // IPv4 header
    logic header_low;
    logic pseudo_high;  // addresses of the UDP pseudo header
    logic pseudo_low;
    logic udp_high;     // UDP header and payload
    logic udp_low;
  } coverage_t;

  // What the IP stage found out, visible in T+4.
  typedef struct packed {
    logic ipv4;
    logic addressed;       // right version, to one of the server's addresses
    logic unparsable;      // L6
    logic later_fragment;  // L5
    logic first_fragment;  // L4
    logic udp;
    logic too_long;        // IP length above what the frame holds
    logic header_cut;      // IP length ends before the headers do
    logic ports_cut;       // ... or before the fourth octet behind them
    logic bad_source;      // L9
  } ip_facts_t;

  // What the UDP stage found out, visible in T+4.
  typedef struct packed {
    logic ports;             // the frame holds the first 4 octets of the header
    logic header;            // ... all 8
    logic port_match;
    logic bad_length;        // below 8, or beyond the IP payload
    logic no_message;        // payload below 3 octets
    logic sa_recovered_long; // payload of 23 octets exactly
    logic no_checksum;       // the field is 0
  } udp_facts_t;

  // What the key-management stage found out, visible in T+4.
  typedef struct packed {
    logic unsupported;
    logic ap_request;
    logic sa_recovered;
    logic whole;         // AP Request: strict DER length, and the nonce inside the UDP payload
  } keymgmt_facts_t;

  // Octets of a beat, less one. tkeep is contiguous from bit 0, which is always set.
  function automatic logic [2:0] octets_less_one(logic [KeepWidth-1:1] keep);
    return {keep[4], keep[6] || (keep[2] && !keep[4]),
            keep[7] || (keep[5] && !keep[6]) || (keep[3] && !keep[4]) || (keep[1] && !keep[2])};
  endfunction

endpackage
