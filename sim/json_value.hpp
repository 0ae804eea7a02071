// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "json_file.hpp"
#include "reveille/common/error.hpp"
#include "reveille/net/address.hpp"

namespace reveille::sim {

/// A value of a JSON file and how to get there, for messages: each that is not as expected is Error{bad_input} naming
/// file, key and value. The file's name and value outlive it.
class JsonValue {
 public:
  JsonValue(const std::string& file, std::string key, const nlohmann::json& value)
      : file_(file), key_(std::move(key)), value_(value) {}

  [[nodiscard]] const std::string& key() const noexcept { return key_; }
  [[noreturn]] void fail(const std::string& expected) const {
    throw Error(ErrorKind::bad_input,
                file_ + ": " + (key_.empty() ? "" : key_ + ": ") + excerpt(value_) + ": " + expected);
  }

  /// Exactly these keys, `optional` ones aside.
  void require_keys(const std::set<std::string>& required, const std::set<std::string>& optional = {}) const {
    if (!value_.is_object()) fail("an object expected");
    for (const auto& [key, value] : value_.items()) {
      if (required.count(key) == 0 && optional.count(key) == 0)
        JsonValue(file_, child_key(key_excerpt(key)), value).fail("an unknown key");
    }
    for (const std::string& key : required) {
      if (!value_.contains(key)) throw Error(ErrorKind::bad_input, file_ + ": " + child_key(key) + ": missing");
    }
  }
  [[nodiscard]] bool has(const std::string& key) const { return value_.contains(key); }
  [[nodiscard]] JsonValue operator[](const std::string& key) const { return {file_, child_key(key), value_.at(key)}; }

  [[nodiscard]] std::vector<JsonValue> list() const {
    if (!value_.is_array()) fail("a list expected");
    std::vector<JsonValue> values;
    for (std::size_t i = 0; i < value_.size(); ++i)
      values.emplace_back(file_, key_ + "[" + std::to_string(i) + "]", value_[i]);
    return values;
  }
  [[nodiscard]] std::uint64_t integer(std::uint64_t least, std::uint64_t most) const {
    const std::string expected =
        "an integer from " + std::to_string(least) + " to " + std::to_string(most) + " expected";
    if (!value_.is_number_unsigned()) fail(expected);  // negative numbers, fractions and exponents are of other types
    const auto number = value_.get<std::uint64_t>();
    if (number < least || number > most) fail(expected);
    return number;
  }
  [[nodiscard]] const std::string& text(const std::string& expected) const {
    if (!value_.is_string()) fail(expected);
    return value_.get_ref<const std::string&>();
  }
  [[nodiscard]] bool truth() const {
    if (!value_.is_boolean()) fail("true or false expected");
    return value_.get<bool>();
  }
  [[nodiscard]] const std::string& one_of(const std::string& one, const std::string& other) const {
    const std::string expected = '"' + one + "\" or \"" + other + "\" expected";
    const std::string& word = text(expected);
    if (word != one && word != other) fail(expected);
    return word;
  }
  [[nodiscard]] std::uint64_t hexadecimal(std::size_t most_digits) const {
    const std::string expected =
        "a string of 0x and 1 to " + std::to_string(most_digits) + " hexadecimal digits expected";
    const std::string& digits = text(expected);
    const bool right = digits.size() > 2 && digits.size() <= 2 + most_digits && digits.compare(0, 2, "0x") == 0 &&
                       digits.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos;
    if (!right) fail(expected);
    return std::stoull(digits, nullptr, 16);
  }
  [[nodiscard]] net::Address address(bool ipv4, bool ipv6) const {
    const std::string expected = std::string(ipv4 && ipv6 ? "an IPv4 or IPv6"
                                             : ipv4       ? "an IPv4"
                                                          : "an IPv6") +
                                 " address expected";
    const std::string& written = text(expected);
    const bool is_ipv6_text = written.find(':') != std::string::npos;
    if (is_ipv6_text ? !ipv6 : !ipv4) fail(expected);
    try {
      return net::Address::parse(written);
    } catch (const Error&) {
      fail(expected);
    }
  }
  [[nodiscard]] bool is_object() const { return value_.is_object(); }

 private:
  [[nodiscard]] std::string child_key(const std::string& key) const { return key_.empty() ? key : key_ + "." + key; }

  const std::string& file_;
  std::string key_;
  const nlohmann::json& value_;
};

}  // namespace reveille::sim
