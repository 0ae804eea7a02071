// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "reveille/common/bytes.hpp"
#include "reveille/kerberos/error_code.hpp"
#include "reveille/kerberos/random.hpp"

namespace reveille::kerberos::test {

/// "-" stands for no octets.
inline Bytes from_hex(const std::string& text) {
  Bytes out;
  if (text == "-") return out;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
  }
  return out;
}

inline std::string to_text(ByteView octets) { return {octets.begin(), octets.end()}; }
inline Bytes octets_of(const std::string& text) { return {text.begin(), text.end()}; }
inline Bytes copy(ByteView view) { return {view.begin(), view.end()}; }

using Row = std::vector<std::string>;

/// The rows of `tb/vectors/kerberos/<file>` whose first word is `kind`, without it. No row is an error: a test over
/// no vectors passes everything.
inline std::vector<Row> vectors(const std::string& file, const std::string& kind) {
  std::ifstream in("tb/vectors/kerberos/" + file);
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    Row row;
    for (std::string word; words >> word;) row.push_back(word);
    if (!row.empty() && row.front() == kind) rows.emplace_back(row.begin() + 1, row.end());
  }
  if (rows.empty()) throw Error(ErrorKind::internal, file + ": no vectors of kind " + kind);
  return rows;
}

/// The kind of Error that `action` throws; nothing if it throws none.
template <typename Action>
std::optional<ErrorKind> error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  return {};
}

/// The code of the ProtocolError that `action` throws; nothing if it throws none.
template <typename Action>
std::optional<ErrorCode> code_of(Action&& action) {
  try {
    action();
  } catch (const ProtocolError& error) {
    return error.code();
  }
  return {};
}

/// Hands out given octets: the confounders of published vectors.
class GivenRandom final : public RandomSource {
 public:
  explicit GivenRandom(Bytes octets) : octets_(std::move(octets)) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& octet : out) octet = octets_.at(used_++);
  }

 private:
  Bytes octets_;
  std::size_t used_ = 0;
};

}  // namespace reveille::kerberos::test
