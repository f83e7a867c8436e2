#include "bench/bank.hpp"

#include <cstring>
#include <stdexcept>

namespace p2pllm::bench {

Bank::Bank(std::size_t accounts, const SignatureScheme& signatures) : signatures_(signatures), nonces_(accounts) {
  genesis_ = {"bank", 1, 4, {100, 1000, 1, 5, 30, 5, 20, 50, 2, 20, 1, 10, 4096, 1'000'000, 5, 2, 20}, {{}}, {}};
  for (std::size_t k = 0; k < accounts; ++k) {
    KeySeed seed{};
    std::memcpy(seed.data(), &k, sizeof k);
    keys_.push_back(signatures.key_of_seed(seed));
    ids_.push_back(keys_.back().public_key);
    genesis_.balances[0][ids_.back()] = 1'000'000'000;
  }
  genesis_.proposers = {ids_[0]};
  chain_ = chain_id(genesis_);
}

TransferBlock Bank::block(std::size_t transfers) {
  TransferBlock made;
  for (std::size_t k = 0; k < transfers; ++k) {
    const std::size_t from = random_() % ids_.size(), to = random_() % ids_.size();
    Transaction transaction{chain_,
                            0,
                            ids_[from],
                            nonces_[from]++,
                            amount_max,
                            1,
                            Transfer{ids_[to], 0, static_cast<Amount>(random_() % 1000)},
                            {}};
    transaction.signature = signatures_.sign(keys_[from].secret_key, transaction_id(transaction));
    made.encoded.push_back(encode(transaction));
    made.decoded.push_back({std::move(transaction), {}});
  }
  for (std::size_t k = 0; k < transfers; ++k) made.decoded[k].encoded = made.encoded[k];
  return made;
}

void require_applied(const std::vector<Outcome>& outcomes) {
  for (const Outcome& outcome : outcomes)
    if (outcome.reason != Reason::none) throw std::runtime_error("a transfer fails");
}

}  // namespace p2pllm::bench
