#include "fuzz/contracts/trace_text.hpp"

#include "reference/contracts/replay.hpp"

namespace p2pllm::fuzz {
namespace {

void write(reference::TraceWriter& writer, const RecordedBlock& block) {
  if (block.round > 0) writer.skip_to(block.round);
  for (const Bytes& encoded : block.transactions) {
    const auto transaction = decode_transaction(encoded);
    // The members of a transaction in a trace do not name its chain.
    const bool is_readable = transaction && transaction->chain == writer.ledger().chain();
    if (is_readable) (void)writer.execute(*transaction);
    else (void)writer.execute(encoded);
  }
}

}  // namespace

std::map<AccountId, std::string> names_of(const Chain& chain) {
  constexpr const char* names[] = {"provider", "client", "villain", "villain-2", "bystander"};
  std::map<AccountId, std::string> result;
  for (std::size_t k = 0; k < std::size(names); ++k) result[chain.id_of(k)] = names[k];
  return result;
}

std::string trace_of(const Chain& chain) {
  reference::TraceHead head;
  head.genesis = chain.ledger().genesis();
  head.is_ideal = true;
  head.names = names_of(chain);
  reference::TraceWriter writer(std::move(head));
  for (const RecordedBlock& block : chain.blocks()) {
    write(writer, block);
    writer.end_blocks();
  }
  write(writer, chain.open_block());
  return writer.text();
}

}  // namespace p2pllm::fuzz
