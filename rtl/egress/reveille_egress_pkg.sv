// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the blocks of the egress share.
package reveille_egress_pkg;

  parameter int unsigned HostHeaderOctets = 32;      // of a host message, before its payload
  parameter int unsigned MaxPayloadOctets = 1449;    // behind the key-management header of 3
  parameter int unsigned BufferAddressWidth = 8;     // words of 8 octets: one message, one frame
  parameter int unsigned PrincipalAddress = 128;     // in the framing memory
  parameter int unsigned WakeHeaderAddress = 24;     // in the message buffer, as there is no host message: KMMID, DOI
  parameter int unsigned WakeNonceAddress = 28;      // and version of a Wake Up, and its nonce; its client is at 0
  parameter int unsigned ServerAddress = 2032;       // in the message buffer, behind the longest message
  parameter int unsigned OctetCountWidth = BufferAddressWidth + 3;

  parameter logic [7:0] KmmidWakeUp = 8'd1;
  parameter logic [7:0] DoiIpsec = 8'd1;
  parameter logic [7:0] DoiSnmp = 8'd2;
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
