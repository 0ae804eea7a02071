// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "model/kerberos/realm.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "reveille/kerberos/pkinit.hpp"

using namespace reveille;
using namespace reveille::kerberos;

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "reveille-private-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

mode_t mode_of(const fs::path& path) {
  struct stat state = {};
  REQUIRE(::stat(path.c_str(), &state) == 0);
  return state.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a private file is its owner's alone, replaced in one step, and refused where others may read it") {
  const Folder folder;
  const fs::path path = folder / "secret";
  const mode_t mask = ::umask(0);
  write_private_file(path, Bytes{1, 2, 3});
  ::umask(mask);
  CHECK(mode_of(path) == 0600);
  CHECK(read_private_file(path) == Bytes{1, 2, 3});
  fs::permissions(path, fs::perms(0644));
  CHECK_THROWS_WITH(read_private_file(path), ContainsSubstring("secret: mode 0644") && ContainsSubstring("0600"));
  CHECK_THROWS_AS(require_private(path), Error);
  write_private_file(path, Bytes{4});  // which is a new file
  CHECK(mode_of(path) == 0600);
  CHECK(read_private_file(path) == Bytes{4});
  CHECK(folder.files() == 1);
  CHECK_THROWS_WITH(write_private_file(folder / "none/secret", Bytes{1}), ContainsSubstring("none/secret"));
  CHECK_THROWS_WITH(read_private_file(folder / "none"), ContainsSubstring("none: cannot be read"));
}

TEST_CASE("what is no file of secrets is refused at once: a pipe that nobody writes, a folder, more than 64 MiB") {
  const Folder folder;
  const fs::path path = folder / "secret";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_private_file(path), ContainsSubstring("secret: cannot be read: a regular file expected"));
  CHECK_THROWS_WITH(pkinit::Anchors(path), ContainsSubstring("secret: cannot be read: a regular file expected"));
  CHECK_THROWS_WITH(read_private_file(folder / "."), ContainsSubstring("a regular file expected"));
  write_private_file(folder / "large", Bytes{1});
  fs::resize_file(folder / "large", 64 << 20);  // of holes
  CHECK(read_private_file(folder / "large").size() == 64 << 20);
  fs::resize_file(folder / "large", (64 << 20) + 1);
  CHECK_THROWS_WITH(read_private_file(folder / "large"), ContainsSubstring("large: cannot be read: more than 64 MiB"));
}

TEST_CASE("a private file is read and closed where its descriptor is 0, as in a process without standard input") {
  const Folder folder;
  write_private_file(folder / "secret", Bytes{1, 2, 3});
  const int standard_input = ::dup(STDIN_FILENO);
  ::close(STDIN_FILENO);
  const SecretBytes read = read_private_file(folder / "secret");
  const bool closed = ::fcntl(STDIN_FILENO, F_GETFD) < 0;
  if (standard_input >= 0) {
    ::dup2(standard_input, STDIN_FILENO);
    ::close(standard_input);
  }
  CHECK(read == Bytes{1, 2, 3});
  CHECK(closed);
}

TEST_CASE("a writer that is killed in the middle leaves the old file or the new one, whole") {
  const Folder folder;
  const fs::path path = folder / "secret";
  const Bytes old(1 << 20, 0xAA), anew(1 << 20, 0x55);
  write_private_file(path, old);
  for (int i = 0; i < 20; ++i) {
    const pid_t writer = ::fork();
    if (writer == 0) {
      for (;;) {
        write_private_file(path, anew);
        write_private_file(path, old);
      }
    }
    ::usleep(static_cast<useconds_t>(500 + 700 * i));
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    const SecretBytes read = read_private_file(path);
    CHECK((read == old || read == anew));
    for (const auto& entry : fs::directory_iterator(path.parent_path())) {
      const SecretBytes other = read_private_file(entry.path());
      CHECK((other == old || other == anew));
    }
  }
}

TEST_CASE("a credential cache holds a client's tickets, there and back, and no octet more or less") {
  test::Realm realm;
  const Credential granting = realm.initial();
  const Credential ticket = realm.service_ticket();
  const CredentialCache cache{.realm = granting.crealm, .client = granting.cname, .credentials = {granting, ticket}};
  const SecretBytes octets = cache.encode();
  const CredentialCache read = CredentialCache::decode(octets);
  CHECK(read.realm == cache.realm);
  CHECK(read.client == cache.client);
  REQUIRE(read.credentials.size() == 2);
  CHECK(read.encode() == to_bytes(octets));
  REQUIRE(read.find(ticket.ticket.sname) != nullptr);
  CHECK(read.find(ticket.ticket.sname)->session_key == ticket.session_key);
  CHECK(read.find(parse_principal("no/where")) == nullptr);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    // Between two credentials it may end; there the rest is missing.
    std::size_t got = 0;
    try {
      got = CredentialCache::decode(ByteView(octets).first(size)).credentials.size();
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::malformed);
    }
    CHECK(got < 2);
  }
  // Of two tickets for a service the one that lasts longer, in either order.
  Credential longer = ticket;
  longer.endtime += second;
  for (const std::vector<Credential>& held : {std::vector{ticket, longer}, std::vector{longer, ticket}}) {
    const CredentialCache both{.realm = granting.crealm, .client = granting.cname, .credentials = held};
    CHECK(both.find(ticket.ticket.sname)->endtime == longer.endtime);
  }
  // A ticket whose session key is of an etype that is not ours is passed over.
  Bytes foreign = to_bytes(octets);
  const Bytes aes256 = {0, 18, 0, 0, 0, 32}, rc4 = {0, 23};
  const auto key = std::ranges::search(foreign, aes256);
  REQUIRE_FALSE(key.empty());
  std::ranges::copy(rc4, key.begin());
  CHECK(CredentialCache::decode(foreign).credentials.size() == 1);
  const Folder folder;
  cache.save(folder / "cache");
  CHECK(mode_of(folder / "cache") == 0600);
  CHECK(CredentialCache::load(folder / "cache").credentials.size() == 2);
  std::ofstream(folder / "cache", std::ios::trunc) << "no cache";
  CHECK_THROWS_WITH(CredentialCache::load(folder / "cache"), ContainsSubstring("no credential cache"));
}
