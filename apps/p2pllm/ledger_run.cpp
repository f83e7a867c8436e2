#include <fmt/core.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <limits>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/ledger_file.hpp"
#include "apps/p2pllm/service/service.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"

// `ledger init` and `ledger run`: a durable ledger begins, and is served on a socket (STORE-8).
namespace p2pllm::app {
namespace {

using namespace contracts;
using Milliseconds = std::chrono::milliseconds;

/// A duration such as 250ms, 1s or 5m.
Result<Milliseconds> parse_interval(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 0;
  constexpr std::int64_t least = 10, most = 3'600'000;
  if (error != std::errc() || factor == 0 || number < 0 || number > most || number * factor < least ||
      number * factor > most)
    return bad_input("--interval", '"' + printable(text) + '"',
                     "a whole number and ms, s or m are required, from 10ms to 60m");
  return Milliseconds(number * factor);
}

}  // namespace

int run_ledger_init(const LedgerInitOptions& options) {
  const auto input = read_input(options.genesis, reference::trace_bytes_max);
  if (!input) return complain(input.error());
  const auto head = read_ledger_head(input->bytes, input->name);
  if (!head) return complain(head.error());
  const std::string_view line = std::string_view(input->bytes).substr(0, input->bytes.find('\n'));
  const auto made = optimized::Store::create(options.file, shown_name(options.file), head->chain, line);
  if (!made) return complain(made.error());
  if (options.json) {
    auto file = open_ledger_file(options.file, optimized::Store::Access::read);
    const auto status = file ? status_of(*file) : tl::unexpected<Fault>(file.error());
    if (!status) return complain(status.error());
    fmt::print("{}", write_json(status_json(*status)));
  } else {
    fmt::print("{}: a ledger of chain {}\n", shown_name(options.file), to_hex(head->chain));
  }
  return exit_holds;
}

int run_ledger_run(const LedgerRunOptions& options) {
  const auto interval = parse_interval(options.interval);
  if (!interval) return complain(interval.error());
  auto file = open_ledger_file(options.file, optimized::Store::Access::write);
  if (!file) return complain(file.error());
  auto ledger = [&] {
    ProgressLine line("recovering");
    const auto from = options.verify_all ? optimized::RecoverFrom::nothing : optimized::RecoverFrom::snapshot;
    return optimized::DurableLedger::recover(
        std::move(file->store), file->head.head.scheme(), file->head.maker(),
        {.from = from, .snapshot_operations = options.snapshot_operations, .progress = line.hook()});
  }();
  if (!ledger) return complain(ledger.error());
  auto listener = listen_on(options.socket);
  if (!listener) return complain(listener.error());
  if (options.json)
    fmt::print("{}", write_json(status_json({ledger->store().summary(), ledger->executor().root(), 0})));
  else
    fmt::print("{}: serving {} from height {} on\n", ledger->store().name(), shown_name(options.socket),
               ledger->store().summary().height + 1);
  std::fflush(stdout);
  const int code = Service(*ledger, *std::move(listener), *interval).run();
  unlink(options.socket.c_str());
  if (code != exit_holds) return code;
  const auto closed = ledger->close();
  return closed ? exit_holds : complain(closed.error());
}

}  // namespace p2pllm::app
