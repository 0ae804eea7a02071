// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/operation_counter.hpp"

namespace reveille::kerberos {
namespace {
thread_local OperationCounter unread;
thread_local OperationCounter* current = &unread;
}  // namespace

OperationScope::OperationScope(OperationCounter& counter) noexcept : outer_(current) { current = &counter; }
OperationScope::~OperationScope() { current = outer_; }

OperationCounter& current_operations() noexcept { return *current; }

}  // namespace reveille::kerberos
