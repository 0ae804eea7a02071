// SPDX-License-Identifier: Apache-2.0
#include "call/srtp_stream.hpp"

#include <srtp2/srtp.h>

#include "reveille/common/error.hpp"

namespace reveille::sim {

namespace {

constexpr std::uint8_t rtp_version_2 = 0x80;
constexpr std::uint8_t pcmu = 0;
constexpr std::size_t rtp_header = 12;

void require(srtp_err_status_t status, const char* what) {
  if (status != srtp_err_status_ok) {
    throw Error(ErrorKind::crypto, std::string("libsrtp2: ") + what + ": status " + std::to_string(status));
  }
}

}  // namespace

void SrtpStream::Delete::operator()(srtp_ctx_t_* session) const { srtp_dealloc(session); }

SrtpStream::Session SrtpStream::make(const MediaKey& key, bool outbound) {
  static const bool initialized = (require(srtp_init(), "srtp_init"), true);
  static_cast<void>(initialized);
  if (key.size() != media_key_size) throw Error(ErrorKind::crypto, "a media key of 30 octets expected");
  MediaKey copy = key;  // it wants to write to it
  srtp_policy_t policy = {};
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
  policy.ssrc.type = outbound ? ssrc_any_outbound : ssrc_any_inbound;
  policy.key = copy.data();
  srtp_t session = nullptr;
  require(srtp_create(&session, &policy), "srtp_create");
  return Session(session);
}

MediaKey new_media_key(kerberos::RandomSource& random) {
  const auto octets = random.bytes(media_key_size);
  return {octets.begin(), octets.end()};
}

SrtpStream::SrtpStream(const MediaKey& own, const MediaKey& other, std::uint32_t ssrc)
    : ssrc_(ssrc), sends_(make(own, true)), receives_(make(other, false)) {}

Bytes SrtpStream::seal(const Speech& speech) {
  Bytes packet = {rtp_version_2, pcmu};
  append_big_endian(packet, ++sequence_, 2);
  append_big_endian(packet, speech.timestamp, 4);
  append_big_endian(packet, ssrc_, 4);
  append(packet, speech.samples);
  int size = static_cast<int>(packet.size());
  packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN);
  require(srtp_protect(sends_.get(), packet.data(), &size), "srtp_protect");
  packet.resize(static_cast<std::size_t>(size));
  return packet;
}

std::optional<SrtpStream::Speech> SrtpStream::open(ByteView packet) {
  Bytes opened(packet.begin(), packet.end());
  int size = static_cast<int>(opened.size());
  if (srtp_unprotect(receives_.get(), opened.data(), &size) != srtp_err_status_ok) return std::nullopt;
  opened.resize(static_cast<std::size_t>(size));
  ByteReader reader(opened);
  const bool plain = reader.u8("version") == rtp_version_2 && reader.u8("payload type") == pcmu;
  static_cast<void>(reader.u16("sequence number"));
  const std::uint32_t timestamp = reader.u32("timestamp");
  if (!plain) return std::nullopt;
  return Speech{timestamp, Bytes(opened.begin() + rtp_header, opened.end())};
}

}  // namespace reveille::sim
