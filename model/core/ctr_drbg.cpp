// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/ctr_drbg.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "reveille/common/error.hpp"

namespace reveille::core {

void CtrDrbg::Free::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

CtrDrbg::CtrDrbg() : aes_(EVP_CIPHER_CTX_new()) {
  if (!aes_) throw Error(ErrorKind::crypto, "no memory for AES");
}

void CtrDrbg::set_key(ByteView key) {
  if (EVP_EncryptInit_ex(aes_.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(aes_.get(), 0) != 1) {
    throw Error(ErrorKind::crypto, "AES-128 cannot be set up");
  }
}

CtrDrbg::Block CtrDrbg::encrypt(const Block& block) {
  Block out;
  int length = 0;
  if (EVP_EncryptUpdate(aes_.get(), out.data(), &length, block.data(), static_cast<int>(block.size())) != 1) {
    throw Error(ErrorKind::crypto, "AES-128 fails");
  }
  return out;
}

// 10.3.2 and 10.3.3.
CtrDrbg::Seed CtrDrbg::derive(ByteView input) {
  Bytes material;
  append_big_endian(material, input.size(), 4);
  append_big_endian(material, Seed{}.size(), 4);
  append(material, input);
  material.push_back(0x80);
  material.resize((material.size() + 15) / 16 * 16);

  Block key;
  for (unsigned i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  set_key(key);
  std::array<Block, 2> chained;
  for (unsigned i = 0; i < chained.size(); ++i) {
    Block iv{};
    iv[3] = static_cast<std::uint8_t>(i);
    Block chain = encrypt(iv);  // of the chaining value 0
    for (std::size_t at = 0; at < material.size(); at += chain.size()) {
      for (unsigned j = 0; j < chain.size(); ++j) chain[j] ^= material[at + j];
      chain = encrypt(chain);
    }
    chained[i] = chain;
  }

  set_key(chained[0]);
  Seed seed;
  const Block first = encrypt(chained[1]);
  const Block second = encrypt(first);
  std::copy(first.begin(), first.end(), seed.begin());
  std::copy(second.begin(), second.end(), seed.begin() + 16);
  set_key(key_);
  return seed;
}

CtrDrbg::Block CtrDrbg::next_block() {
  for (auto octet = counter_.rbegin(); octet != counter_.rend() && ++*octet == 0; ++octet) {
  }
  return encrypt(counter_);
}

// 10.2.1.2.
void CtrDrbg::update(const Seed& provided) {
  const Block first = next_block();
  const Block second = next_block();
  for (unsigned i = 0; i < 16; ++i) key_[i] = first[i] ^ provided[i];
  for (unsigned i = 0; i < 16; ++i) counter_[i] = second[i] ^ provided[16 + i];
  set_key(key_);
}

void CtrDrbg::instantiate(ByteView entropy_and_nonce) {
  key_ = {};
  counter_ = {};
  update(derive(entropy_and_nonce));
}

void CtrDrbg::reseed(ByteView entropy) { update(derive(entropy)); }

CtrDrbg::Block CtrDrbg::generate() {
  const Block block = next_block();
  update(Seed{});
  return block;
}

}  // namespace reveille::core
