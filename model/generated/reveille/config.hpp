// SPDX-License-Identifier: Apache-2.0
// Generated from configuration line by scripts/generate/configuration.py: edit rtl/configs.
#pragma once

#include <string_view>

/// The configuration that this was built for: the sizes that all descriptions of the core share.
namespace reveille::config {

inline constexpr std::string_view kName = "line";
inline constexpr unsigned kSessions = 4096;  ///< sessions that the nonce store holds
inline constexpr unsigned kLookupCycles = 2;  ///< read cycles of a look-up; with 4 half the block RAMs, and a beat in every second cycle
inline constexpr unsigned kIpv4Addresses = 2;  ///< IPv4 addresses of the server
inline constexpr unsigned kIpv6Addresses = 2;  ///< IPv6 addresses of the server
inline constexpr unsigned kFrameBufferBeats = 2048;  ///< beats of 8 octets that wait for the host
inline constexpr unsigned kFrameBufferReserve = 768;  ///< beats of them that are kept for frames of sessions
inline constexpr unsigned kEventRecords = 128;  ///< records of the event log
inline constexpr unsigned kEventReserve = 32;  ///< records of it that verdict events leave to the others
inline constexpr unsigned kInBandHeader = 0;  ///< 1 where a header of 8 octets leads each frame on the host ports, else 0

}  // namespace reveille::config
