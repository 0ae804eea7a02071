// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "bench.hpp"
#include "interrupt.hpp"
#include "replay.hpp"
#include "run.hpp"

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): only out of memory gets past the handlers
  using namespace reveille;
  CLI::App app("Server-initiated Kerberos key management, judged by a circuit", "reveille");
  app.require_subcommand(1);
  sim::Action action;
  sim::add_run_command(app, action);
  sim::add_replay_command(app, action);
  sim::add_bench_command(app, action);
  try {
    app.parse(argc, argv);
    sim::catch_interrupts();
    return action();
  } catch (const CLI::ParseError& error) {
    // --help comes this way too, and is no error.
    return app.exit(error) == 0 ? sim::exit_success : sim::exit_bad_input;
  } catch (const Error& error) {
    std::cerr << "reveille: " << error.what() << '\n';
    return error.kind() == ErrorKind::bad_input ? sim::exit_bad_input : sim::exit_internal;
  } catch (const std::exception& error) {
    std::cerr << "reveille: " << error.what() << '\n';
    return sim::exit_internal;
  }
}
