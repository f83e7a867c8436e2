#include "optimized/layers/device_run.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "optimized/layers/head_rules.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::int64_t room_at_first = 64;

}  // namespace

DeviceRun::DeviceRun(const DeviceLayers& engine, const LayerRange& layers)
    : engine_(&engine), device_(&engine.device()), layers_(layers), batch_(engine.batch()) {
  const ModelShape& shape = engine.shape();
  width_ = shape.width;
  hidden_ = shape.hidden;
  heads_ = shape.heads;
  kv_heads_ = shape.kv_heads;
  head_width_ = shape.head_width;
  caches_.resize(static_cast<std::size_t>(layers.last - layers.first));
  const DeviceLayer& layer = engine.layer(layers.first);
  const std::int64_t blocks = std::max({layer.in.blocks(), layer.output.blocks(), layer.down.blocks()});
  rows_ = array_of<std::int32_t>(*device_, batch_ * width_);
  numbers_ = array_of<std::int32_t>(*device_, batch_ * std::max(hidden_, heads_ * head_width_));
  products_ = array_of<std::int32_t>(
      *device_, batch_ * std::max({layer.in.rows(), layer.output.rows(), layer.gate_and_up.rows()}));
  cosines_ = array_of<std::int32_t>(*device_, batch_ * head_width_ / 2);
  sines_ = array_of<std::int32_t>(*device_, batch_ * head_width_ / 2);
  queries_ = array_of<std::int16_t>(*device_, batch_ * heads_ * head_width_);
  query_exponents_ = array_of<std::uint8_t>(*device_, batch_ * heads_);
  vectors_ = value_of(kernels::DeviceVectors::of_size(*device_, batch_, blocks));
}

void DeviceRun::append(std::span<std::int32_t> rows) {
  const auto width = static_cast<std::size_t>(width_);
  P2PLLM_ASSERT(rows.size() % width == 0);
  P2PLLM_ASSERT(positions_ + static_cast<std::int64_t>(rows.size() / width) <= engine_->shape().context);
  shown_.clear();
  const std::size_t part = static_cast<std::size_t>(batch_) * width;
  for (std::size_t begin = 0; begin < rows.size(); begin += part)
    append_batch(rows.subspan(begin, std::min(part, rows.size() - begin)));
}

/// Moves the rows of all heads to an array with more room, by way of the host.
/// @param numbers  of a position
template <typename T>
void DeviceRun::grow(Array<T>& array, std::int64_t numbers, std::int64_t room) {
  auto larger = array_of<T>(*device_, kv_heads_ * room * numbers);
  std::vector<T> kept(static_cast<std::size_t>(positions_ * numbers));
  for (std::int64_t head = 0; head < kv_heads_; ++head) {
    expect_done(array.read(kept, head * room_ * numbers));
    expect_done(larger.write(kept, head * room * numbers));
    expect_done(device_->finish());
  }
  array = std::move(larger);
}

void DeviceRun::reserve(std::int64_t positions) {
  if (positions <= room_) return;
  const std::int64_t room = std::min(engine_->shape().context, std::max({positions, 2 * room_, room_at_first}));
  for (Cache& cache : caches_) {
    grow(cache.keys, head_width_, room);
    grow(cache.values, head_width_, room);
    grow(cache.key_exponents, 1, room);
    grow(cache.value_exponents, 1, room);
  }
  scratch_ = array_of<std::int64_t>(*device_, batch_ * heads_ * room);
  room_ = room;
}

void DeviceRun::append_batch(std::span<std::int32_t> rows) {
  const std::int64_t count = static_cast<std::int64_t>(rows.size()) / width_;
  const auto width = static_cast<std::size_t>(width_);
  reserve(positions_ + count);
  put_angles(count);
  expect_done(rows_.write(rows));
  if (commitment_) {
    commitment_->open(static_cast<std::size_t>(count));
    for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k)
      commitment_->put_row(k, 0, rows.subspan(k * width, width));
  }
  for (std::int64_t number = 0; number < layers_.last - layers_.first; ++number) {
    run_layer(number, count);
    if (commitment_) commit_layer(number, count);
  }
  if (commitment_) commitment_->close();
  expect_done(rows_.read(rows));
  positions_ += count;
}

void DeviceRun::put_angles(std::int64_t count) {
  std::vector<std::int32_t> cosines, sines;
  for (std::int64_t k = 0; k < count; ++k)
    for (const std::uint64_t frequency : engine_->model().frequencies) {
      const Turn turn = turn_at(frequency, static_cast<std::uint64_t>(positions_ + k));
      cosines.push_back(turn.cosine);
      sines.push_back(turn.sine);
    }
  expect_done(cosines_.write(cosines));
  expect_done(sines_.write(sines));
  expect_done(device_->finish());  // the host's copies end here
}

/// @param number  of the layer in the range, from 0
void DeviceRun::run_layer(std::int64_t number, std::int64_t count) {
  const DeviceLayer& layer = engine_->layer(layers_.first + number);
  const ExactLayer& source = engine_->model().layers[static_cast<std::size_t>(layers_.first + number)];
  const auto multiply = [&](const kernels::DeviceMatrix& matrix, const kernels::PrepareArguments& row) {
    expect_done(matrix.multiply(*device_, row, count, vectors_, first(products_, count, matrix.rows())));
  };
  const auto rows = first(rows_, count, width_);
  const auto add = [&] { expect_done(device_->launch(kernels::AddArguments{first(products_, count, width_), rows})); };

  multiply(layer.in, engine_->normed_row(rows, layer.attention_gain, source.attention_norm.exponent));
  attend(number, count);
  multiply(layer.output, engine_->row_of(first(numbers_, count, heads_ * head_width_), heads_ * head_width_));
  add();
  multiply(layer.gate_and_up, engine_->normed_row(rows, layer.feed_gain, source.feed_norm.exponent));
  expect_done(device_->launch(kernels::GateArguments{first(products_, count, 2 * hidden_), hidden_,
                                                     engine_->shape().fraction_bits, engine_->exp2().constant(),
                                                     first(numbers_, count, hidden_)}));
  multiply(layer.down, engine_->row_of(first(numbers_, count, hidden_), hidden_));
  add();
}

void DeviceRun::attend(std::int64_t number, std::int64_t count) {
  Cache& cache = caches_[static_cast<std::size_t>(number)];
  const kernels::AttentionShape shape{heads_, kv_heads_, head_width_, positions_, room_};
  const std::int64_t numbers = heads_ * head_width_;
  const kernels::simt::DeviceSpan<std::int16_t> queries = queries_.first(count * numbers);
  const kernels::simt::DeviceSpan<std::uint8_t> query_exponents = query_exponents_.first(count * heads_);
  expect_done(device_->launch(kernels::SplitHeadsArguments{
      shape,
      first(products_, count, shape.all_heads() * head_width_),
      first(cosines_, count, head_width_ / 2),
      first(sines_, count, head_width_ / 2),
      queries,
      query_exponents,
      {cache.keys.span(), cache.values.span(), cache.key_exponents.span(), cache.value_exponents.span()}}));
  expect_done(device_->launch(kernels::AttendArguments{
      shape, queries, query_exponents, cache.keys.constant(), cache.values.constant(), cache.key_exponents.constant(),
      cache.value_exponents.constant(), engine_->exp2().constant(), engine_->model().score_scale,
      engine_->shape().fraction_bits, scratch_.span(), first(numbers_, count, numbers)}));
}

/// Gives the commitment the keys and values of some positions, whose numbers in it begin at 0.
void DeviceRun::commit_cache(std::int64_t number, std::int64_t first_position, std::int64_t count) {
  const Cache& cache = caches_[static_cast<std::size_t>(number)];
  const auto layer = static_cast<std::size_t>(number);
  std::vector<std::int16_t> keys(static_cast<std::size_t>(count * head_width_)), values(keys.size());
  std::vector<std::uint8_t> key_exponents(static_cast<std::size_t>(count)), value_exponents(key_exponents.size());
  for (std::int64_t head = 0; head < kv_heads_; ++head) {
    const std::int64_t from = head * room_ + first_position;
    expect_done(cache.keys.read(keys, from * head_width_));
    expect_done(cache.values.read(values, from * head_width_));
    expect_done(cache.key_exponents.read(key_exponents, from));
    expect_done(cache.value_exponents.read(value_exponents, from));
    for (std::size_t k = 0; k < key_exponents.size(); ++k) {
      const auto part = [&](const std::vector<std::int16_t>& of) {
        return std::span(of).subspan(k * static_cast<std::size_t>(head_width_), static_cast<std::size_t>(head_width_));
      };
      commitment_->put_key(k, layer, static_cast<std::size_t>(head), part(keys), key_exponents[k]);
      commitment_->put_value(k, layer, static_cast<std::size_t>(head), part(values), value_exponents[k]);
    }
  }
}

void DeviceRun::commit_layer(std::int64_t number, std::int64_t count) {
  commit_cache(number, positions_, count);
  const auto width = static_cast<std::size_t>(width_);
  std::vector<std::int32_t> rows(static_cast<std::size_t>(count) * width);
  expect_done(rows_.read(rows));
  for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k)
    commitment_->put_row(k, static_cast<std::size_t>(number) + 1, std::span(rows).subspan(k * width, width));
}

void DeviceRun::begin_commitment(const Hash& model) {
  commitment_.emplace(model, engine_->shape(), Computation{layers_, positions_});
  for (std::int64_t begin = 0; begin < positions_; begin += batch_) {
    const std::int64_t count = std::min(batch_, positions_ - begin);
    commitment_->open(static_cast<std::size_t>(count));
    for (std::int64_t number = 0; number < layers_.last - layers_.first; ++number) commit_cache(number, begin, count);
    commitment_->close();
  }
}

const CommitmentRecord& DeviceRun::commitment() {
  P2PLLM_ASSERT(commitment_);
  return commitment_->record();
}

CacheEntry DeviceRun::cache_entry(std::int64_t layer, std::int64_t kv_head, CachePart part,
                                  std::int64_t position) const {
  P2PLLM_ASSERT(layers_.first <= layer && layer < layers_.last && 0 <= position && position < positions_);
  const Cache& cache = caches_[static_cast<std::size_t>(layer - layers_.first)];
  const bool is_key = part == CachePart::key;
  const std::int64_t at = kv_head * room_ + position;
  std::vector<std::int16_t>& numbers = shown_.emplace_back(static_cast<std::size_t>(head_width_));
  std::uint8_t exponent = 0;
  expect_done((is_key ? cache.keys : cache.values).read(numbers, at * head_width_));
  expect_done((is_key ? cache.key_exponents : cache.value_exponents).read({&exponent, 1}, at));
  return {numbers, exponent};
}

}  // namespace p2pllm::optimized
