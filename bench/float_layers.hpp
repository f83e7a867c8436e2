#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/layers/exact_model.hpp"
#include "optimized/layers/thread_team.hpp"

namespace p2pllm::bench {

struct FloatWeights {
  std::size_t rows = 0, columns = 0;
  std::vector<float> values;
};

/// The same model in float32, one token at a time: what exactness is measured against. Its sums are in an order that
/// instructions and compiler choose, so that no two machines need agree.
class FloatLayers {
 public:
  /// How a matrix is multiplied.
  enum class Loops {
    plain,  ///< the compiler makes the vectors, with leave to change the order of sums
    avx2,   ///< by hand, with FMA
  };
  FloatLayers(const ExactModel& model, Loops loops, std::size_t threads);
  static bool runs_here();

  void clear() { positions_ = 0; }
  /// Runs the next token. @returns the token of the greatest logit
  std::int64_t next(std::int64_t token);

 private:
  struct Layer {
    std::vector<float> attention_norm, feed_norm;
    FloatWeights in, output, gate_and_up, down;
    std::vector<float> keys, values;  ///< [position][kv width]
  };
  void multiply(const FloatWeights& matrix, const float* vector, float* out) const;
  void norm(const std::vector<float>& gain, float* out) const;
  void attend(Layer& layer);
  void run_layer(Layer& layer);

  ModelShape shape_;
  Loops loops_;
  optimized::ThreadTeam team_;
  FloatWeights embedding_, head_;
  std::vector<float> norm_, frequencies_;
  std::vector<Layer> layers_;
  std::size_t positions_ = 0;
  std::vector<float> row_, in_, product_, read_, scores_, logits_;
};

}  // namespace p2pllm::bench
