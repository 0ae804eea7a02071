// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reveille/common/session.hpp"
#include "reveille/net/address.hpp"
#include "reveille/verdict.hpp"

/// What the guard decides on a frame, untimed, from docs/protocol.md alone ("L" rules: its part 4).
namespace reveille::policy {

/// The guard's registers.
struct ServerConfig {
  enum class Destination { any, listed };
  enum class LaterFragments { pass, drop };
  enum ClientInitiated { drop, pass_limited, pass };

  std::vector<net::Address> ipv4;  ///< the server's own that are enabled
  std::vector<net::Address> ipv6;
  Destination destination = Destination::any;             ///< which destinations count (L8)
  LaterFragments later_fragments = LaterFragments::pass;  ///< L5
  std::uint16_t port = 1293;
  bool doi_ipsec = true;
  bool doi_snmp = true;
  std::vector<std::uint8_t> versions = {0x10};  ///< major << 4 | minor
  ClientInitiated client_initiated = drop;
  std::uint64_t interval_us = 0;   ///< of pass_limited (L15)
  std::uint64_t tolerance_us = 0;  ///< (burst - 1) * interval
  unsigned resend_budget = 2;
  unsigned guess_threshold = 0;  ///< false nonces of a session that raise `guessing`; 0: never (L21)

  [[nodiscard]] const std::vector<net::Address>& addresses(bool of_ipv4) const { return of_ipv4 ? ipv4 : ipv6; }
};

/// What a frame shows by itself: its verdict, if that needs no session, or what is to be looked up.
struct FrameFacts {
  enum class Kind { decided, ap_request, sa_recovered };

  Verdict early = Verdict::bypass;  ///< 0 to 8; of kind decided only
  Kind kind = Kind::decided;
  net::Address source;               ///< all zero for bypass, and for an unparsable that shows none (L20)
  std::uint32_t returned_nonce = 0;  ///< of an AP Request that is not decided
  std::uint64_t tag = 0;             ///< first 64 bits of an SA Recovered's HMAC
  bool nonce_read = false;           ///< the verdict is reached by reading `returned_nonce`
};

/// Verdicts 0 to 8, in the order of docs/protocol.md, or what 9 to 16 need.
FrameFacts parse_frame(ByteView frame, const ServerConfig& config);
/// The same of a datagram that a socket of the host received: what comes before its payload, the host has judged.
FrameFacts parse_datagram(const net::Address& source, ByteView payload, const ServerConfig& config);

/// A session as a frame meets it. `live` is the caller's: deadlines are compared where they are kept.
struct SessionState {
  bool live = false;
  Phase phase = Phase::outstanding;
  std::uint32_t nonce = 0;
  std::uint64_t tag = 0;  ///< of `replied` and `recovered`
  unsigned resends_left = 0;
  unsigned false_nonces = 0;  ///< verdicts so far, at most `most_false_nonces` (L21)
};

inline constexpr std::uint64_t last_time = (std::uint64_t{1} << 52) - 1;  ///< L14, microseconds
inline constexpr unsigned most_false_nonces = 511;

/// GCRA, virtual scheduling form (ITU-T I.371): one for all client-initiated requests (L15). Microseconds.
class RateLimiter {
 public:
  /// Whether a frame at `now` passes; the theoretical arrival time moves only then.
  bool conforms(std::uint64_t now, std::uint64_t interval, std::uint64_t tolerance);
  [[nodiscard]] std::uint64_t theoretical_arrival_time() const noexcept { return tat_; }

 private:
  std::uint64_t tat_ = 0;
};

struct Decision {
  Verdict verdict = Verdict::bypass;
  bool to_host = false;
  // What becomes of the session; at most one holds.
  bool take = false;        ///< outstanding -> in_service
  bool use_resend = false;  ///< one resend less
  bool recover = false;     ///< replied -> recovered
};

/// The verdict: `facts.early`, or 9 to 16 from the session of `facts.source` (absent and not live are the same).
Decision decide(const FrameFacts& facts, const std::optional<SessionState>& session, RateLimiter& limiter,
                std::uint64_t frame_time_us, const ServerConfig& config);

}  // namespace reveille::policy
