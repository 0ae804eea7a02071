// SPDX-License-Identifier: Apache-2.0
#include "reveille/esp/esp.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "reveille/kerberos/hash.hpp"
#include "reveille/kerberos/openssl.hpp"

namespace reveille::esp {

namespace {

namespace openssl = kerberos::openssl;

constexpr std::size_t header_size = 8;   ///< SPI, sequence number
constexpr std::size_t trailer_size = 2;  ///< pad length, next header

struct Cipher {
  std::uint8_t code;
  const char* name;  ///< null: NULL
  std::size_t key, block, iv;
};
constexpr Cipher ciphers[] = {{keymgmt::transform::ipsec_aes_128_cbc, "AES-128-CBC", 16, 16, 16},
                              {keymgmt::transform::ipsec_3des_cbc, "DES-EDE3-CBC", 24, 8, 8},
                              {keymgmt::transform::ipsec_null, nullptr, 0, 4, 0}};

struct Digest {
  std::uint8_t code;
  const char* name;
  std::size_t key;
};
constexpr Digest digests[] = {{keymgmt::authentication::ipsec_hmac_sha1_96, "SHA1", 20},
                              {keymgmt::authentication::ipsec_hmac_md5_96, "MD5", 16}};

template <typename Table>
const auto& find(const Table& table, std::uint8_t code, const char* what) {
  const auto* found = std::ranges::find_if(table, [code](const auto& entry) { return entry.code == code; });
  if (found != std::end(table)) return *found;
  throw Error(ErrorKind::protocol, std::string("ESP: no ") + what + " " + std::to_string(code));
}
const Cipher& cipher_of(keymgmt::Ciphersuite suite) { return find(ciphers, suite.transform, "transform"); }
const Digest& digest_of(keymgmt::Ciphersuite suite) { return find(digests, suite.authentication, "authentication"); }

void require_lengths(keymgmt::Ciphersuite suite, const keymgmt::DirectionKeys& keys) {
  if (keys.transform.size() != cipher_of(suite).key || keys.authentication.size() != digest_of(suite).key) {
    throw Error(ErrorKind::protocol, "ESP: keys that are not the ciphersuite's");
  }
}

Bytes icv(keymgmt::Ciphersuite suite, const keymgmt::DirectionKeys& keys, ByteView covered) {
  Bytes whole = openssl::hmac(digest_of(suite).name, keys.authentication, covered);
  whole.resize(icv_size);
  return whole;
}

/// CBC without padding, there or back; with NULL the octets as they are.
Bytes run(const Cipher& cipher, ByteView key, ByteView iv, ByteView in, bool encrypts) {
  if (cipher.name == nullptr) return {in.begin(), in.end()};
  const openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
  Bytes out(in.size());
  int length = 0;
  const bool good = EVP_CipherInit_ex2(context.get(), openssl::cipher(cipher.name), key.data(), iv.data(),
                                       encrypts ? 1 : 0, nullptr) == 1 &&
                    EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
                    EVP_CipherUpdate(context.get(), out.data(), &length, in.data(), static_cast<int>(in.size())) == 1 &&
                    length == static_cast<int>(in.size());
  openssl::require(good, cipher.name);
  return out;
}

}  // namespace

Sender::Sender(std::uint32_t spi, keymgmt::Ciphersuite suite, keymgmt::DirectionKeys keys)
    : spi_(spi), suite_(suite), keys_(std::move(keys)) {
  require_lengths(suite_, keys_);
}

Bytes Sender::seal(ByteView payload, std::uint8_t next_header, kerberos::RandomSource& random) {
  if (sequence_ == std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorKind::protocol, "ESP: the association has no sequence number left");
  }
  const Cipher& cipher = cipher_of(suite_);
  Bytes plain(payload.begin(), payload.end());
  std::uint8_t padding = 0;
  while ((plain.size() + trailer_size) % cipher.block != 0) plain.push_back(++padding);
  plain.push_back(padding);
  plain.push_back(next_header);

  Bytes packet;
  append_big_endian(packet, spi_, 4);
  append_big_endian(packet, ++sequence_, 4);
  const Bytes iv = random.bytes(cipher.iv);
  append(packet, iv);
  append(packet, run(cipher, keys_.transform, iv, plain, true));
  append(packet, icv(suite_, keys_, packet));
  return packet;
}

bool ReplayWindow::is_new(std::uint32_t sequence) const {
  if (sequence > last_) return true;
  const std::uint32_t age = last_ - sequence;
  return sequence != 0 && age < size && (seen_ >> age & 1) == 0;
}

void ReplayWindow::mark(std::uint32_t sequence) {
  if (sequence > last_) {
    const std::uint32_t step = sequence - last_;
    seen_ = step < size ? seen_ << step : 0;
    last_ = sequence;
  }
  seen_ |= std::uint64_t{1} << (last_ - sequence);
}

Receiver::Receiver(std::uint32_t spi, keymgmt::Ciphersuite suite, keymgmt::DirectionKeys keys)
    : spi_(spi), suite_(suite), keys_(std::move(keys)) {
  require_lengths(suite_, keys_);
}

std::variant<Opened, Refusal> Receiver::open(ByteView packet) {
  const Cipher& cipher = cipher_of(suite_);
  const std::size_t around = header_size + cipher.iv + icv_size;
  if (packet.size() < around + trailer_size || (packet.size() - around) % cipher.block != 0) return Refusal::malformed;
  ByteReader reader(packet);
  if (reader.u32("SPI") != spi_) return Refusal::other_association;
  Opened opened;
  opened.sequence = reader.u32("sequence number");
  if (!window_.is_new(opened.sequence)) return Refusal::replayed;
  const ByteView covered = packet.first(packet.size() - icv_size);
  if (!kerberos::equal_constant_time(icv(suite_, keys_, covered), packet.last(icv_size))) {
    return Refusal::not_authentic;
  }
  window_.mark(opened.sequence);

  const ByteView iv = covered.subspan(header_size, cipher.iv);
  opened.payload = run(cipher, keys_.transform, iv, covered.subspan(header_size + cipher.iv), false);
  opened.next_header = opened.payload.back();
  const std::size_t padding = opened.payload[opened.payload.size() - trailer_size];
  opened.payload.resize(opened.payload.size() - trailer_size);
  if (padding > opened.payload.size()) return Refusal::malformed;
  for (std::size_t i = 0; i < padding; ++i) {
    if (opened.payload[opened.payload.size() - padding + i] != i + 1) return Refusal::malformed;
  }
  opened.payload.resize(opened.payload.size() - padding);
  return opened;
}

std::optional<std::uint32_t> spi_of(ByteView packet) {
  if (packet.size() < header_size) return std::nullopt;
  return ByteReader(packet).u32("SPI");
}

}  // namespace reveille::esp
