// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace reveille {

/// What kind of thing went wrong; callers branch on this, people read the message.
enum class ErrorKind {
  malformed,  ///< octets that do not follow their encoding
  bad_input,  ///< a user's file, option or value; the program ends with exit status 2
  crypto,     ///< a checksum, decryption or key that is wrong
  protocol,   ///< a well-formed message that the protocol refuses
  internal,   ///< a broken promise of our own
};

/// The one base of every exception that the project throws.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace reveille
