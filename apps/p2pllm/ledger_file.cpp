#include "apps/p2pllm/ledger_file.hpp"

#include "apps/command_line.hpp"
#include "optimized/contracts/engine.hpp"
#include "optimized/layers/layers_executor.hpp"

namespace p2pllm::app {

using namespace contracts;

std::unique_ptr<BlockExecutor> make_executor(const Genesis& genesis, const SignatureScheme& signatures,
                                             const StepExecutor& steps) {
  return std::make_unique<optimized::Engine>(genesis, signatures, steps);
}

optimized::MakeExecutor LedgerHead::maker() const {
  return [this](const SignatureScheme& signatures) { return make_executor(head.genesis, signatures, *steps); };
}

Result<LedgerHead> read_ledger_head(std::string_view text, const std::string& name) {
  const auto reader = reference::TraceReader::start(text, name);
  if (!reader) return tl::unexpected<Fault>(reader.error());
  const auto* head = std::get_if<reference::TraceHead>(&reader->head());
  if (head == nullptr) return bad_input(reader->place(), "a later segment of a trace", "a genesis is required");
  if (reader->head_link() != reader->link())
    return bad_input(reader->place() + ": /link", to_hex(reader->head_link()), to_hex(reader->link()) + " is required");
  return LedgerHead{*head, head->executor(optimized::find_executor), chain_id(head->genesis)};
}

Result<LedgerFile> open_ledger_file(const std::string& path, optimized::Store::Access access) {
  auto store = optimized::Store::open(path, shown_name(path), access);
  if (!store) return tl::unexpected<Fault>(store.error());
  auto head = read_ledger_head(store->summary().head, store->name() + ": its head");
  if (!head) return tl::unexpected<Fault>(head.error());
  if (head->chain != store->summary().chain)
    return bad_input(store->name(), "chain " + to_hex(store->summary().chain),
                     "its genesis is of chain " + to_hex(head->chain));
  return LedgerFile{*std::move(store), *std::move(head)};
}

Result<LedgerStatus> status_of(LedgerFile& file) {
  LedgerStatus status{file.store.summary(), {}, {}};
  if (status.summary.height == 0) {
    status.state = file.head.maker()(file.head.head.scheme())->root();
    return status;
  }
  return file.store.block_at(status.summary.height).map([&status](const optimized::StoredBlock& last) {
    status.state = last.block.header.state;
    return status;
  });
}

Json status_json(const LedgerStatus& status) {
  return Json::Object{{"chain", to_hex(status.summary.chain)},
                      {"height", Json::integer(status.summary.height)},
                      {"state", to_hex(status.state)},
                      {"parent", to_hex(status.summary.parent)},
                      {"link", to_hex(status.summary.link)},
                      {"snapshot", Json::integer(status.summary.snapshot)},
                      {"pending", status.pending ? Json::integer(static_cast<long long>(*status.pending)) : Json()}};
}

}  // namespace p2pllm::app
