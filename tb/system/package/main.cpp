// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.hpp"
#include "reveille/verdict.hpp"

int main() {
  const reveille::Bytes octets = {0, 13};
  reveille::ByteReader reader(octets);
  return reader.u16("code") == reveille::index(reveille::Verdict::accepted) ? 0 : 1;
}
