// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "reveille/common/bytes.hpp"

namespace reveille::sim {

/// An Ethernet interface of this machine, frame by frame as they are on the wire, without FCS. Every call that finds it
/// gone or down is Error{bad_input} naming it.
class Interface {
 public:
  /// Of an existing interface, which must be up, or of `tap:NAME`, which is made, and gone with the object.
  /// Error{bad_input} naming interface and reason, and the capability that is missing.
  static std::unique_ptr<Interface> open(const std::string& name);
  virtual ~Interface() = default;
  Interface(const Interface&) = delete;
  Interface& operator=(const Interface&) = delete;

  using Take = std::function<void(ByteView)>;
  /// Hands over what waits, some 64 frames at most. Whether there was any.
  virtual bool receive(const Take& take) = 0;
  /// The frame goes out with the next flush(), at the latest. What cannot be sent is counted.
  virtual void send(ByteView frame) = 0;
  virtual void flush() = 0;
  /// Once a second or so: looks whether it is up, and what the kernel has dropped meanwhile.
  virtual void look();
  /// Whether its line is there: the cable is in, or the other end of a veth pair is up.
  [[nodiscard]] bool has_line() const;

  /// Of this program, since the beginning. Nothing else is lost between this interface and the core.
  struct Losses {
    std::uint64_t not_read = 0;  ///< the kernel's queue for this program was full
    std::uint64_t not_cut = 0;   ///< left uncut by the sender's stack in a form that is not known here
    std::uint64_t not_sent = 0;  ///< the kernel refused it: too long for the interface, or its queue stayed full
    std::uint64_t device = 0;    ///< the interface dropped it: its peer did not take it
    [[nodiscard]] std::uint64_t all() const { return not_read + not_cut + not_sent + device; }
  };
  [[nodiscard]] const Losses& losses() const { return losses_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] const std::array<std::uint8_t, 6>& mac() const { return mac_; }
  /// The addresses that this machine's own stack has there, past the guard; separated by commas.
  [[nodiscard]] std::string own_addresses() const;

 protected:
  Interface(std::string name, int descriptor);
  /// What `errno` says of `what`.
  [[noreturn]] void fail(const std::string& what) const;
  /// After a failed call: returns unless the interface is gone or down.
  void require_up() const;

  std::string name_;
  int descriptor_;
  Losses losses_;
  std::array<std::uint8_t, 6> mac_{};

 private:
  std::uint64_t device_drops_before_ = 0;
};

}  // namespace reveille::sim
