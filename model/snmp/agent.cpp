// SPDX-License-Identifier: Apache-2.0
#include "reveille/snmp/agent.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "reveille/kerberos/der.hpp"
#include "reveille/kerberos/hash.hpp"

namespace reveille::snmp {

namespace {

namespace der = kerberos::der;
using kerberos::SecretBytes;

constexpr std::int64_t version_3 = 3, user_based = 3, largest_message = 65'507;
constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
constexpr std::uint8_t authenticated = 1, privacy = 2, reportable = 4;  // msgFlags
constexpr std::uint8_t null_tag = 0x05, identifier_tag = 0x06, counter_tag = 0x41, ticks_tag = 0x43;
constexpr std::uint8_t no_such_object = 0x80, get_request = 0xA0, response = 0xA2, report = 0xA8;
/// usmStatsNotInTimeWindows.0, 1.3.6.1.6.3.15.1.1.2.0
constexpr std::uint8_t not_in_time_windows[] = {0x2B, 6, 1, 6, 3, 15, 1, 1, 2, 0};
constexpr std::int64_t time_window = 150;

SecretBytes sequence(std::initializer_list<SecretBytes> parts, std::uint8_t tag = der::sequence_tag) {
  SecretBytes content;
  for (const SecretBytes& part : parts) append(content, part);
  return der::tag_length_value(tag, content);
}

/// A tag and an unsigned number, as an INTEGER writes it.
SecretBytes number(std::uint8_t tag, std::uint32_t value) {
  SecretBytes octets = der::integer(value);
  octets[0] = tag;
  return octets;
}

struct Header {
  std::int64_t message_id = 0;
  std::uint8_t flags = 0;
  ByteView engine_id, name, mac, salt;
  std::int64_t boots = 0, time = 0;
  ByteView data;  ///< what is behind it
};

Header read_header(ByteView message) {
  der::Reader whole(message);
  const ByteView content = whole.take(der::sequence_tag, "SNMPv3Message");
  whole.finish("SNMPv3Message");
  der::Reader in(content);
  in.integer(version_3, version_3, "msgVersion");
  der::Reader global = in.enter(der::sequence_tag, "msgGlobalData");
  Header header;
  header.message_id = global.integer(0, most, "msgID");
  global.integer(484, most, "msgMaxSize");
  header.flags = ByteReader(global.take(der::octet_string_tag, "msgFlags")).u8("msgFlags");
  global.integer(user_based, user_based, "msgSecurityModel");
  der::Reader parameters(in.take(der::octet_string_tag, "msgSecurityParameters"));
  der::Reader user = parameters.enter(der::sequence_tag, "UsmSecurityParameters");
  header.engine_id = user.take(der::octet_string_tag, "msgAuthoritativeEngineID");
  header.boots = user.integer(0, most, "msgAuthoritativeEngineBoots");
  header.time = user.integer(0, most, "msgAuthoritativeEngineTime");
  header.name = user.take(der::octet_string_tag, "msgUserName");
  header.mac = user.take(der::octet_string_tag, "msgAuthenticationParameters");
  header.salt = user.take(der::octet_string_tag, "msgPrivacyParameters");
  header.data = in.next_is(der::octet_string_tag) ? in.take(der::octet_string_tag, "encryptedPDU")
                                                  : in.take(der::sequence_tag, "ScopedPDU");
  return header;
}

bool is_authentic(const User& user, ByteView message, ByteView mac) {
  if (mac.size() != mac_size) return false;
  Bytes zeroed(message.begin(), message.end());
  std::fill_n(zeroed.begin() + (mac.data() - message.data()), mac_size, std::uint8_t{0});
  return kerberos::equal_constant_time(user.mac(zeroed), mac);
}

struct Request {
  ByteView context_engine, context_name;
  std::int64_t id = 0;
  std::vector<ByteView> identifiers;
};

/// `scoped`: the content of a ScopedPDU with a GetRequest.
Request read_request(ByteView scoped) {
  der::Reader in(scoped);
  Request request;
  request.context_engine = in.take(der::octet_string_tag, "contextEngineID");
  request.context_name = in.take(der::octet_string_tag, "contextName");
  der::Reader pdu = in.enter(get_request, "GetRequest");
  request.id = pdu.integer(std::numeric_limits<std::int32_t>::min(), most, "request-id");
  pdu.integer(0, most, "error-status");
  pdu.integer(0, most, "error-index");
  der::Reader bindings = pdu.enter(der::sequence_tag, "variable-bindings");
  while (!bindings.empty()) {
    der::Reader binding = bindings.enter(der::sequence_tag, "VarBind");
    request.identifiers.push_back(binding.take(identifier_tag, "name"));
    binding.take(null_tag, "value");
  }
  return request;
}

SecretBytes binding(ByteView identifier, const SecretBytes& value) {
  return sequence({der::tag_length_value(identifier_tag, identifier), value});
}

SecretBytes scoped_pdu(ByteView context_engine, ByteView context_name, std::uint8_t kind, std::int64_t id,
                       const SecretBytes& bindings) {
  return sequence({der::octet_string(context_engine), der::octet_string(context_name),
                   sequence({der::integer(id), der::integer(0), der::integer(0),
                             der::tag_length_value(der::sequence_tag, bindings)},
                            kind)});
}

}  // namespace

Value octet_string(const std::string& text) {
  return der::octet_string({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Value time_ticks(kerberos::Time time) { return number(ticks_tag, static_cast<std::uint32_t>(time / 10'000)); }

std::optional<Bytes> Agent::answer(ByteView message, kerberos::Time now, const Lookup& lookup) {
  try {
    const Header header = read_header(message);
    const bool is_private = (header.flags & privacy) != 0;
    if (!std::ranges::equal(header.engine_id, user_.engine_id) || !std::ranges::equal(header.name, user_.name)) {
      return std::nullopt;
    }
    if ((header.flags & authenticated) == 0 || is_private != user_.has_privacy()) return std::nullopt;
    if (!is_authentic(user_, message, header.mac)) return std::nullopt;
    if (header.boots != user_.boots || std::abs(header.time - std::int64_t{time(now)}) > time_window) {
      if ((header.flags & reportable) == 0) return std::nullopt;
      const SecretBytes counted = binding(not_in_time_windows, number(counter_tag, ++out_of_window_));
      return protect(header.message_id, false, scoped_pdu(user_.engine_id, {}, report, 0, counted), now);
    }
    Bytes plain;
    ByteView scoped = header.data;
    if (is_private) {
      plain = user_.decrypt(header.data, header.salt);
      scoped = der::Reader(plain).take(der::sequence_tag, "ScopedPDU");  // padding may be behind it
    }
    const Request request = read_request(scoped);
    SecretBytes bindings;
    for (const ByteView identifier : request.identifiers) {
      append(bindings, binding(identifier, lookup(identifier).value_or(Value{no_such_object, 0})));
    }
    return protect(header.message_id, is_private,
                   scoped_pdu(request.context_engine, request.context_name, response, request.id, bindings), now);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::malformed) throw;
    return std::nullopt;
  }
}

Bytes Agent::protect(std::int64_t message_id, bool is_private, const SecretBytes& scoped, kerberos::Time now) {
  Bytes salt;
  SecretBytes data = scoped;
  if (is_private) {
    append_big_endian(salt, user_.boots, 4);
    append_big_endian(salt, ++salt_, 4);
    while (data.size() % 8 != 0) data.push_back(0);
    data = der::octet_string(user_.encrypt(data, salt));
  }
  const std::uint8_t flags = is_private ? authenticated | privacy : authenticated;
  const Bytes user_name(user_.name.begin(), user_.name.end()), zeros(mac_size);
  const SecretBytes parameters =
      sequence({der::octet_string(user_.engine_id), der::integer(user_.boots), der::integer(time(now)),
                der::octet_string(user_name), der::octet_string(zeros), der::octet_string(salt)});
  const SecretBytes whole = sequence({der::integer(version_3),
                                      sequence({der::integer(message_id), der::integer(largest_message),
                                                der::octet_string(ByteView(&flags, 1)), der::integer(user_based)}),
                                      der::octet_string(parameters), data});
  Bytes message(whole.begin(), whole.end());
  const ByteView place = read_header(message).mac;
  const auto offset = place.data() - message.data();
  std::ranges::copy(user_.mac(message), message.begin() + offset);
  return message;
}

}  // namespace reveille::snmp
