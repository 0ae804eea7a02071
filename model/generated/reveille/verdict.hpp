// SPDX-License-Identifier: Apache-2.0
// Generated from docs/verdicts.json: edit that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reveille {

/// What the guard decided on one frame.
enum class Verdict : std::uint8_t {
  bypass = 0,  ///< not judged
  unparsable = 1,  ///< third VLAN tag, or IP in 802.2 SNAP; IPv6 extension header chain not walked to its end within eight headers and 512 octets
  fragmented = 2,  ///< first fragment, UDP, to the port judged or too short to show its ports; later fragment, where later_fragments is drop
  bad_length = 3,  ///< IP length beyond the frame or below its headers; UDP length below 8 or beyond the IP payload
  bad_checksum = 4,  ///< IPv4 header or UDP checksum wrong; 0 allowed for UDP over IPv4 only
  bad_source = 5,  ///< source address unspecified, loopback, multicast, limited broadcast, IPv4-mapped, or one of the server's own
  malformed = 6,  ///< payload below 3 octets; AP Request without a strict outer DER length or a whole returned nonce; SA Recovered not exactly 23 octets
  unsupported = 7,  ///< unknown KMMID, DOI not enabled, version not enabled
  wrong_direction = 8,  ///< Wake Up, AP Reply, Rekey or Error Reply: only servers send these
  client_initiated = 9,  ///< AP Request with returned nonce 0: dropped, passed within a rate, or passed, as configured
  not_woken = 10,  ///< AP Request or SA Recovered, no live session for the source address
  false_nonce = 11,  ///< AP Request whose nonce differs from the live session's; SA Recovered, session replied, whose tag differs
  repeat = 12,  ///< AP Request, right nonce, session in_service or recovered, or replied with its resend budget spent
  accepted = 13,  ///< AP Request, right nonce, session outstanding; it becomes in_service
  resend = 14,  ///< AP Request, right nonce, session replied with resend budget left; one less now
  unexpected = 15,  ///< SA Recovered, session live but not replied
  sa_recovered = 16,  ///< SA Recovered, session replied, tag right; it becomes recovered
};

inline constexpr std::size_t kVerdictCount = 17;
/// What becomes of the frame; `configured`: a register decides.
enum class VerdictAction : std::uint8_t { pass, drop, configured };

/// What the verdict was reached by: the frame's headers, the message's form, or the client's session.
enum class VerdictKind : std::uint8_t { frame, message, session };

inline constexpr std::array<std::string_view, kVerdictCount> kVerdictNames = {
    "bypass",
    "unparsable",
    "fragmented",
    "bad_length",
    "bad_checksum",
    "bad_source",
    "malformed",
    "unsupported",
    "wrong_direction",
    "client_initiated",
    "not_woken",
    "false_nonce",
    "repeat",
    "accepted",
    "resend",
    "unexpected",
    "sa_recovered",
};

inline constexpr std::array<VerdictAction, kVerdictCount> kVerdictActions = {
    VerdictAction::pass,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::configured,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::drop,
    VerdictAction::pass,
    VerdictAction::pass,
    VerdictAction::drop,
    VerdictAction::pass,
};

inline constexpr std::array<VerdictKind, kVerdictCount> kVerdictKinds = {
    VerdictKind::frame,
    VerdictKind::frame,
    VerdictKind::frame,
    VerdictKind::frame,
    VerdictKind::frame,
    VerdictKind::frame,
    VerdictKind::message,
    VerdictKind::message,
    VerdictKind::message,
    VerdictKind::session,
    VerdictKind::session,
    VerdictKind::session,
    VerdictKind::session,
    VerdictKind::session,
    VerdictKind::session,
    VerdictKind::session,
    VerdictKind::session,
};

[[nodiscard]] constexpr std::size_t index(Verdict verdict) noexcept { return static_cast<std::size_t>(verdict); }
[[nodiscard]] constexpr std::string_view name(Verdict verdict) noexcept { return kVerdictNames[index(verdict)]; }
[[nodiscard]] constexpr VerdictAction action(Verdict verdict) noexcept { return kVerdictActions[index(verdict)]; }
[[nodiscard]] constexpr VerdictKind kind(Verdict verdict) noexcept { return kVerdictKinds[index(verdict)]; }

/// Whether the frame goes to the host whatever is configured; false for client_initiated.
[[nodiscard]] constexpr bool is_pass(Verdict verdict) noexcept { return action(verdict) == VerdictAction::pass; }

/// The verdict of that name, or nothing.
[[nodiscard]] constexpr std::optional<Verdict> verdict_from_name(std::string_view text) noexcept {
  for (std::size_t code = 0; code < kVerdictCount; ++code) {
    if (kVerdictNames[code] == text) return static_cast<Verdict>(code);
  }
  return std::nullopt;
}

}  // namespace reveille
