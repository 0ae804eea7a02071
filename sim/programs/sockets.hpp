// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sockets that never wait, of both families.

#include <optional>
#include <string>
#include <utility>

#include "reveille/nodes/datagram.hpp"

namespace reveille::sim {

/// As 192.0.2.1:88 or [2001:db8::1]:88.
std::string to_text(const nodes::Endpoint& endpoint);

/// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

/// Datagrams of one port and one address, or of all addresses of a family (0.0.0.0, ::). A failed bind is
/// Error{bad_input} naming them.
class UdpSocket {
 public:
  explicit UdpSocket(const nodes::Endpoint& own);
  [[nodiscard]] int number() const noexcept { return descriptor_.number(); }
  [[nodiscard]] const nodes::Endpoint& own() const noexcept { return own_; }
  /// Nothing when none is there. Its destination is the address that it was sent to. What the network says of an
  /// earlier one that was sent is no reason to throw.
  [[nodiscard]] std::optional<nodes::Datagram> receive() const;
  /// As the network may, it may lose it.
  void send(const nodes::Endpoint& to, ByteView payload) const;
  /// From the address that the request was sent to, where the system would choose another of the machine's.
  void answer(const nodes::Datagram& request, ByteView payload) const;

 private:
  Descriptor descriptor_;
  nodes::Endpoint own_;
  bool is_of_all_;
  mutable Bytes buffer_;
};

/// A stream, connected or about to be.
class TcpSocket {
 public:
  TcpSocket(Descriptor descriptor, const nodes::Endpoint& peer) : descriptor_(std::move(descriptor)), peer_(peer) {}
  /// Begins to connect; nothing if that fails at once.
  static std::optional<TcpSocket> connect(const nodes::Endpoint& peer);

  [[nodiscard]] int number() const noexcept { return descriptor_.number(); }
  [[nodiscard]] const nodes::Endpoint& peer() const noexcept { return peer_; }
  /// Appends what is there; false when the stream has ended or failed.
  [[nodiscard]] bool receive(Bytes& into) const;
  /// Takes off the front what was sent; false when the stream has failed.
  [[nodiscard]] bool send(Bytes& from) const;

 private:
  Descriptor descriptor_;
  nodes::Endpoint peer_;
};

class TcpListener {
 public:
  explicit TcpListener(const nodes::Endpoint& own);
  [[nodiscard]] int number() const noexcept { return descriptor_.number(); }
  [[nodiscard]] std::optional<TcpSocket> accept() const;

 private:
  Descriptor descriptor_;
};

}  // namespace reveille::sim
