// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the blocks of the egress share.
package reveille_egress_pkg;

  import reveille_pkg::*;

  // What one frame is made from; a host message brings its payload in the buffer besides.
  typedef struct packed {
    logic       message;  // 0: Wake Up
    address_t   client;
    logic [2:0] hop;
    logic [7:0] kmmid;
    logic [7:0] doi;
    logic [7:0] version;
    nonce_t     nonce;    // Wake Up only
  } job_t;

  parameter int unsigned HostHeaderOctets = 32;      // of a host message, before its payload
  parameter int unsigned MaxPayloadOctets = 1449;    // behind the key-management header of 3
  parameter int unsigned BufferAddressWidth = 8;     // words of 8 octets: one message, one frame
  parameter int unsigned OctetCountWidth = BufferAddressWidth + 3;

  parameter logic [7:0] KmmidWakeUp = 8'd1;
  parameter logic [15:0] EtherTypeIpv4 = 16'h0800;
  parameter logic [15:0] EtherTypeIpv6 = 16'h86DD;
  parameter logic [7:0] ProtocolUdp = 8'd17;
  parameter logic [7:0] TimeToLive = 8'd64;

  // One octet of a frame on its way to the transmit buffer.
  typedef struct packed {
    logic       valid;
    logic       last;
    logic [7:0] data;
  } octet_t;

endpackage
