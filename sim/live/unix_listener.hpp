// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace reveille::sim {

/// A UNIX stream socket that listens, for this user alone, and is gone with this object.
class UnixListener {
 public:
  /// Error{bad_input} naming option and path; one that a program left behind is taken over.
  UnixListener(const std::filesystem::path& path, const char* option);
  ~UnixListener();
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Who waits, or -1; the connection never blocks.
  [[nodiscard]] int accept() const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// A name that one process of a network namespace can have, and that is gone with it, however that ends: an abstract
/// UNIX socket's.
class OnlyOne {
 public:
  explicit OnlyOne(std::string name) : name_(std::move(name)) {}
  ~OnlyOne();
  OnlyOne(const OnlyOne&) = delete;
  OnlyOne& operator=(const OnlyOne&) = delete;
  /// Takes the name, or has it already; false where another process has it.
  bool take();

 private:
  std::string name_;
  int descriptor_ = -1;
};

/// A connection to one, which never blocks; -1 and errno where there is none.
int connect_unix(const std::filesystem::path& path);

}  // namespace reveille::sim
