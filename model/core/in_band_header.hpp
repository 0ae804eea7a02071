// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "reveille/common/error.hpp"
#include "reveille/config.hpp"
#include "reveille/core/ports.hpp"

/// The beat that leads each frame on the host ports where the configuration has it (docs/architecture.md, A28).
namespace reveille::core {

inline constexpr bool kInBandHeader = config::kInBandHeader != 0;
inline constexpr unsigned kHeaderOctets = 8;
inline constexpr std::uint8_t kHeaderVersion = 1;

/// On m_axis_host.
constexpr StreamSource rx_header(std::uint8_t verdict) {
  return {true, std::uint64_t{kHeaderVersion} << 8 | verdict, 0xFF, false, 0};
}
/// On s_axis_host.
constexpr StreamSource tx_header(bool message) { return {true, message ? 1U : 0U, 0xFF, false, 0}; }
/// What the core looks at of one.
constexpr bool announces_message(const StreamSource& header) { return (header.data & 1) != 0; }

/// Of a host that reads m_axis_host: takes the headers off.
class RxHeaders {
 public:
  /// Whether the beat handed over is a header. Error{internal} if it ends a frame whose header is not its verdict's.
  bool take(const StreamSource& beat) {
    if (!kInBandHeader) return false;
    if (!header_) {
      header_ = beat;
      return true;
    }
    if (beat.last) {
      if (!(*header_ == rx_header(beat.user))) {
        throw Error(ErrorKind::internal, "m_axis_host: a frame of verdict " + std::to_string(beat.user) +
                                             " has the header " + std::to_string(header_->data));
      }
      header_.reset();
    }
    return false;
  }
  void reset() { header_.reset(); }

 private:
  std::optional<StreamSource> header_;  ///< of the frame under way
};

}  // namespace reveille::core
