// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "reveille/keymgmt/security.hpp"
#include "reveille/net/address.hpp"

namespace reveille::esp {

/// A line of Wireshark's table `esp_sa`, with its end: with it, Wireshark decrypts and authenticates what goes from
/// `source` to `destination` under the SPI. It holds the keys.
std::string table_row(const net::Address& source, const net::Address& destination, std::uint32_t spi,
                      keymgmt::Ciphersuite suite, const keymgmt::DirectionKeys& keys);

}  // namespace reveille::esp
