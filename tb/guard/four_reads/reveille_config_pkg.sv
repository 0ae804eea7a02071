// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Sizes of configuration line, but for the read cycles of a look-up (docs/timing.md, T13).
package reveille_config_pkg;

  localparam int unsigned Sessions = 4096;
  localparam int unsigned LookupCycles = 4;
  localparam int unsigned Ipv4Addresses = 2;
  localparam int unsigned Ipv6Addresses = 2;
  localparam int unsigned FrameBufferBeats = 2048;
  localparam int unsigned FrameBufferReserve = 768;
  localparam int unsigned EventRecords = 128;
  localparam int unsigned EventReserve = 32;
  localparam int unsigned InBandHeader = 0;

endpackage
