// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/error_code.hpp"

namespace reveille::kerberos {

std::string to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::none: return "KDC_ERR_NONE";
    case ErrorCode::client_unknown: return "KDC_ERR_C_PRINCIPAL_UNKNOWN";
    case ErrorCode::server_unknown: return "KDC_ERR_S_PRINCIPAL_UNKNOWN";
    case ErrorCode::cannot_postdate: return "KDC_ERR_CANNOT_POSTDATE";
    case ErrorCode::never_valid: return "KDC_ERR_NEVER_VALID";
    case ErrorCode::policy: return "KDC_ERR_POLICY";
    case ErrorCode::bad_option: return "KDC_ERR_BADOPTION";
    case ErrorCode::etype_not_supported: return "KDC_ERR_ETYPE_NOSUPP";
    case ErrorCode::checksum_type_not_supported: return "KDC_ERR_SUMTYPE_NOSUPP";
    case ErrorCode::padata_type_not_supported: return "KDC_ERR_PADATA_TYPE_NOSUPP";
    case ErrorCode::preauth_failed: return "KDC_ERR_PREAUTH_FAILED";
    case ErrorCode::preauth_required: return "KDC_ERR_PREAUTH_REQUIRED";
    case ErrorCode::server_nomatch: return "KDC_ERR_SERVER_NOMATCH";
    case ErrorCode::must_use_user_to_user: return "KDC_ERR_MUST_USE_USER2USER";
    case ErrorCode::bad_integrity: return "KRB_AP_ERR_BAD_INTEGRITY";
    case ErrorCode::ticket_expired: return "KRB_AP_ERR_TKT_EXPIRED";
    case ErrorCode::ticket_not_yet_valid: return "KRB_AP_ERR_TKT_NYV";
    case ErrorCode::repeat: return "KRB_AP_ERR_REPEAT";
    case ErrorCode::bad_match: return "KRB_AP_ERR_BADMATCH";
    case ErrorCode::clock_skew: return "KRB_AP_ERR_SKEW";
    case ErrorCode::bad_address: return "KRB_AP_ERR_BADADDR";
    case ErrorCode::bad_message_type: return "KRB_AP_ERR_MSG_TYPE";
    case ErrorCode::modified: return "KRB_AP_ERR_MODIFIED";
    case ErrorCode::bad_key_version: return "KRB_AP_ERR_BADKEYVER";
    case ErrorCode::no_key: return "KRB_AP_ERR_NOKEY";
    case ErrorCode::mutual_failed: return "KRB_AP_ERR_MUT_FAIL";
    case ErrorCode::inappropriate_checksum: return "KRB_AP_ERR_INAPP_CKSUM";
    case ErrorCode::response_too_big: return "KRB_ERR_RESPONSE_TOO_BIG";
    case ErrorCode::generic: return "KRB_ERR_GENERIC";
    case ErrorCode::field_too_long: return "KRB_ERR_FIELD_TOOLONG";
    case ErrorCode::invalid_signature: return "KDC_ERR_INVALID_SIG";
    case ErrorCode::dh_parameters_not_accepted: return "KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED";
    case ErrorCode::cannot_verify_certificate: return "KDC_ERR_CANT_VERIFY_CERTIFICATE";
    case ErrorCode::invalid_certificate: return "KDC_ERR_INVALID_CERTIFICATE";
    case ErrorCode::revoked_certificate: return "KDC_ERR_REVOKED_CERTIFICATE";
    case ErrorCode::revocation_status_unknown: return "KDC_ERR_REVOCATION_STATUS_UNKNOWN";
    case ErrorCode::client_name_mismatch: return "KDC_ERR_CLIENT_NAME_MISMATCH";
    case ErrorCode::kdc_name_mismatch: return "KDC_ERR_KDC_NAME_MISMATCH";
    case ErrorCode::inconsistent_key_purpose: return "KDC_ERR_INCONSISTENT_KEY_PURPOSE";
    case ErrorCode::pa_checksum_must_be_included: return "KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED";
    case ErrorCode::public_key_encryption_not_supported: return "KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED";
    case ErrorCode::preauth_expired: return "KDC_ERR_PREAUTH_EXPIRED";
    case ErrorCode::unknown_critical_fast_options: return "KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS";
  }
  return "error " + std::to_string(static_cast<std::int32_t>(code));
}

}  // namespace reveille::kerberos
