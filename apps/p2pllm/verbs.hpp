#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/market/verdict.hpp"

namespace p2pllm::app {

/// Options shared by the verbs that read a network.
struct NetworkOptions {
  std::string network;               ///< path, or - for standard input
  std::optional<std::string> alpha;  ///< overrides the file's
  std::optional<std::string> client;
  bool json = false;
};

struct ShowOptions : NetworkOptions {
  std::string plot;  ///< empty: none is drawn
};

/// Options of the verbs that an engine answers.
struct EngineOptions : NetworkOptions {
  std::string engine = "fast";
  int threads = 0;     ///< of the fast engine; 0: as many as there are processors
  bool check = false;  ///< have the checker accept the answer's certificate before the answer is printed
};

struct VerifyOptions : EngineOptions {
  std::string prices;  ///< empty: the network's own
  std::string epsilon = "1/1000000";
  bool absolute = false;
  std::string certificate;  ///< empty: none is written
  std::string smt2;         ///< empty: none is written
  long bits_max = 6144;
  bool placement = false;  ///< also: does any node gain by moving?
  std::string rule = "share";
};

struct SolveOptions : EngineOptions {
  long bits = 64;
  std::string prices;  ///< empty: none are written
};

struct RouteOptions : EngineOptions {
  std::string certificate;
};

struct ParetoOptions : EngineOptions {
  std::string plot;
  std::string certificate;
  std::size_t labels_max = 0;  ///< 0: the library's limit
};

struct BalanceOptions : EngineOptions {
  std::string rule = "share";
  std::string prices;        ///< empty: the network's own
  bool move_nobody = false;  ///< --check: only report the nodes that gain by moving now
  std::string certificate;
};

struct DiffOptions : NetworkOptions {
  std::optional<std::uint64_t> random;  ///< the number of random networks, in place of a file
  std::uint64_t seed = 1;
  std::string shape = "mixed";
  std::string candidate;        ///< a shell command; empty: an engine
  std::string engine = "fast";  ///< that is compared, without a candidate
  std::string verb;             ///< empty: all, or route for a candidate
  double timeout_s = 10;        ///< of a candidate, for each network
  std::string witness;          ///< empty: none is written
  int threads = 0;              ///< 0: as many as there are processors
};

struct CheckOptions : NetworkOptions {
  std::string certificate;
  std::string prices;
  std::string smt2;  ///< empty: none is written
};

struct ReplayOptions {
  std::string trace;  ///< path, or - for standard input
  bool step = false;
  bool explain = false;
  bool json = false;
};

struct ContractFuzzOptions {
  std::string candidate;       ///< a shell command
  std::string corpus;          ///< a folder of programs; empty: random ones
  std::uint64_t inputs = 100;  ///< random programs
  std::uint64_t seed = 1;
  double timeout_s = 10;  ///< for each history
  std::string witness;    ///< empty: the trace is printed
  bool json = false;
};

struct FuzzCaseOptions {
  std::string input;  ///< path, or - for standard input
  std::string target = "contracts_diff";
  bool settle = false;
  bool json = false;
};

struct TableOptions {
  std::string machine;
  std::string svg;        ///< empty: none is written
  bool markdown = false;  ///< all machines, as spec/tables.md
  bool json = false;
};

struct DeterOptions {
  std::string price, cost, check;
  std::string stake = "0";
  std::optional<int> streams;  ///< nothing: any number
  bool json = false;
};

struct LedgerProveOptions {
  std::string trace;             ///< path, or - for standard input
  std::string object;            ///< a kind of LEDGER-7
  std::vector<std::string> key;  ///< its key fields
  std::string proof;             ///< empty: standard output
  bool json = false;             ///< the proof is JSON in any case
};

struct LedgerCheckOptions {
  std::string proof;  ///< path, or - for standard input
  std::string root;   ///< empty: any
  bool json = false;
};

struct LedgerInitOptions {
  std::string file;
  std::string genesis;  ///< a trace, of which the first line counts
  bool json = false;
};

struct LedgerRunOptions {
  std::string file;
  std::string socket;
  std::string interval = "1s";
  std::int64_t snapshot_operations = 100'000;
  bool verify_all = false;
  bool json = false;
};

struct LedgerSubmitOptions {
  std::string socket;
  std::string requests;  ///< path, or - for standard input
  bool json = false;
};

struct LedgerStatusOptions {
  std::string of;  ///< a socket or a file
  bool json = false;
};

struct LedgerExportOptions {
  std::string file;
  std::string trace;
  std::int64_t segment_blocks = 0;  ///< 0: one trace
  bool verify_all = false;
  bool json = false;
};

struct LedgerImportOptions {
  std::string file;
  std::vector<std::string> traces;
  bool json = false;
};

/// The exit code of `verify`.
[[nodiscard]] int exit_code_of(Verdict verdict);

int run_verify(const VerifyOptions& options);
int run_solve(const SolveOptions& options);
int run_route(const RouteOptions& options);
int run_pareto(const ParetoOptions& options);
int run_balance(const BalanceOptions& options);
int run_diff(const DiffOptions& options);
int run_check(const CheckOptions& options);
int run_show(const ShowOptions& options);
int run_contract_replay(const ReplayOptions& options);
int run_contract_fuzz(const ContractFuzzOptions& options);
int run_contract_fuzz_case(const FuzzCaseOptions& options);
int run_contract_table(const TableOptions& options);
int run_contract_deter(const DeterOptions& options);
int run_ledger_prove(const LedgerProveOptions& options);
int run_ledger_check(const LedgerCheckOptions& options);
int run_ledger_init(const LedgerInitOptions& options);
int run_ledger_run(const LedgerRunOptions& options);
int run_ledger_submit(const LedgerSubmitOptions& options);
int run_ledger_status(const LedgerStatusOptions& options);
int run_ledger_export(const LedgerExportOptions& options);
int run_ledger_import(const LedgerImportOptions& options);

}  // namespace p2pllm::app
