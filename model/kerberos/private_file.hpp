// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "reveille/kerberos/secret.hpp"

namespace reveille::kerberos {

/// Throws Error{bad_input} naming the file and the mode that it should have, if others than its owner may read or write
/// it. What is not there passes.
void require_private(const std::filesystem::path& path);

/// The octets of a regular file with secrets, which only its owner may read, 64 MiB at most. Throws Error{bad_input}
/// with the path.
SecretBytes read_private_file(const std::filesystem::path& path);

/// Readable by its owner alone from the first octet on, and there in whole or not at all: whoever is stopped in the
/// middle leaves what was there before. Throws Error{bad_input} with the path.
void write_private_file(const std::filesystem::path& path, ByteView octets);

}  // namespace reveille::kerberos
