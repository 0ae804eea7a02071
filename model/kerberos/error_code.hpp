// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "reveille/common/error.hpp"

namespace reveille::kerberos {

/// The error codes of RFC 4120 section 7.5.9 that this model sends or expects; other values may arrive.
enum class ErrorCode : std::int32_t {
  none = 0,
  client_unknown = 6,
  server_unknown = 7,
  cannot_postdate = 10,
  never_valid = 11,
  policy = 12,
  bad_option = 13,
  etype_not_supported = 14,
  checksum_type_not_supported = 15,
  padata_type_not_supported = 16,
  preauth_failed = 24,
  preauth_required = 25,
  server_nomatch = 26,
  must_use_user_to_user = 27,
  bad_integrity = 31,
  ticket_expired = 32,
  ticket_not_yet_valid = 33,
  repeat = 34,
  bad_match = 36,
  clock_skew = 37,
  bad_address = 38,
  bad_message_type = 40,
  modified = 41,
  bad_key_version = 44,
  no_key = 45,
  mutual_failed = 46,
  inappropriate_checksum = 50,
  response_too_big = 52,
  generic = 60,
  field_too_long = 61,
  // RFC 4556 section 3.1.3
  invalid_signature = 64,
  dh_parameters_not_accepted = 65,
  cannot_verify_certificate = 70,
  invalid_certificate = 71,
  revoked_certificate = 72,
  revocation_status_unknown = 73,
  client_name_mismatch = 75,
  kdc_name_mismatch = 76,
  inconsistent_key_purpose = 77,
  pa_checksum_must_be_included = 79,
  public_key_encryption_not_supported = 81,
  preauth_expired = 90,                ///< RFC 8070
  unknown_critical_fast_options = 93,  ///< RFC 6113
};

/// The name of RFC 4120, as `KRB_AP_ERR_SKEW`; `error 99` for codes not listed above.
std::string to_string(ErrorCode code);

/// A well-formed message that Kerberos refuses; also a KRB-ERROR received, with its code.
class ProtocolError : public Error {
 public:
  ProtocolError(ErrorCode code, const std::string& what)
      : Error(ErrorKind::protocol, to_string(code) + ": " + what), code_(code) {}
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace reveille::kerberos
