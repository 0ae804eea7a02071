// SPDX-License-Identifier: Apache-2.0
#include "reveille/keymgmt/messages.hpp"

#include <algorithm>

namespace reveille::keymgmt {
namespace {

constexpr std::uint8_t tag_ap_req = 0x6e;
constexpr std::uint8_t tag_ap_rep = 0x6f;
constexpr std::uint8_t tag_krb_error = 0x7e;
constexpr std::size_t timestamp_size = 13;

[[noreturn]] void malformed(const std::string& what) { throw Error(ErrorKind::malformed, what); }

bool is_ascii(char c) { return c > 0 && static_cast<unsigned char>(c) < 0x80; }

bool is_timestamp(std::string_view text) {
  return text.size() == timestamp_size && text.back() == 'Z' &&
         std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

/// Writes fields in the order of the table; every rule on a value that no octets can show stands here.
class Writer {
 public:
  Writer(MessageId id, std::uint8_t doi, std::uint8_t version) : doi_(doi) {
    if (doi != doi_ipsec && doi != doi_snmp) unencodable("DOI", std::to_string(doi));
    octets_ = {static_cast<std::uint8_t>(id), doi, version};
  }

  Writer& u32(std::uint32_t value) {
    append_big_endian(octets_, value, 4);
    return *this;
  }
  Writer& flag(bool value) {
    octets_.push_back(value ? 1 : 0);
    return *this;
  }
  Writer& raw(ByteView value) {
    append(octets_, value);
    return *this;
  }
  Writer& der(ByteView element, std::uint8_t tag, const char* what) {
    if (element.empty() || element[0] != tag) unencodable(what, "not a DER element of its tag");
    return raw(element);
  }
  Writer& hmac(ByteView value) {
    if (value.size() != hmac_size) unencodable("HMAC", std::to_string(value.size()) + " octets");
    return raw(value);
  }
  Writer& principal(const std::string& name) {
    if (!std::all_of(name.begin(), name.end(), is_ascii)) unencodable("server principal", name);
    octets_.insert(octets_.end(), name.begin(), name.end());
    octets_.push_back(0);
    return *this;
  }
  Writer& timestamp(const std::string& text) {
    if (!is_timestamp(text)) unencodable("timestamp", text);
    octets_.insert(octets_.end(), text.begin(), text.end());
    return *this;
  }
  Writer& application(const ApplicationData& data) {
    const auto* ipsec = std::get_if<IpsecData>(&data);
    if ((ipsec != nullptr) != (doi_ == doi_ipsec)) unencodable("application-specific data", "of another DOI");
    if (ipsec != nullptr) return u32(ipsec->spi);
    const SnmpData& snmp = std::get<SnmpData>(data);
    counted(snmp.engine_id, "engine id");
    u32(snmp.engine_boots).u32(snmp.engine_time);
    return counted(Bytes(snmp.user_name.begin(), snmp.user_name.end()), "user name");
  }
  Writer& ciphersuites(const std::vector<Ciphersuite>& suites) {
    if (suites.size() > 255) unencodable("ciphersuite list", std::to_string(suites.size()) + " entries");
    octets_.push_back(static_cast<std::uint8_t>(suites.size()));
    for (const Ciphersuite& suite : suites) {
      octets_.push_back(suite.authentication);
      octets_.push_back(suite.transform);
    }
    return *this;
  }
  Bytes take() { return std::move(octets_); }

 private:
  [[noreturn]] static void unencodable(const std::string& field, const std::string& value) {
    throw Error(ErrorKind::bad_input, field + ": cannot be encoded: " + value);
  }
  Writer& counted(const Bytes& value, const char* what) {
    if (value.size() > 255) unencodable(what, std::to_string(value.size()) + " octets");
    octets_.push_back(static_cast<std::uint8_t>(value.size()));
    return raw(value);
  }

  std::uint8_t doi_;
  Bytes octets_;
};

/// Reads what Writer writes, and nothing else.
class Reader {
 public:
  Reader(ByteView octets, std::uint8_t doi) : reader_(octets), doi_(doi) {}

  std::uint32_t u32(std::string_view what) { return reader_.u32(what); }
  bool flag(std::string_view what) {
    const std::uint8_t value = reader_.u8(what);
    if (value > 1) malformed(std::string(what) + ": " + std::to_string(value) + ", 0 or 1 expected");
    return value == 1;
  }
  Bytes hmac() { return owned(reader_.take(hmac_size, "HMAC")); }

  Bytes der(std::uint8_t tag, std::string_view what) {
    const std::uint8_t found = reader_.u8(what);
    if (found != tag)
      malformed(std::string(what) + ": tag " + std::to_string(found) + ", " + std::to_string(tag) + " expected");
    Bytes element = {tag};
    std::size_t length = reader_.u8(what);
    element.push_back(static_cast<std::uint8_t>(length));
    if (length >= 0x80) {
      const std::size_t octets = length - 0x80;
      // A UDP datagram holds no element that needs more than two.
      if (octets == 0 || octets > 2) malformed(std::string(what) + ": DER length is not of the 0x81 or 0x82 form");
      length = octets == 1 ? reader_.u8(what) : reader_.u16(what);
      if (length < (octets == 1 ? 0x80U : 0x100U)) malformed(std::string(what) + ": DER length is not minimal");
      append_big_endian(element, length, static_cast<unsigned>(octets));
    }
    append(element, reader_.take(length, what));
    return element;
  }

  std::string principal() {
    std::string name;
    while (const std::uint8_t octet = reader_.u8("server principal")) {
      if (octet >= 0x80) malformed("server principal: octet " + std::to_string(octet) + " is not ASCII");
      name.push_back(static_cast<char>(octet));
    }
    return name;
  }

  std::string timestamp() {
    const ByteView octets = reader_.take(timestamp_size, "timestamp");
    std::string text(octets.begin(), octets.end());
    if (!is_timestamp(text)) malformed("timestamp: \"" + text + "\", YYMMDDhhmmssZ expected");
    return text;
  }

  ApplicationData application() {
    if (doi_ == doi_ipsec) return IpsecData{.spi = reader_.u32("SPI")};
    SnmpData snmp;
    snmp.engine_id = owned(reader_.take(reader_.u8("engine id length"), "engine id"));
    snmp.engine_boots = reader_.u32("engine boots");
    snmp.engine_time = reader_.u32("engine time");
    const ByteView name = reader_.take(reader_.u8("user name length"), "user name");
    snmp.user_name.assign(name.begin(), name.end());
    return snmp;
  }

  std::vector<Ciphersuite> ciphersuites() {
    std::vector<Ciphersuite> suites(reader_.u8("ciphersuite count"));
    for (Ciphersuite& suite : suites) {
      suite.authentication = reader_.u8("ciphersuite list");
      suite.transform = reader_.u8("ciphersuite list");
    }
    return suites;
  }

  void end() const {
    if (!reader_.empty()) malformed(std::to_string(reader_.remaining()) + " octets behind the message");
  }

 private:
  static Bytes owned(ByteView view) { return {view.begin(), view.end()}; }

  ByteReader reader_;
  std::uint8_t doi_;
};

/// Profile: with DOI 2 a Rekey carries what an AP Reply does. Both directions in one place, so that a better source
/// changes this.
Writer& rekey_application_data(Writer& writer, const ApplicationData& data) { return writer.application(data); }
ApplicationData rekey_application_data(Reader& reader) { return reader.application(); }

Message decode_body(MessageId id, std::uint8_t doi, std::uint8_t version, Reader& reader) {
  // Braced lists evaluate in order, which is the order on the wire.
  switch (id) {
    case MessageId::wake_up: return WakeUp{doi, version, reader.u32("server nonce"), reader.principal()};
    case MessageId::ap_request:
      return ApRequest{doi,
                       version,
                       reader.der(tag_ap_req, "KRB_AP_REQ"),
                       reader.u32("server nonce"),
                       reader.application(),
                       reader.ciphersuites(),
                       reader.flag("re-establish flag"),
                       reader.hmac()};
    case MessageId::ap_reply:
      return ApReply{doi,
                     version,
                     reader.der(tag_ap_rep, "KRB_AP_REP"),
                     reader.application(),
                     reader.ciphersuites(),
                     reader.u32("lifetime"),
                     reader.u32("grace period"),
                     reader.flag("re-establish flag"),
                     reader.flag("acknowledgement-required flag"),
                     reader.hmac()};
    case MessageId::sa_recovered: return SaRecovered{doi, version, reader.hmac()};
    case MessageId::rekey:
      return Rekey{doi,
                   version,
                   reader.u32("server nonce"),
                   reader.principal(),
                   reader.timestamp(),
                   rekey_application_data(reader),
                   reader.ciphersuites(),
                   reader.u32("lifetime"),
                   reader.u32("grace period"),
                   reader.flag("re-establish flag"),
                   reader.hmac()};
    case MessageId::error_reply: return ErrorReply{doi, version, reader.der(tag_krb_error, "KRB_ERROR")};
  }
  malformed("KMMID: " + std::to_string(static_cast<unsigned>(id)) + ", 1 to 6 expected");
}

}  // namespace

Bytes encode(const WakeUp& message) {
  return Writer(MessageId::wake_up, message.doi, message.version)
      .u32(message.server_nonce)
      .principal(message.server_principal)
      .take();
}

Bytes encode(const ApRequest& message) {
  return Writer(MessageId::ap_request, message.doi, message.version)
      .der(message.ap_req, tag_ap_req, "KRB_AP_REQ")
      .u32(message.server_nonce)
      .application(message.application)
      .ciphersuites(message.ciphersuites)
      .flag(message.reestablish)
      .hmac(message.hmac)
      .take();
}

Bytes encode(const ApReply& message) {
  return Writer(MessageId::ap_reply, message.doi, message.version)
      .der(message.ap_rep, tag_ap_rep, "KRB_AP_REP")
      .application(message.application)
      .ciphersuites(message.ciphersuites)
      .u32(message.lifetime_s)
      .u32(message.grace_period_s)
      .flag(message.reestablish)
      .flag(message.acknowledgement_required)
      .hmac(message.hmac)
      .take();
}

Bytes encode(const SaRecovered& message) {
  return Writer(MessageId::sa_recovered, message.doi, message.version).hmac(message.hmac).take();
}

Bytes encode(const Rekey& message) {
  Writer writer(MessageId::rekey, message.doi, message.version);
  writer.u32(message.server_nonce).principal(message.server_principal).timestamp(message.timestamp);
  return rekey_application_data(writer, message.application)
      .ciphersuites(message.ciphersuites)
      .u32(message.lifetime_s)
      .u32(message.grace_period_s)
      .flag(message.reestablish)
      .hmac(message.hmac)
      .take();
}

Bytes encode(const ErrorReply& message) {
  return Writer(MessageId::error_reply, message.doi, message.version)
      .der(message.krb_error, tag_krb_error, "KRB_ERROR")
      .take();
}

Message decode(ByteView octets) {
  ByteReader header(octets);
  const std::uint8_t id = header.u8("KMMID");
  const std::uint8_t doi = header.u8("DOI");
  const std::uint8_t version = header.u8("version");
  if (doi != doi_ipsec && doi != doi_snmp) malformed("DOI: " + std::to_string(doi) + ", 1 or 2 expected");
  Reader reader(header.rest(), doi);
  Message message = decode_body(static_cast<MessageId>(id), doi, version, reader);
  reader.end();
  return message;
}

}  // namespace reveille::keymgmt
