#include "reference/layers/sampling.hpp"

#include <algorithm>

#include "model/encoding/cbor.hpp"
#include "model/layers/log2_e.hpp"
#include "reference/layers/layer_vectors.hpp"

namespace p2pllm::reference {
namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t drawn_word(std::uint64_t seed, std::int64_t position) {
  CborWriter writer;
  writer.array(2).number(seed).number(static_cast<std::uint64_t>(position));
  const Hash hash = hash_tagged("p2pllm/1/sample", writer.take());
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = word << 8 | hash[i];
  return word;
}

}  // namespace

Result<Sampling> sampling_of(const Rational& temperature, std::uint64_t seed, std::int64_t fraction_bits) {
  if (temperature == Rational(0)) return Sampling{.inverse = 0, .seed = seed};
  if (temperature < Rational(1, 256) || Rational(256) < temperature)
    return bad_input("a temperature must be 0, or from 1/256 to 256 (SAMPLE-2)");
  return Sampling{.inverse = times_log2_e(Rational(std::int64_t{1} << (32 - fraction_bits)) / temperature),
                  .seed = seed};
}

std::int64_t next_token(std::span<const std::int32_t> logits, const Sampling& sampling, std::int64_t position) {
  const auto greatest = std::max_element(logits.begin(), logits.end());  // the first of them
  if (sampling.inverse == 0) return greatest - logits.begin();
  std::vector<std::int64_t> weights;
  std::int64_t total = 0;
  for (const std::int32_t logit : logits) {
    const std::int64_t distance = (std::int64_t{*greatest} - logit) * sampling.inverse >> 16;
    weights.push_back(power_of_half(std::min(distance, std::int64_t{1} << 22)));
    total += weights.back();
  }
  const auto bound =
      static_cast<std::int64_t>(Wide{drawn_word(sampling.seed, position)} * static_cast<std::uint64_t>(total) >> 64);
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < weights.size(); ++t)
    if ((sum += weights[t]) > bound) return static_cast<std::int64_t>(t);
  return static_cast<std::int64_t>(weights.size()) - 1;  // not reached: bound < total
}

}  // namespace p2pllm::reference
