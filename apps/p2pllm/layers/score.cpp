#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/layers/engine.hpp"
#include "apps/p2pllm/layers/layer_verbs.hpp"
#include "apps/p2pllm/layers/model_input.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/layers/tokenizer.hpp"

namespace p2pllm::app {
namespace {

constexpr std::size_t text_bytes_max = std::size_t{1} << 30;

/// What a text costs under a model: sums over the tokens that it predicted.
struct Score {
  std::int64_t tokens = 0;
  double nats = 0;          ///< minus the logarithms of the probabilities of the tokens
  std::int64_t hits = 0;    ///< tokens of the greatest logit
  std::string logits = {};  ///< of all positions, four bytes each, the lowest first
};

void add_bytes(std::string& out, std::span<const std::int32_t> numbers) {
  for (const std::int32_t number : numbers)
    for (int shift = 0; shift < 32; shift += 8)
      out += static_cast<char>(static_cast<std::uint32_t>(number) >> shift & 0xffU);
}

/// Adds one prediction. Doubles serve for the report alone.
void add(Score& score, std::span<const std::int32_t> logits, std::int64_t token, std::int64_t fraction_bits) {
  const auto greatest = std::max_element(logits.begin(), logits.end());
  const double unit = std::ldexp(1.0, -static_cast<int>(fraction_bits));
  double sum = 0;
  for (const std::int32_t logit : logits) sum += std::exp((static_cast<double>(logit) - *greatest) * unit);
  score.nats += std::log(sum) - (static_cast<double>(logits[static_cast<std::size_t>(token)]) - *greatest) * unit;
  score.hits += greatest - logits.begin() == token ? 1 : 0;
  ++score.tokens;
}

Score score_of(const ScoreOptions& options, const LayerEngine& engine, const std::vector<std::int64_t>& tokens,
               std::int64_t window, const Progress& progress) {
  const ModelShape& shape = engine.shape();
  const auto width = static_cast<std::size_t>(shape.width);
  std::vector<std::int32_t> logits(static_cast<std::size_t>(shape.vocabulary));
  Score score;
  const auto last = tokens.size() - 1;
  for (std::size_t first = 0; first < last; first += static_cast<std::size_t>(window)) {
    const std::size_t count = std::min(static_cast<std::size_t>(window), last - first);
    std::vector<std::int32_t> rows(count * width);
    for (std::size_t i = 0; i < count; ++i) engine.embed(tokens[first + i], std::span(rows).subspan(i * width, width));
    engine.start({0, shape.layers})->append(rows);
    for (std::size_t i = 0; i < count; ++i) {
      engine.logits(std::span(rows).subspan(i * width, width), logits);
      add(score, logits, tokens[first + i + 1], shape.fraction_bits);
      if (!options.logits.empty()) add_bytes(score.logits, logits);
    }
    report(progress, first + count, last);
  }
  return score;
}

}  // namespace

int run_model_score(const ScoreOptions& options) {
  if (const auto outputs = check_outputs({options.logits}, {options.text, options.model}); !outputs)
    return complain(outputs.error());
  const auto input = read_input(options.text, text_bytes_max);
  if (!input) return complain(input.error());
  const auto model = load_model(options.model);
  if (!model) return complain(model.error());
  const auto tokenizer = read_tokenizer(model->tokenizer, model->shape.vocabulary);
  if (!tokenizer) return complain(bad_input(shown_name(options.model), tokenizer.error().rule).value());
  if (!is_utf8(bytes_of(input->bytes))) return complain(bad_input(input->name, "the text must be UTF-8").value());
  std::vector<std::int64_t> tokens = (*tokenizer)->encode(input->bytes);
  if (options.tokens > 0 && tokens.size() > static_cast<std::size_t>(options.tokens) + 1)
    tokens.resize(static_cast<std::size_t>(options.tokens) + 1);
  if (tokens.size() < 2) return complain(bad_input(input->name, "a text of at least two tokens is needed").value());
  const std::int64_t window = options.window > 0 ? options.window : model->shape.context;
  if (window > model->shape.context)
    return complain(bad_input("--window", std::to_string(window),
                              fmt::format("the model's context has {} positions", model->shape.context))
                        .value());
  Score score;
  ChosenLayers layers(options.engine, options.threads, *model);
  layers.run([&](const LayerEngine& engine) {
    ProgressLine progress("scoring");
    score = score_of(options, engine, tokens, window, progress.hook());
  });
  if (!options.logits.empty())
    if (const auto written = write_output(options.logits, score.logits); !written) return complain(written.error());
  const double mean = score.nats / static_cast<double>(score.tokens);
  if (options.json) {
    fmt::print("{}", write_json(Json::Object{{"model", to_hex(header_of(*model).id())},
                                             {"tokens", Json::integer(score.tokens)},
                                             {"window", Json::integer(window)},
                                             {"cross_entropy", fmt::format("{:.6f}", mean)},
                                             {"hits", Json::integer(score.hits)}}));
    return exit_holds;
  }
  fmt::print("cross-entropy  {:.5f} nats a token, perplexity {:.3f}\n", mean, std::exp(mean));
  fmt::print("first choice   {} of {} tokens ({:.1f} %)\n", score.hits, score.tokens,
             100.0 * static_cast<double>(score.hits) / static_cast<double>(score.tokens));
  fmt::print("windows        {} tokens, each begun anew\n", window);
  return exit_holds;
}

}  // namespace p2pllm::app
