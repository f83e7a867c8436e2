#include "apps/p2pllm/ledger_verbs.hpp"

#include <CLI/CLI.hpp>
#include <string>

namespace p2pllm::app {
namespace {

using Chosen = std::function<int()>;

void choose(CLI::App* verb, Chosen& chosen, Chosen run) {
  verb->callback([&chosen, run = std::move(run)] { chosen = run; });
}

void add_example(CLI::App* verb, const std::string& example) {
  verb->footer("Example:\n  " + example + "\n" + exit_codes);
}

void add_prove(CLI::App* ledger, LedgerProveOptions& prove, Chosen& chosen) {
  CLI::App* verb = ledger->add_subcommand("prove", "What does the ledger have for this key at the end of a trace?");
  verb->add_option("trace", prove.trace, "trace file (p2pllm-trace/3), or - for standard input")->required();
  verb->add_option("object", prove.object,
                   "account, node, away, sla, channel, evidence, burned, receipt, validator or stakes")
      ->required();
  verb->add_option("key", prove.key, "its key: shard and id (or a name of the trace); shard; id; or height")
      ->required();
  verb->add_option("--proof", prove.proof,
                   "write the proof (p2pllm-state-proof/1) to this file, not to standard output");
  verb->footer("Example:\n  p2pllm ledger prove examples/contracts/two_shards.jsonl account 1 bob --proof p.json\n" +
               std::string(exit_codes));
  verb->add_flag("--json", prove.json, "print JSON, as without this flag: the proof is JSON");
  choose(verb, chosen, [&prove] { return run_ledger_prove(prove); });
}

void add_check(CLI::App* ledger, LedgerCheckOptions& check, Chosen& chosen) {
  CLI::App* verb =
      ledger->add_subcommand("check", "Does this proof show that the ledger has the key, or that it has not?");
  verb->add_option("proof", check.proof, "proof file (p2pllm-state-proof/1), or - for standard input")->required();
  verb->add_option("--root", check.root, "the state root to which the proof must lead, from a source that you trust");
  verb->add_flag("--json", check.json, "print JSON");
  verb->footer("Example:\n  p2pllm ledger check p.json --root \"$ROOT\"\n" + std::string(exit_codes));
  choose(verb, chosen, [&check] { return run_ledger_check(check); });
}

void add_init(CLI::App* ledger, LedgerInitOptions& init, Chosen& chosen) {
  CLI::App* verb = ledger->add_subcommand("init", "Begin a ledger in a new file.");
  verb->add_option("file", init.file, "the file to make")->required();
  verb->add_option("genesis", init.genesis, "a trace (p2pllm-trace/3), of which the first line counts, or -")
      ->required();
  verb->add_flag("--json", init.json, "print JSON");
  add_example(verb, "p2pllm ledger init a.ledger examples/contracts/two_shards.jsonl");
  choose(verb, chosen, [&init] { return run_ledger_init(init); });
}

void add_verify_all(CLI::App* verb, bool& verify_all) {
  verb->add_flag("--verify-all", verify_all,
                 "execute every block from the genesis on and verify every signature again");
}

void add_run(CLI::App* ledger, LedgerRunOptions& run, Chosen& chosen) {
  CLI::App* verb = ledger->add_subcommand("run", "Serve a ledger on a socket: a block each interval, durable first.");
  verb->add_option("file", run.file, "the ledger's file")->required();
  verb->add_option("socket", run.socket, "path of the Unix socket to make")->required();
  verb->add_option("--interval", run.interval, "time between two blocks: a whole number and ms, s or m")
      ->capture_default_str();
  verb->add_option("--snapshot-operations", run.snapshot_operations, "operations after which a snapshot is written")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->capture_default_str();
  add_verify_all(verb, run.verify_all);
  verb->add_flag("--json", run.json, "print JSON");
  add_example(verb, "p2pllm ledger run a.ledger a.socket --interval 250ms");
  verb->footer(verb->get_footer() + " 5: an invariant failed, and the ledger is halted.");
  choose(verb, chosen, [&run] { return run_ledger_run(run); });
}

void add_submit(CLI::App* ledger, LedgerSubmitOptions& submit, Chosen& chosen) {
  CLI::App* verb = ledger->add_subcommand("submit", "Send transactions to a ledger, and wait until each is durable.");
  verb->add_option("socket", submit.socket, "the socket of p2pllm ledger run")->required();
  verb->add_option("requests", submit.requests, "requests, a JSON object a line, or - for standard input")->required();
  verb->add_flag("--json", submit.json, "print JSON");
  add_example(verb, "p2pllm ledger submit a.socket transactions.jsonl");
  choose(verb, chosen, [&submit] { return run_ledger_submit(submit); });
}

void add_status(CLI::App* ledger, LedgerStatusOptions& status, Chosen& chosen) {
  CLI::App* verb = ledger->add_subcommand("status", "Chain, height, state root and last link of a ledger.");
  verb->add_option("of", status.of, "the socket of p2pllm ledger run, or the file of a ledger that nobody runs")
      ->required();
  verb->add_flag("--json", status.json, "print JSON");
  add_example(verb, "p2pllm ledger status a.socket");
  choose(verb, chosen, [&status] { return run_ledger_status(status); });
}

void add_export(CLI::App* ledger, LedgerExportOptions& exporting, Chosen& chosen) {
  CLI::App* verb = ledger->add_subcommand("export", "Write the blocks of a ledger as a trace, or as segments of one.");
  verb->add_option("file", exporting.file, "the ledger's file")->required();
  verb->add_option("output", exporting.trace, "the trace to write (p2pllm-trace/3)")->required();
  verb->add_option("--segment-blocks", exporting.segment_blocks,
                   "write OUTPUT.1, OUTPUT.2, ... of so many blocks each, of which the first is a trace")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  add_verify_all(verb, exporting.verify_all);
  verb->add_flag("--json", exporting.json, "print JSON");
  add_example(verb, "p2pllm ledger export a.ledger a.jsonl");
  choose(verb, chosen, [&exporting] { return run_ledger_export(exporting); });
}

void add_import(CLI::App* ledger, LedgerImportOptions& importing, Chosen& chosen) {
  CLI::App* verb = ledger->add_subcommand("import", "Add the blocks of traces to a ledger, which is made if need be.");
  verb->add_option("file", importing.file, "the ledger's file")->required();
  verb->add_option("traces", importing.traces, "a trace and its later segments, in order")->required();
  verb->add_flag("--json", importing.json, "print JSON");
  add_example(verb, "p2pllm ledger import b.ledger a.jsonl.1 a.jsonl.2");
  choose(verb, chosen, [&importing] { return run_ledger_import(importing); });
}

}  // namespace

void add_ledger(CLI::App& app, LedgerVerbs& verbs, Chosen& chosen) {
  CLI::App* ledger = app.add_subcommand("ledger", "A durable ledger and its service, and proofs of what it has.");
  ledger->require_subcommand(1);
  ledger->footer("p2pllm ledger VERB --help shows an example.");
  add_init(ledger, verbs.init, chosen);
  add_run(ledger, verbs.run, chosen);
  add_submit(ledger, verbs.submit, chosen);
  add_status(ledger, verbs.status, chosen);
  add_export(ledger, verbs.exporting, chosen);
  add_import(ledger, verbs.importing, chosen);
  add_prove(ledger, verbs.prove, chosen);
  add_check(ledger, verbs.check, chosen);
}

}  // namespace p2pllm::app
