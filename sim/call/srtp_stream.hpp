// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "reveille/kerberos/random.hpp"
#include "reveille/kerberos/secret.hpp"

struct srtp_ctx_t_;  // libsrtp2's

namespace reveille::sim {

/// A master key of 16 octets and a master salt of 14 (RFC 3711), for AES_CM_128_HMAC_SHA1_80.
using MediaKey = kerberos::SecretBytes;
constexpr std::size_t media_key_size = 30;
MediaKey new_media_key(kerberos::RandomSource& random);

/// One end of a conversation in SRTP (RFC 3711), by libsrtp2: seals speech in RTP with its own key, and opens what the
/// other end sealed with the other.
class SrtpStream {
 public:
  struct Speech {
    std::uint32_t timestamp = 0;
    Bytes samples;
  };

  /// `ssrc` names what it sends.
  SrtpStream(const MediaKey& own, const MediaKey& other, std::uint32_t ssrc);

  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  /// The next packet: µ-law samples, 8,000 a second.
  Bytes seal(const Speech& speech);
  /// Nothing if it is not authentic under the other's key, or came before.
  std::optional<Speech> open(ByteView packet);

 private:
  struct Delete {
    void operator()(srtp_ctx_t_* session) const;
  };
  using Session = std::unique_ptr<srtp_ctx_t_, Delete>;
  static Session make(const MediaKey& key, bool outbound);

  std::uint32_t ssrc_;
  std::uint16_t sequence_ = 0;
  Session sends_, receives_;
};

}  // namespace reveille::sim
