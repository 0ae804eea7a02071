// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Sizes so small that a bounded search fills and empties everything.
package reveille_config_pkg;

  localparam int unsigned Sessions = 16;
  localparam int unsigned LookupCycles = 2;
  localparam int unsigned Ipv4Addresses = 1;
  localparam int unsigned Ipv6Addresses = 1;
  localparam int unsigned FrameBufferBeats = 16;
  localparam int unsigned FrameBufferReserve = 6;
  localparam int unsigned EventRecords = 4;
  localparam int unsigned EventReserve = 2;
  localparam int unsigned InBandHeader = 0;

endpackage
