// SPDX-License-Identifier: Apache-2.0
#include "reveille/esp/table.hpp"

#include <cstdio>

namespace reveille::esp {

namespace {

std::string hexadecimal(ByteView octets) {
  if (octets.empty()) return {};
  std::string text = "0x";
  for (const std::uint8_t octet : octets) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", octet);
    text += digits;
  }
  return text;
}

std::string transform_name(std::uint8_t code) {
  switch (code) {
    case keymgmt::transform::ipsec_aes_128_cbc: return "AES-CBC [RFC3602]";
    case keymgmt::transform::ipsec_3des_cbc: return "TripleDES-CBC [RFC2451]";
    default: return "NULL";
  }
}

std::string authentication_name(std::uint8_t code) {
  return code == keymgmt::authentication::ipsec_hmac_md5_96 ? "HMAC-MD5-96 [RFC2403]" : "HMAC-SHA-1-96 [RFC2404]";
}

}  // namespace

std::string table_row(const net::Address& source, const net::Address& destination, std::uint32_t spi,
                      keymgmt::Ciphersuite suite, const keymgmt::DirectionKeys& keys) {
  Bytes spi_octets;
  append_big_endian(spi_octets, spi, 4);
  std::string row;
  for (const std::string& field :
       {std::string(source.is_ipv4() ? "IPv4" : "IPv6"), net::format(source), net::format(destination),
        hexadecimal(spi_octets), transform_name(suite.transform), hexadecimal(keys.transform),
        authentication_name(suite.authentication), hexadecimal(keys.authentication)}) {
    row += (row.empty() ? "\"" : ",\"") + field + "\"";
  }
  return row + "\n";
}

}  // namespace reveille::esp
