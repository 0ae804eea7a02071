// SPDX-License-Identifier: Apache-2.0
#pragma once

// The two directions that a Schema runs in; internal to model/kerberos.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "reveille/kerberos/der.hpp"
#include "reveille/kerberos/messages.hpp"
#include "reveille/kerberos/schema.hpp"

namespace reveille::kerberos {

constexpr std::int64_t int32_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t uint32_max = std::numeric_limits<std::uint32_t>::max();

template <typename T>
concept Tagged = requires {
  Schema<T>::application;
};

/// What may be sent of a text that may repeat a peer's octets: printable ASCII, and not more of it than people read.
inline std::string readable(std::string_view text) {
  constexpr std::size_t longest = 128;
  std::string out(text.substr(0, longest));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return out;
}

/// Writes the fields of one SEQUENCE.
class Encoder {
 public:
  template <typename T>
  static SecretBytes value(const T& v) {
    if constexpr (std::is_integral_v<T>) {
      return der::integer(v);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return der::general_string(v);
    } else if constexpr (std::is_same_v<T, Bytes>) {
      return der::octet_string(v);
    } else if constexpr (std::is_same_v<T, Key>) {
      Encoder io;
      io(0, static_cast<std::int32_t>(v.etype()), "keytype");
      io.put(1, der::octet_string(v.octets()));
      return io.sequence();
    } else {
      Encoder io;
      Schema<T>::fields(io, v);
      if constexpr (Tagged<T>) return der::tag_length_value(der::application(Schema<T>::application), io.sequence());
      return io.sequence();
    }
  }

  template <typename T>
  static SecretBytes sequence_of(const std::vector<T>& items) {
    SecretBytes content;
    for (const T& item : items) append(content, value(item));
    return der::tag_length_value(der::sequence_tag, content);
  }

  template <typename T>
  void operator()(unsigned n, const T& v, const char* /*what*/) {
    put(n, value(v));
  }
  template <typename T>
  void operator()(unsigned n, const std::optional<T>& v, const char* /*what*/) {
    if (v) put(n, value(*v));
  }
  template <typename T>
  void if_any(unsigned n, const T& v, const char* what) {
    if (!v.empty()) (*this)(n, v, what);
  }
  template <typename T>
  requires(!std::is_same_v<T, std::uint8_t>) void if_any(unsigned n, const std::vector<T>& v, const char* what) {
    if (!v.empty()) list(n, v, what);
  }
  template <typename T>
  void list(unsigned n, const std::vector<T>& v, const char* /*what*/) {
    put(n, sequence_of(v));
  }
  void text(unsigned n, const std::string& v, const char* /*what*/) {
    if (!v.empty()) put(n, der::general_string(readable(v)));
  }
  void constant(unsigned n, int v, const char* /*what*/) { put(n, der::integer(v)); }
  void enumeration(unsigned n, ErrorCode v, const char* /*what*/) { put(n, der::integer(static_cast<int>(v))); }
  void flags(unsigned n, std::uint32_t v, const char* /*what*/) { put(n, der::flags(v)); }
  void time(unsigned n, std::optional<Time> v, const char* /*what*/) {
    if (v) put(n, der::generalized_time(*v));
  }
  void cusec(unsigned n, std::optional<Time> v, const char* /*what*/) {
    if (v) put(n, der::integer(microseconds_of(*v)));
  }
  /// Signed, as MIT and Active Directory write it; one below 2^31 is the same either way.
  void kvno(unsigned n, const std::optional<std::uint32_t>& v, const char* /*what*/) {
    if (v) put(n, der::integer(static_cast<std::int32_t>(*v)));
  }
  void sequence_number(unsigned n, const std::optional<std::uint32_t>& v) { (*this)(n, v, "seq-number"); }
  void group(unsigned n, const char* /*what*/, auto&& fields) {
    Encoder inner;
    fields(inner);
    put(n, inner.sequence());
  }
  void keep(unsigned /*n*/, const Bytes& /*octets*/, const char* /*what*/) {}
  void more() {}

  [[nodiscard]] SecretBytes sequence() const { return der::tag_length_value(der::sequence_tag, content_); }

 private:
  void put(unsigned n, ByteView encoded) { append(content_, der::tag_length_value(der::context(n), encoded)); }
  SecretBytes content_;  ///< wiped: some messages hold keys
};

/// Reads the fields of one SEQUENCE.
class Decoder {
  [[nodiscard]] bool has(unsigned n) const { return fields_.next_is(der::context(n)); }

  auto read(unsigned n, const char* what, auto&& reader) {
    der::Reader field = fields_.enter(der::context(n), what);
    auto v = reader(field);
    field.finish(what);
    return v;
  }

 public:
  Decoder(der::Reader& in, const char* what) : fields_(in.enter(der::sequence_tag, what)) {}

  template <typename T>
  static T value(der::Reader& in, const char* what) {
    if constexpr (std::is_same_v<T, std::int32_t>) {
      return static_cast<T>(in.integer(int32_min, int32_max, what));
    } else if constexpr (std::is_same_v<T, std::uint32_t>) {
      return static_cast<T>(in.integer(0, uint32_max, what));
    } else if constexpr (std::is_same_v<T, std::int64_t>) {  // a UInt32 that some peers sign
      return in.integer(int32_min, uint32_max, what);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return in.general_string(what);
    } else if constexpr (std::is_same_v<T, Bytes>) {
      return in.octet_string(what);
    } else if constexpr (std::is_same_v<T, SecretBytes>) {
      const ByteView octets = in.take(der::octet_string_tag, what);
      return {octets.begin(), octets.end()};
    } else if constexpr (std::is_same_v<T, Key>) {
      return key(in, what);
    } else if constexpr (Tagged<T>) {
      der::Reader inner = in.enter(der::application(Schema<T>::application), what);
      T v = structure<T>(inner, what);
      inner.finish(what);
      return v;
    } else {
      return structure<T>(in, what);
    }
  }

  template <typename T>
  static std::vector<T> sequence_of(der::Reader& in, const char* what) {
    der::Reader items = in.enter(der::sequence_tag, what);
    std::vector<T> out;
    while (!items.empty()) out.push_back(value<T>(items, what));
    return out;
  }

  template <typename T>
  void operator()(unsigned n, T& v, const char* what) {
    v = read(n, what, [&](der::Reader& in) { return value<T>(in, what); });
  }
  template <typename T>
  void operator()(unsigned n, std::optional<T>& v, const char* what) {
    if (has(n)) v = read(n, what, [&](der::Reader& in) { return value<T>(in, what); });
  }
  template <typename T>
  void if_any(unsigned n, T& v, const char* what) {
    if (has(n)) (*this)(n, v, what);
  }
  template <typename T>
  requires(!std::is_same_v<T, std::uint8_t>) void if_any(unsigned n, std::vector<T>& v, const char* what) {
    if (has(n)) list(n, v, what);
  }
  template <typename T>
  void list(unsigned n, std::vector<T>& v, const char* what) {
    v = read(n, what, [&](der::Reader& in) { return sequence_of<T>(in, what); });
  }
  /// Peers send UTF-8 too; section 5.2.1 lets a receiver take it.
  void text(unsigned n, std::string& v, const char* what) {
    if (!has(n)) return;
    v = read(n, what, [&](der::Reader& in) {
      const ByteView octets = in.take(der::general_string_tag, what);
      return std::string(octets.begin(), octets.end());
    });
  }
  void constant(unsigned n, int v, const char* what) {
    read(n, what, [&](der::Reader& in) { return in.integer(v, v, what); });
  }
  void enumeration(unsigned n, ErrorCode& v, const char* what) {
    v = static_cast<ErrorCode>(read(n, what, [&](der::Reader& in) { return value<std::int32_t>(in, what); }));
  }
  void flags(unsigned n, std::uint32_t& v, const char* what) {
    v = read(n, what, [&](der::Reader& in) { return in.flags(what); });
  }
  // Seconds and microseconds come as two fields, in either order, and add up.
  void time(unsigned n, Time& v, const char* what) {
    v += read(n, what, [&](der::Reader& in) { return in.generalized_time(what); });
  }
  void cusec(unsigned n, Time& v, const char* what) {
    v += read(n, what, [&](der::Reader& in) { return in.integer(0, 999'999, what); });
  }
  void time(unsigned n, std::optional<Time>& v, const char* what) {
    if (has(n)) time(n, v.emplace(0), what);
  }
  /// Without its seconds, which then are absent, it says nothing and is forgotten.
  void cusec(unsigned n, std::optional<Time>& v, const char* what) {
    Time unused = 0;
    if (has(n)) cusec(n, v ? *v : unused, what);
  }
  /// Both forms: as RFC 4120 writes it, and signed.
  void kvno(unsigned n, std::optional<std::uint32_t>& v, const char* what) {
    if (!has(n)) return;
    v = static_cast<std::uint32_t>(read(n, what, [&](der::Reader& in) { return value<std::int64_t>(in, what); }));
  }
  /// Negative ones are accepted: older peers sign them (section 5.5.1).
  void sequence_number(unsigned n, std::optional<std::uint32_t>& v) { kvno(n, v, "seq-number"); }
  void group(unsigned n, const char* what, auto&& fields) {
    read(n, what, [&](der::Reader& in) {
      Decoder inner(in, what);
      fields(inner);
      inner.finish(what);
      return 0;
    });
  }
  /// The next field's value as it was sent, without taking it.
  void keep(unsigned n, Bytes& octets, const char* what) const {
    der::Reader ahead = fields_;
    const ByteView view = ahead.take(der::context(n), what);
    octets.assign(view.begin(), view.end());
  }

  void more() { fields_ = der::Reader({}); }

  void finish(const char* what) const { fields_.finish(what); }

 private:
  template <typename T>
  static T blank() {
    if constexpr (requires(T v) { v.key; }) {
      return T{.key = Key(Etype::aes128_sha1, Bytes(16))};  // overwritten: the field is not optional
    } else {
      return T{};
    }
  }

  template <typename T>
  static T structure(der::Reader& in, const char* what) {
    T v = blank<T>();
    Decoder io(in, what);
    Schema<T>::fields(io, v);
    io.finish(what);
    return v;
  }

  static Key key(der::Reader& in, const char* what) {
    std::int32_t type = 0;
    SecretBytes octets;
    Decoder io(in, what);
    io(0, type, "keytype");
    io(1, octets, "keyvalue");
    io.finish(what);
    const std::optional<Etype> etype = to_etype(type);
    if (!etype)
      throw ProtocolError(ErrorCode::etype_not_supported, std::string(what) + " of type " + std::to_string(type));
    if (octets.size() != key_size(*etype)) throw Error(ErrorKind::malformed, std::string(what) + ": wrong length");
    return Key(*etype, octets);
  }

  der::Reader fields_;
};

/// The whole of `octets` as one T.
template <typename T>
T decode(ByteView octets, const char* what) {
  der::Reader in(octets);
  T v = Decoder::value<T>(in, what);
  in.finish(what);
  return v;
}

}  // namespace reveille::kerberos
