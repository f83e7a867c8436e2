#include "optimized/layers/fast_run.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "model/layers/tables.hpp"
#include "optimized/layers/head_rules.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::size_t room_at_first = 64;
/// Numbers of a batch, and numbers that attention reads, for which threads are worth their waking.
constexpr std::size_t numbers_to_share = std::size_t{1} << 12, cached_to_share = std::size_t{1} << 16;

/// What one head reads, from the sums of its values by weight (LAYER-7).
void put_means(const std::int64_t* sums, std::size_t count, const kernels::SoftmaxSums& of_weights, std::int32_t* out) {
  for (std::size_t d = 0; d < count; ++d)
    out[d] = static_cast<std::int32_t>(kernels::mean_of_values(sums[d], of_weights.weights, of_weights.value_exponent));
}

/// What a thread needs to read a head, kept between calls.
struct ReadScratch {
  AlignedVector<std::int64_t> products;
  AlignedVector<std::int32_t> weights;
  alignas(64) std::array<std::int64_t, head_width_max> sums;

  void reserve(std::size_t positions) {
    if (products.size() >= positions) return;
    products.resize(positions);
    weights.resize(positions);
  }
};

}  // namespace

FastRun::FastRun(const FastLayers& engine, const LayerRange& layers) : engine_(&engine), layers_(layers) {
  const ModelShape& shape = engine.shape();
  width_ = static_cast<std::size_t>(shape.width);
  hidden_ = static_cast<std::size_t>(shape.hidden);
  heads_ = static_cast<std::size_t>(shape.heads);
  kv_heads_ = static_cast<std::size_t>(shape.kv_heads);
  head_width_ = static_cast<std::size_t>(shape.head_width);
  caches_.resize(static_cast<std::size_t>(layers.last - layers.first));
  for (KeysAndValues& cache : caches_) cache.heads.assign(kv_heads_, HeadCache(head_width_));

  const PackedLayer& layer = engine.layer(layers.first);
  number_size_ = std::max({width_, hidden_, heads_ * head_width_});
  product_size_ = std::max({layer.in.rows(), layer.output.rows(), layer.gate_and_up.rows()});
  vector_size_ = std::max({layer.in.stride(), layer.output.stride(), layer.down.stride()});
  numbers_.resize(batch * number_size_);
  products_.resize(batch * product_size_);
  blocks_.resize(batch * vector_size_);
  prepared_.resize(batch * vector_size_);
  queries_.resize(batch * heads_ * head_width_);
  query_exponents_.resize(batch * heads_);
  cosines_.resize(batch * head_width_ / 2);
  sines_.resize(batch * head_width_ / 2);
}

void FastRun::append(std::span<std::int32_t> rows) {
  P2PLLM_ASSERT(rows.size() % width_ == 0);
  P2PLLM_ASSERT(positions_ + rows.size() / width_ <= static_cast<std::size_t>(engine_->shape().context));
  shown_count_ = 0;
  engine_->team().enter([&] {
    for (std::size_t begin = 0; begin < rows.size(); begin += batch * width_)
      append_batch(rows.subspan(begin, std::min(batch * width_, rows.size() - begin)));
  });
}

void FastRun::append_batch(std::span<std::int32_t> rows) {
  const std::size_t count = rows.size() / width_;
  if (positions_ + count > room_) {
    const auto context = static_cast<std::size_t>(engine_->shape().context);
    room_ = std::min(context, std::max({positions_ + count, 2 * room_, room_at_first}));
    for (KeysAndValues& cache : caches_)
      for (HeadCache& head : cache.heads) head.reserve(room_);
  }
  find_angles(count);
  if (commitment_) {
    commitment_->open(count);
    for (std::size_t k = 0; k < count; ++k) commitment_->put_row(k, 0, rows.subspan(k * width_, width_));
  }
  for (std::size_t l = 0; l < caches_.size(); ++l) run_layer(l, rows);
  if (commitment_) commitment_->close();
  positions_ += count;
}

void FastRun::begin_commitment(const Hash& model) {
  commitment_.emplace(model, engine_->shape(), Computation{layers_, positions()});
  std::vector<std::int16_t> key(head_width_), value(head_width_);
  for (std::size_t begin = 0; begin < positions_; begin += batch) {
    const std::size_t count = std::min(batch, positions_ - begin);
    commitment_->open(count);
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t l = 0; l < caches_.size(); ++l)
        for (std::size_t h = 0; h < kv_heads_; ++h) {
          const HeadCache& head = caches_[l].heads[h];
          for (std::size_t d = 0; d < head_width_; ++d) {
            key[d] = head.key(begin + k, d);
            value[d] = head.value(begin + k, d);
          }
          commitment_->put_key(k, l, h, key, head.key_exponents()[begin + k]);
          commitment_->put_value(k, l, h, value, head.value_exponents()[begin + k]);
        }
    commitment_->close();
  }
}

const CommitmentRecord& FastRun::commitment() {
  P2PLLM_ASSERT(commitment_);
  return commitment_->record();
}

void FastRun::find_angles(std::size_t count) {
  const std::vector<std::uint64_t>& frequencies = engine_->model().frequencies;
  for (std::size_t k = 0; k < count; ++k)
    for (std::size_t pair = 0; pair < frequencies.size(); ++pair) {
      const Turn turn = turn_at(frequencies[pair], positions_ + k);
      sines_[k * frequencies.size() + pair] = turn.sine;
      cosines_[k * frequencies.size() + pair] = turn.cosine;
    }
}

template <typename Run>
void FastRun::for_positions(std::size_t count, const Run& run) const {
  if (count * width_ >= numbers_to_share) engine_->team().for_each(count, run);
  else
    for (std::size_t k = 0; k < count; ++k) run(k);
}

/// @param number  of the layer in the range, from 0
void FastRun::run_layer(std::size_t number, std::span<std::int32_t> rows) {
  const PackedLayer& layer = engine_->layer(layers_.first + static_cast<std::int64_t>(number));
  const KeysAndValues& cache = caches_[number];
  const std::size_t count = rows.size() / width_;
  const std::int64_t fraction_bits = engine_->shape().fraction_bits;
  const auto row = [&](std::size_t k) { return rows.subspan(k * width_, width_); };
  const auto add = [&](std::size_t k) { engine_->target().add(product(k), width_, row(k).data()); };

  for_positions(count, [&](std::size_t k) { norm(k, row(k), layer.source->attention_norm, layer.in.stride()); });
  multiply(layer.in, count);
  for_positions(count, [&](std::size_t k) { split_heads(k, number); });
  const auto read = [&](std::size_t job) { read_head(job / heads_, job % heads_, cache); };
  if (count * heads_ * (positions_ + count) * head_width_ >= cached_to_share)
    engine_->team().for_each(count * heads_, read);
  else
    for (std::size_t job = 0; job < count * heads_; ++job) read(job);
  for_positions(count, [&](std::size_t k) {
    set_vector(k, &numbers_[k * number_size_], heads_ * head_width_, layer.output.stride());
  });
  multiply(layer.output, count);
  for_positions(count, [&](std::size_t k) {
    add(k);
    norm(k, row(k), layer.source->feed_norm, layer.gate_and_up.stride());
  });
  multiply(layer.gate_and_up, count);
  for_positions(count, [&](std::size_t k) {
    std::int32_t* numbers = &numbers_[k * number_size_];
    engine_->target().gate(product(k), product(k) + hidden_, hidden_, fraction_bits, layer_tables().exp2.data(),
                           numbers);
    set_vector(k, numbers, hidden_, layer.down.stride());
  });
  multiply(layer.down, count);
  for_positions(count, [&](std::size_t k) {
    add(k);
    if (commitment_) commitment_->put_row(k, number + 1, row(k));
  });
}

void FastRun::norm(std::size_t k, std::span<const std::int32_t> row, const ExactGain& gain, std::size_t stride) {
  std::int32_t* numbers = &numbers_[k * number_size_];
  engine_->target().norm(row.data(), row.size(), engine_->norm_of(gain), numbers);
  set_vector(k, numbers, row.size(), stride);
}

void FastRun::set_vector(std::size_t k, const std::int32_t* numbers, std::size_t count, std::size_t stride) {
  std::int16_t* block = &blocks_[k * vector_size_];
  std::int16_t* prepared = &prepared_[k * vector_size_];
  const std::int64_t exponent = engine_->target().to_block(numbers, count, block);
  std::fill(block + count, block + stride, std::int16_t{0});
  engine_->target().prepare(block, stride / kernels::tile_columns, prepared);
  vectors_[k] = {prepared, exponent, product(k)};
}

void FastRun::multiply(const StackedMatrix& matrix, std::size_t count) {
  engine_->multiply(matrix, std::span(vectors_).first(count));
}

/// Rotates queries and keys, and keeps keys and values (LAYER-6, LAYER-7).
void FastRun::split_heads(std::size_t k, std::size_t layer) {
  const kernels::MatrixTarget& target = engine_->target();
  const std::size_t pairs = head_width_ / 2;
  const auto rotate = [&](std::int32_t* head) { target.rotate(head, pairs, &cosines_[k * pairs], &sines_[k * pairs]); };
  std::int32_t* heads = product(k);
  for (std::size_t h = 0; h < heads_; ++h) {
    rotate(heads + h * head_width_);
    std::int16_t* query = &queries_[(k * heads_ + h) * head_width_];
    query_exponents_[k * heads_ + h] = target.to_block(heads + h * head_width_, head_width_, query);
  }
  std::int32_t* keys = heads + heads_ * head_width_;
  std::int32_t* values = keys + kv_heads_ * head_width_;
  std::array<std::int16_t, head_width_max> numbers;
  const auto block = std::span(numbers).first(head_width_);
  for (std::size_t h = 0; h < kv_heads_; ++h) {
    rotate(keys + h * head_width_);
    const std::int64_t key_exponent = target.to_block(keys + h * head_width_, head_width_, numbers.data());
    caches_[layer].heads[h].put_key(positions_ + k, block, key_exponent);
    if (commitment_) commitment_->put_key(k, layer, h, block, key_exponent);
    const std::int64_t value_exponent = target.to_block(values + h * head_width_, head_width_, numbers.data());
    caches_[layer].heads[h].put_value(positions_ + k, block, value_exponent);
    if (commitment_) commitment_->put_value(k, layer, h, block, value_exponent);
  }
}

/// What a head of queries reads at a position (LAYER-7).
void FastRun::read_head(std::size_t k, std::size_t head, const KeysAndValues& cache) {
  thread_local ReadScratch scratch;
  scratch.reserve((room_ + kernels::key_group - 1) / kernels::key_group * kernels::key_group);
  const kernels::MatrixTarget& target = engine_->target();
  const ModelShape& shape = engine_->shape();
  const HeadCache& kept = cache.heads[head / (heads_ / kv_heads_)];
  const std::size_t job = k * heads_ + head, count = positions_ + k + 1;
  target.multiply_keys(&queries_[job * head_width_], head_width_, kept.keys(), count, scratch.products.data());
  const kernels::ScoreParameters parameters = {
      engine_->model().score_scale, 2 * shape.fraction_bits + 4 - query_exponents_[job], kept.key_exponents(),
      kept.value_exponents(), layer_tables().exp2.data()};
  const kernels::SoftmaxSums sums = target.softmax(scratch.products.data(), count, parameters, scratch.weights.data());
  target.mix_values(scratch.weights.data(), count, kept.values(), kept.value_width(), scratch.sums.data());
  put_means(scratch.sums.data(), head_width_, sums, &numbers_[k * number_size_ + head * head_width_]);
}

CacheEntry FastRun::cache_entry(std::int64_t layer, std::int64_t kv_head, CachePart part, std::int64_t position) const {
  P2PLLM_ASSERT(layers_.first <= layer && layer < layers_.last && 0 <= position && position < positions());
  const HeadCache& head =
      caches_[static_cast<std::size_t>(layer - layers_.first)].heads[static_cast<std::size_t>(kv_head)];
  const auto place = static_cast<std::size_t>(position);
  const std::scoped_lock lock(shown_lock_);
  if (shown_count_ == shown_.size()) shown_.emplace_back(head_width_);
  std::vector<std::int16_t>& numbers = shown_[shown_count_++];
  for (std::size_t d = 0; d < head_width_; ++d)
    numbers[d] = part == CachePart::key ? head.key(place, d) : head.value(place, d);
  return {numbers, part == CachePart::key ? head.key_exponents()[place] : head.value_exponents()[place]};
}

}  // namespace p2pllm::optimized
