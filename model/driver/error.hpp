// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/common/error.hpp"
#include "reveille/driver/types.hpp"

namespace reveille::driver {

/// The bus answers with an error: no register is there, or it is locked.
class BusError : public Error {
 public:
  explicit BusError(const std::string& message) : Error(ErrorKind::protocol, message) {}
};

/// The bus does not answer, or what is waited for does not come.
class BusTimeout : public BusError {
 public:
  using BusError::BusError;
};

/// Somebody else drives this core.
class BusInUse : public BusError {
 public:
  using BusError::BusError;
};

/// The core stands by for another one, from which it takes over by itself.
class StandsBy : public BusError {
 public:
  using BusError::BusError;
};

/// What answers is no core, or one of another version.
class WrongCore : public Error {
 public:
  explicit WrongCore(const std::string& message) : Error(ErrorKind::protocol, message) {}
};

/// The nonce generator has failed for good: its noise source is broken or silent.
class GeneratorFailed : public Error {
 public:
  explicit GeneratorFailed(const std::string& message) : Error(ErrorKind::protocol, message) {}
};

/// A command that the core refuses.
class Refused : public Error {
 public:
  Refused(ResultCode code, const std::string& message) : Error(ErrorKind::protocol, message), code_(code) {}
  [[nodiscard]] ResultCode code() const noexcept { return code_; }

 private:
  ResultCode code_;
};

template <ResultCode refusal>
class RefusedAs : public Refused {
 public:
  explicit RefusedAs(const std::string& message) : Refused(refusal, message) {}
};
using StoreFull = RefusedAs<ResultCode::full>;
using SessionLive = RefusedAs<ResultCode::live>;
using NotReady = RefusedAs<ResultCode::not_ready>;
using NoSession = RefusedAs<ResultCode::not_found>;  ///< ordinary where it ended meanwhile
using WrongState = RefusedAs<ResultCode::wrong_state>;
using BadArgument = RefusedAs<ResultCode::bad_argument>;

}  // namespace reveille::driver
