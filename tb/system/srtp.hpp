// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
#include <string>

#include "reveille/common/bytes.hpp"

/// Speech opened by OpenSSL and the text of RFC 3711, so that libsrtp2 does not judge itself.
namespace reveille::sim::test {

/// Of the session keys of a master key of 16 octets and a salt of 14 (section 4.3), AES_CM_128_HMAC_SHA1_80.
class Srtp {
 public:
  explicit Srtp(const Bytes& master)
      : key_(derive(master, 0, 16)), authentication_(derive(master, 1, 20)), salt_(derive(master, 2, 14)) {}
  /// Of RFC 4568's key parameter, `inline:` and base64.
  static Srtp of_inline(const std::string& parameter) {
    Bytes key(30);
    EVP_DecodeBlock(key.data(),
                    reinterpret_cast<const unsigned char*>(parameter.data()) + std::string("inline:").size(), 40);
    return Srtp(key);
  }

  [[nodiscard]] bool is_authentic(const Bytes& packet) const {
    Bytes input(packet.begin(), packet.end() - tag_size);
    append_big_endian(input, 0, 4);  // the roll-over counter
    Bytes tag(20);
    unsigned size = 0;
    HMAC(EVP_sha1(), authentication_.data(), static_cast<int>(authentication_.size()), input.data(), input.size(),
         tag.data(), &size);
    return std::equal(packet.end() - tag_size, packet.end(), tag.begin());
  }
  [[nodiscard]] Bytes samples(const Bytes& packet) const {
    Bytes counter = salt_;
    for (std::size_t i = 0; i < 4; ++i) counter[4 + i] ^= packet[8 + i];   // SSRC
    for (std::size_t i = 0; i < 2; ++i) counter[12 + i] ^= packet[2 + i];  // sequence number
    Bytes samples(packet.begin() + 12, packet.end() - tag_size);
    const Bytes stream = key_stream(key_, counter, samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] ^= stream[i];
    return samples;
  }

 private:
  static constexpr std::ptrdiff_t tag_size = 10;
  /// Section 4.1.1: what AES in counter mode makes of zeros.
  static Bytes key_stream(const Bytes& key, Bytes counter, std::size_t size) {
    counter.resize(16);
    Bytes stream(size), zeros(size);
    const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int written = 0;
    EVP_EncryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, key.data(), counter.data());
    EVP_EncryptUpdate(context.get(), stream.data(), &written, zeros.data(), static_cast<int>(size));
    return stream;
  }
  static Bytes derive(const Bytes& master, std::uint8_t label, std::size_t size) {
    Bytes counter(master.begin() + 16, master.end());
    counter[7] ^= label;
    return key_stream({master.begin(), master.begin() + 16}, counter, size);
  }
  Bytes key_, authentication_, salt_;
};

/// The options that give tshark a table of associations.
inline std::string esp_options(const std::string& table) {
  std::string options = "-o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE";
  std::istringstream rows(table);
  for (std::string row; std::getline(rows, row);) options += " -o 'uat:esp_sa:" + row + "'";
  return options;
}

}  // namespace reveille::sim::test
