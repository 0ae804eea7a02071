// SPDX-License-Identifier: Apache-2.0
// `reveille kdc principal` and the database of the KDC: what is wrong in a command, and what happens to the file.
#include <sys/stat.h>

#include "bed/kdc_client.hpp"
#include "catch.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "reveille/kerberos/random.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;

TEST_CASE("What is wrong in a command on principals is named, and changes nothing") {
  const ProgramBed bed;
  bed.add_principals();
  REQUIRE(::mkfifo(bed.path("pipe").c_str(), 0600) == 0);
  const auto files = contents(bed);
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"add", "cta1"}, "principal cta1 is there already; --new-keys"},
      {{"add", "cta9", "--new-keys"}, "no principal cta9"},
      {{"add", "a@b"}, "NAME: \"a@b\": a principal of this KDC's realm, REVEILLE.TEST, expected"},
      {{"add", "a@REVEILLE.TEST@REVEILLE.TEST"}, "a principal of this KDC's realm, REVEILLE.TEST, expected"},
      {{"add", "a@reveille.test"}, "a principal of this KDC's realm, REVEILLE.TEST, expected"},
      {{"add", "@REVEILLE.TEST"}, "expected name or name/instance"},
      {{"remove", "cta1@OTHER.TEST"}, "NAME: \"cta1@OTHER.TEST\": a principal of this KDC's realm"},
      {{"keytab", "cta1@OTHER.TEST", "--out", bed.path("x.keytab")}, "a principal of this KDC's realm"},
      {{"add", "cta9", "--etypes", "15"}, "--etypes: \"15\": expected a whole number from 16 to 20"},
      {{"add", "cta9", "--etypes", "18,16"}, "--etypes: 16 is weak, and used only where weak_etypes of "},
      {{"add", "cta9", "--etypes", "17,17"}, "--etypes: 17 stands twice"},
      {{"add", "cta9", "--password-file", bed.path("kdc.json")}, "kdc.json: mode 0644"},
      {{"remove", "cta9"}, "no principal cta9"},
      {{"remove", "krbtgt/REVEILLE.TEST"}, "the ticket-granting service stays"},
      {{"keytab", "cta9", "--out", bed.path("x.keytab")}, "no principal cta9"},
      {{"keytab", "cta1", "--out", bed.path("none/x.keytab")}, "none/x.keytab: cannot be written"},
      {{"keytab", "cta1"}, "--out is required"},
      {{"keytab", "cta1", "--out", bed.path("principals.db")}, "principals.db: is no keytab, and would be replaced"},
      {{"keytab", "cta1", "--out", bed.path("pipe")}, "pipe: is no keytab"},
  };
  for (const auto& [arguments, said] : cases) {
    const ProgramResult result = bed.principal(arguments);
    INFO(result.err);
    CHECK(result.status == 2);
    CHECK(has(result.err, said));
    CHECK(contents(bed) == files);
  }
  std::filesystem::permissions(bed.folder / "principals.db", std::filesystem::perms(0640));
  CHECK(has(bed.principal({"list"}).err, "principals.db: mode 0640"));
}

TEST_CASE("A principal's name may have the KDC's own realm behind it, as kadmin's may") {
  const ProgramBed bed;
  CHECK(has(bed.principal({"add", "alice@REVEILLE.TEST"}).out, "alice@REVEILLE.TEST: kvno 1"));
  CHECK(has(bed.principal({"list"}).out, "\nkrbtgt/REVEILLE.TEST@REVEILLE.TEST"));
  CHECK(has(bed.principal({"list"}).out, "alice@REVEILLE.TEST: random keys"));
  CHECK(bed.principal({"keytab", "alice@REVEILLE.TEST", "--out", bed.path("alice.keytab")}).status == 0);
  CHECK(has(bed.principal({"add", "alice"}).err, "principal alice is there already"));
  CHECK(bed.principal({"remove", "alice@REVEILLE.TEST"}).status == 0);
  CHECK_FALSE(has(bed.principal({"list"}).out, "alice"));
}

TEST_CASE("A database that cannot be made, read or written is named with the reason, and nothing is left behind") {
  const ProgramBed bed;
  bed.write_private("text.db", "no database at all, but some text of a length that SQLite would look into");
  bed.write_private("empty.db", "");
  const auto files = [&bed] {
    auto found = contents(bed);
    found.erase(bed.path("kdc.json"));
    return found;
  };
  const auto before = files();
  const std::pair<std::string, std::string> cases[] = {
      {"none/principals.db", "none/principals.db: cannot be made: No such file or directory\n"},
      {"text.db/principals.db", "text.db/principals.db: cannot be made: Not a directory\n"},
      {std::string(300, 'x'), "x: cannot be made: File name too long\n"},
      {".", "/.: a regular file expected"},
      {"/dev/null", "/dev/null: a regular file expected"},
      {"text.db", "text.db: damaged, or no database of principals\n"},
      {"empty.db", "empty.db: no database of principals\n"}};
  for (const auto& [database, said] : cases) {
    bed.change("kdc.json", {{"database", database}});
    const ProgramResult result = bed.principal({"add", "alice"});
    INFO(result.err);
    CHECK(result.status == 2);
    CHECK(has(result.err, said));
    CHECK(files() == before);
  }
}

TEST_CASE("A command on principals whose disk is full says so, and changes nothing") {
  const ProgramBed bed;
  const auto run = [&bed](std::vector<std::string> command, const std::string& before) {
    command.insert(command.end(), {"sh", "-c", before + R"(; exec "$@")", "sh", REVEILLE_PROGRAM, "kdc", "principal",
                                   "add", "alice", "--config", bed.path("kdc.json")});
    command.front() = bed::find_program(command.front(), "util-linux").string();
    return bed::run_process(command, "", {});
  };
  // No file may have more than so many blocks of 512 octets, as on a disk that takes no more.
  const auto with_blocks = [&run](unsigned blocks) {
    return run({}, "trap '' XFSZ; ulimit -f " + std::to_string(blocks));
  };
  auto files = contents(bed);
  for (const unsigned blocks : {8U, 32U}) {
    const bed::ProcessResult result = with_blocks(blocks);
    INFO(blocks << ": " << result.output);
    CHECK(result.status == 2);
    CHECK(has(result.output, "principals.db: cannot be read or written"));
    CHECK(contents(bed) == files);
  }
  bed.add_principals();
  files = contents(bed);
  for (const unsigned blocks : {8U, 32U}) {
    const bed::ProcessResult result = with_blocks(blocks);
    INFO(blocks << ": " << result.output);
    CHECK(result.status == 2);
    CHECK(has(result.output, "principals.db: cannot be read or written"));
    CHECK_FALSE(has(bed.principal({"list"}).out, "alice"));
  }
  if (::geteuid() != 0) {
    WARN("skipped: only root mounts a disk of 16 KiB");
    return;
  }
  bed.change("kdc.json", {{"database", "disk/principals.db"}});
  std::filesystem::create_directory(bed.folder / "disk");
  const bed::ProcessResult full = run({"unshare", "-m"}, "mount -t tmpfs -o size=16k none " + bed.path("disk"));
  INFO(full.output);
  CHECK(full.status == 2);
  CHECK(has(full.output, "principals.db: cannot be written: no room is left on its disk\n"));
}

TEST_CASE("A KDC whose database goes tells clients that it has an error, its log which, and goes on when it is back") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  kerberos::SystemRandom random;
  const auto answer = [&] {
    kerberos::AsExchange as(kerberos::parse_principal("cta1"), ProgramBed::realm, "correct horse",
                            kerberos::all_etypes(), random);
    const bed::Socket socket(bed::Transport::udp);
    socket.connect("127.0.0.1", bed.port, std::chrono::seconds(1));
    socket.send(as.request(bed::wall_clock()));
    REQUIRE(socket.wait_readable(std::chrono::seconds(5)));
    return kerberos::decode_krb_error(socket.receive(4096));
  };
  const std::filesystem::path database = bed.folder / "principals.db", kept = bed.folder / "kept.db";
  std::filesystem::copy_file(database, kept);
  const auto put_back = [&] {  // in one step, as a backup that is restored
    std::filesystem::copy_file(kept, bed.folder / "copy.db");
    std::filesystem::rename(bed.folder / "copy.db", database);
  };
  const ProgramBed other;
  other.change("kdc.json", {{"realm", "OTHER.TEST"}});
  REQUIRE(other.principal({"add", "cta1"}).status == 0);
  const std::pair<std::function<void()>, std::string> cases[] = {
      {[&] { std::filesystem::resize_file(database, 0); }, "principals.db: no database of principals"},
      {[&] { std::filesystem::resize_file(database, 5000); }, "principals.db: damaged, or no database of principals"},
      {[&] { std::filesystem::remove(database); }, "principals.db: no such database"},
      {[&] {
         std::filesystem::remove(database);
         std::filesystem::create_directory(database);
       },
       "principals.db: a regular file expected"},
      {[&] { std::filesystem::permissions(database, std::filesystem::perms(0644)); }, ""},  // as it was opened
      {[&] {
         std::filesystem::copy_file(other.folder / "principals.db", bed.folder / "copy.db");
         std::filesystem::rename(bed.folder / "copy.db", database);
       },
       "principals.db: of the realm OTHER.TEST, expected REVEILLE.TEST"}};
  for (const auto& [spoil, said] : cases) {
    INFO(said);
    CHECK(answer().code == kerberos::ErrorCode::preauth_required);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    spoil();
    for (unsigned i = 0; i < 3 && !said.empty(); ++i) {
      const kerberos::KrbError error = answer();
      CHECK(error.code == kerberos::ErrorCode::generic);
      CHECK(error.text.empty());  // no path for strangers
    }
    if (!said.empty()) CHECK(has(kdc->events("error").back().at("what"), said));
    if (std::filesystem::is_directory(database)) std::filesystem::remove(database);
    put_back();
  }
  CHECK(kdc->events("error").size() == 5);  // each once
  CHECK(bed.mit("kinit", {"cta1"}, "correct horse\n").status == 0);
  CHECK(kdc->end().status == 0);
}
