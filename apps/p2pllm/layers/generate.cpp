#include <fmt/core.h>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/layers/engine.hpp"
#include "apps/p2pllm/layers/layer_verbs.hpp"
#include "apps/p2pllm/layers/model_input.hpp"
#include "apps/p2pllm/layers/text_stream.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/assert.hpp"
#include "model/layers/commitment_file.hpp"
#include "model/layers/tokenizer.hpp"
#include "reference/layers/sampling.hpp"

namespace p2pllm::app {
namespace {

/// The text of a run, as it is written.
class Answer {
 public:
  Answer(const GenerateOptions& options, const Tokenizer& tokenizer) : shows_(!options.json), tokenizer_(&tokenizer) {}

  /// The same tokens come once more from the first one on: what is written already is not written again.
  void begin() { repeated_ = 0; }
  void add(std::int64_t token) {
    if (repeated_ < tokens_.size()) {
      P2PLLM_ASSERT(token == tokens_[repeated_++]);  // every engine draws the same
      return;
    }
    ++repeated_;
    const std::string bytes = tokenizer_->decode(token);
    text_ += bytes;
    tokens_.push_back(token);
    if (!shows_) return;
    fmt::print("{}", stream_.add(bytes));
    std::fflush(stdout);
  }
  void finish() {
    if (shows_) fmt::print("{}\n", stream_.finish());
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<std::int64_t>& tokens() const { return tokens_; }

 private:
  bool shows_;
  const Tokenizer* tokenizer_;
  TextStream stream_;
  std::string text_;
  std::vector<std::int64_t> tokens_;
  std::size_t repeated_ = 0;  ///< tokens that came since the beginning
};

/// Runs the prompt, then draws token by token until a limit or an end.
void generate(const GenerateOptions& options, const LayerEngine& engine, LayerRun* run, const Tokenizer& tokenizer,
              const std::vector<std::int64_t>& prompt, const reference::Sampling& sampling, Answer& answer) {
  const ModelShape& shape = engine.shape();
  const auto width = static_cast<std::size_t>(shape.width);
  std::vector<std::int32_t> rows(prompt.size() * width);
  for (std::size_t i = 0; i < prompt.size(); ++i) engine.embed(prompt[i], std::span(rows).subspan(i * width, width));
  std::vector<std::int32_t> logits(static_cast<std::size_t>(shape.vocabulary));
  for (std::int64_t drawn = 0; drawn < options.tokens; ++drawn) {
    run->append(rows);
    engine.logits(std::span(rows).last(width), logits);
    const std::int64_t token = reference::next_token(logits, sampling, run->positions());
    if (tokenizer.is_end(token)) return;
    answer.add(token);
    if (run->positions() == shape.context) return;
    rows.resize(width);
    engine.embed(token, rows);
  }
}

Result<std::vector<std::int64_t>> prompt_of(const GenerateOptions& options, const Tokenizer& tokenizer,
                                            const ModelShape& shape) {
  if (!is_utf8(bytes_of(options.prompt))) return bad_input("--prompt", "the text must be UTF-8");
  if (options.chat && !tokenizer.has_chat())
    return bad_input("--chat", "this model has no form for conversations; leave --chat out");
  auto tokens = options.chat ? tokenizer.encode_chat(options.prompt) : tokenizer.encode(options.prompt);
  if (tokens.empty()) return bad_input("--prompt", "the model needs at least one token to begin with");
  if (tokens.size() > static_cast<std::size_t>(shape.context))
    return bad_input("--prompt", counted(tokens.size(), "token"),
                     fmt::format("the model's context has {} positions", shape.context));
  return tokens;
}

}  // namespace

int run_generate(const GenerateOptions& options) {
  if (const auto outputs = check_outputs({options.commit}, {options.model}); !outputs) return complain(outputs.error());
  const std::string chosen = !options.temperature.empty() ? options.temperature : options.chat ? "0" : "0.7";
  const auto temperature = parse_option("--temperature", chosen);
  if (!temperature) return complain(temperature.error());
  const auto model = load_model(options.model);
  if (!model) return complain(model.error());
  const auto sampling = reference::sampling_of(*temperature, options.seed, model->shape.fraction_bits);
  if (!sampling) return complain(bad_input("--temperature", chosen, sampling.error().rule).value());
  const auto tokenizer = read_tokenizer(model->tokenizer, model->shape.vocabulary);
  if (!tokenizer) return complain(bad_input(shown_name(options.model), tokenizer.error().rule).value());
  const auto prompt = prompt_of(options, **tokenizer, model->shape);
  if (!prompt) return complain(prompt.error());

  ChosenLayers layers(options.engine, options.threads, *model);
  Answer answer(options, **tokenizer);
  if (!options.json && !options.chat) fmt::print("{}", TextStream().add(options.prompt));
  CommitmentRecord commitment;
  layers.run([&](const LayerEngine& engine) {
    const auto run = engine.start({0, model->shape.layers});
    if (!options.commit.empty()) run->begin_commitment(header_of(*model).id());
    answer.begin();
    generate(options, engine, run.get(), **tokenizer, *prompt, *sampling, answer);
    if (!options.commit.empty()) commitment = run->commitment();
  });
  answer.finish();
  if (!options.commit.empty()) {
    const CommitmentFile file{.prompt = *prompt, .generated = answer.tokens(), .record = std::move(commitment)};
    const std::string text = write_commitment(file);
    if (text.size() > commitment_bytes_max)
      return complain(too_long("--commit", text.size(), commitment_bytes_max).value());
    if (const auto written = write_output(options.commit, text); !written) return complain(written.error());
  }
  if (!options.json) return exit_holds;
  Json::Array tokens;
  for (const std::int64_t token : answer.tokens()) tokens.push_back(Json::integer(token));
  const auto header = header_of(*model);
  fmt::print("{}", write_json(Json::Object{{"model", to_hex(header.id())},
                                           {"prompt_tokens", Json::integer(static_cast<long long>(prompt->size()))},
                                           {"tokens", std::move(tokens)},
                                           {"text", is_utf8(bytes_of(answer.text())) ? Json(answer.text()) : Json()}}));
  return exit_holds;
}

}  // namespace p2pllm::app
