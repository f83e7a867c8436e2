#include "fuzz/law.hpp"
#include "model/contracts/trace.hpp"

// Input: any bytes, read as a transaction. Corpus: one of each operation.

namespace p2pllm::fuzz {
namespace {

using namespace contracts;

Hash any_chain() {
  Hash chain{};
  chain.fill(7);
  return chain;
}

void run(ByteView input) {
  const auto decoded = decode_transaction(input);
  if (!decoded) {
    law(decoded.error().offset <= input.size(), "COMMIT-1: a fault has a place in the bytes");
    ++reached["refused, fault " + std::to_string(static_cast<int>(decoded.error().fault))];
    return;
  }
  ++reached["read " + std::string(name_of(decoded->operation))];
  Bytes written = encode(*decoded);
  if (has_planted_fault) written.back() ^= 1U;
  law(std::ranges::equal(written, input), "COMMIT-1: what is read is written as it was", to_hex(input));
  for (std::size_t cut : {input.size() - 1, input.size() / 2})
    law(!decode_transaction(input.first(cut)), "COMMIT-1: no beginning of an encoding is one", to_hex(input));

  // JSON does not name the chain, which is the trace's.
  Transaction transaction = *decoded;
  transaction.chain = any_chain();
  const Json json = transaction_json(transaction);
  const std::string source = "json";
  const auto parsed = parse_json(write_json(json), source);
  law(parsed.has_value(), "LEDGER-8: a transaction's JSON is JSON");
  try {
    const Transaction again = read_transaction(JsonCursor(*parsed, source), any_chain());
    law(encode(again) == encode(transaction), "LEDGER-8: a transaction in JSON reads back as it was", write_json(json));
    law(transaction_id(again) == transaction_id(transaction), "COMMIT-2: one transaction has one id");
  } catch (const JsonCursor::Failure&) {
    law(false, "LEDGER-8: a transaction in JSON reads back", write_json(json));
  }
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  p2pllm::fuzz::run({data, size});
  return 0;
}
