#include "bench/float_layers.hpp"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Compiled with leave to reorder sums, and on x86-64 for AVX2 and FMA.
namespace p2pllm::bench {
namespace {

FloatWeights stacked(std::initializer_list<const ExactMatrix*> parts) {
  FloatWeights all;
  for (const ExactMatrix* part : parts) {
    all.columns = static_cast<std::size_t>(part->columns);
    for (std::int64_t r = 0; r < part->rows; ++r, ++all.rows)
      for (std::int64_t c = 0; c < part->columns; ++c) {
        const auto multiplier = part->multipliers[static_cast<std::size_t>(r * part->blocks() + c / block_columns)];
        const auto weight = part->weights[static_cast<std::size_t>(r * part->stride() + c)];
        all.values.push_back(
            std::ldexp(static_cast<float>(weight * multiplier), -part->exponents[static_cast<std::size_t>(r)]));
      }
  }
  return all;
}

std::vector<float> gains(const ExactGain& gain) {
  std::vector<float> values;
  for (const std::int16_t value : gain.values)
    values.push_back(std::ldexp(static_cast<float>(value), -static_cast<int>(gain.exponent)));
  return values;
}

float product_of(const float* a, const float* b, std::size_t count) {
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

void multiply_plainly(const FloatWeights& matrix, std::size_t begin, std::size_t end, const float* vector, float* out) {
  for (std::size_t r = begin; r < end; ++r)
    out[r] = product_of(&matrix.values[r * matrix.columns], vector, matrix.columns);
}

#if defined(__x86_64__)
float sum_of(__m256 lanes) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

/// Four rows at once, two sums each, so that the pipes are full; fetched ahead.
void multiply_by_hand(const FloatWeights& matrix, std::size_t begin, std::size_t end, const float* vector, float* out) {
  std::size_t r = begin;
  for (; r + 4 <= end; r += 4) {
    const float* rows = &matrix.values[r * matrix.columns];
    __m256 sums[4][2] = {};
    for (std::size_t c = 0; c + 16 <= matrix.columns; c += 16) {
      const __m256 first = _mm256_loadu_ps(vector + c), second = _mm256_loadu_ps(vector + c + 8);
#pragma GCC unroll 4
      for (std::size_t k = 0; k < 4; ++k) {
        const float* weights = rows + k * matrix.columns + c;
        _mm_prefetch(weights + 4 * matrix.columns, _MM_HINT_T0);
        sums[k][0] = _mm256_fmadd_ps(_mm256_loadu_ps(weights), first, sums[k][0]);
        sums[k][1] = _mm256_fmadd_ps(_mm256_loadu_ps(weights + 8), second, sums[k][1]);
      }
    }
    for (std::size_t k = 0; k < 4; ++k) out[r + k] = sum_of(_mm256_add_ps(sums[k][0], sums[k][1]));
  }
  multiply_plainly(matrix, r, end, vector, out);
}
#else
void multiply_by_hand(const FloatWeights& matrix, std::size_t begin, std::size_t end, const float* vector, float* out) {
  multiply_plainly(matrix, begin, end, vector, out);
}
#endif

}  // namespace

bool FloatLayers::runs_here() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

FloatLayers::FloatLayers(const ExactModel& model, Loops loops, std::size_t threads)
    : shape_(model.shape),
      loops_(loops),
      team_(threads),
      embedding_(stacked({&model.embedding})),
      norm_(gains(model.norm)) {
  if (model.head) head_ = stacked({&*model.head});
  for (const ExactLayer& layer : model.layers)
    layers_.push_back({gains(layer.attention_norm), gains(layer.feed_norm),
                       stacked({&layer.query, &layer.key, &layer.value}), stacked({&layer.output}),
                       stacked({&layer.gate, &layer.up}), stacked({&layer.down}),
                       std::vector<float>(static_cast<std::size_t>(shape_.context * shape_.kv_width())),
                       std::vector<float>(static_cast<std::size_t>(shape_.context * shape_.kv_width()))});
  for (const std::uint64_t frequency : model.frequencies)
    frequencies_.push_back(static_cast<float>(std::ldexp(static_cast<double>(frequency), -63) * 3.14159265358979));
  const auto widest = std::max(shape_.query_width() + 2 * shape_.kv_width(), 2 * shape_.hidden);
  row_.resize(static_cast<std::size_t>(shape_.width));
  in_.resize(static_cast<std::size_t>(std::max(shape_.width, shape_.hidden)));
  product_.resize(static_cast<std::size_t>(std::max(widest, shape_.width)));
  read_.resize(static_cast<std::size_t>(shape_.query_width()));
  scores_.resize(static_cast<std::size_t>(shape_.context));
  logits_.resize(static_cast<std::size_t>(shape_.vocabulary));
}

void FloatLayers::multiply(const FloatWeights& matrix, const float* vector, float* out) const {
  const auto run = loops_ == Loops::avx2 ? multiply_by_hand : multiply_plainly;
  const bool is_shared = matrix.rows * matrix.columns >= std::size_t{1} << 18;
  const std::size_t parts = is_shared && team_.size() > 1 ? 2 * team_.size() : 1, fours = matrix.rows / 4;
  team_.for_each(parts, [&](std::size_t k) {
    run(matrix, fours * k / parts * 4, k + 1 == parts ? matrix.rows : fours * (k + 1) / parts * 4, vector, out);
  });
}

void FloatLayers::norm(const std::vector<float>& gain, float* out) const {
  const float mean = product_of(row_.data(), row_.data(), row_.size()) / static_cast<float>(row_.size());
  const float factor = 1 / std::sqrt(mean + 1e-5F);
  for (std::size_t i = 0; i < row_.size(); ++i) out[i] = row_[i] * factor * gain[i];
}

void FloatLayers::attend(Layer& layer) {
  const auto width = static_cast<std::size_t>(shape_.head_width),
             kv_width = static_cast<std::size_t>(shape_.kv_width());
  const auto heads = static_cast<std::size_t>(shape_.heads), kv_heads = static_cast<std::size_t>(shape_.kv_heads);
  for (std::size_t h = 0; h < heads + kv_heads; ++h)
    for (std::size_t i = 0; i < width / 2; ++i) {
      float& first = product_[h * width + 2 * i];
      float& second = product_[h * width + 2 * i + 1];
      const float angle = frequencies_[i] * static_cast<float>(positions_), c = std::cos(angle), s = std::sin(angle);
      const float turned = first * c - second * s;
      second = first * s + second * c;
      first = turned;
    }
  std::copy_n(&product_[heads * width], kv_width, &layer.keys[positions_ * kv_width]);
  std::copy_n(&product_[heads * width + kv_width], kv_width, &layer.values[positions_ * kv_width]);
  for (std::size_t h = 0; h < heads; ++h) {
    const std::size_t place = h / (heads / kv_heads) * width;
    float best = -1e30F, sum = 0;
    for (std::size_t j = 0; j <= positions_; ++j) {
      scores_[j] = product_of(&product_[h * width], &layer.keys[j * kv_width + place], width) /
                   std::sqrt(static_cast<float>(width));
      best = std::max(best, scores_[j]);
    }
    float* read = &read_[h * width];
    std::fill_n(read, width, 0.0F);
    for (std::size_t j = 0; j <= positions_; ++j) scores_[j] = std::exp(scores_[j] - best);
    for (std::size_t j = 0; j <= positions_; ++j) {
      sum += scores_[j];
      const float* value = &layer.values[j * kv_width + place];
      for (std::size_t d = 0; d < width; ++d) read[d] += scores_[j] * value[d];
    }
    for (std::size_t d = 0; d < width; ++d) read[d] /= sum;
  }
}

void FloatLayers::run_layer(Layer& layer) {
  const auto hidden = static_cast<std::size_t>(shape_.hidden);
  const auto add = [&] {
    for (std::size_t i = 0; i < row_.size(); ++i) row_[i] += product_[i];
  };
  norm(layer.attention_norm, in_.data());
  multiply(layer.in, in_.data(), product_.data());
  attend(layer);
  multiply(layer.output, read_.data(), product_.data());
  add();
  norm(layer.feed_norm, in_.data());
  multiply(layer.gate_and_up, in_.data(), product_.data());
  for (std::size_t i = 0; i < hidden; ++i) in_[i] = product_[i] / (1 + std::exp(-product_[i])) * product_[hidden + i];
  multiply(layer.down, in_.data(), product_.data());
  add();
}

std::int64_t FloatLayers::next(std::int64_t token) {
  std::int64_t best = 0;
  team_.enter([&] {
    std::copy_n(&embedding_.values[static_cast<std::size_t>(token) * row_.size()], row_.size(), row_.begin());
    for (Layer& layer : layers_) run_layer(layer);
    ++positions_;
    norm(norm_, in_.data());
    multiply(head_.rows > 0 ? head_ : embedding_, in_.data(), logits_.data());
    best = std::max_element(logits_.begin(), logits_.end()) - logits_.begin();
  });
  return best;
}

}  // namespace p2pllm::bench
