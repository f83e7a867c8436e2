#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace p2pllm::app {

struct ModelConvertOptions {
  std::string source;
  std::string tokenizer;  ///< a file; empty: the source has one
  std::string model;
  std::int64_t fraction_bits = 12;
  bool json = false;
};

/// Options of the verbs that read a model.
struct ModelOptions {
  std::string model;  ///< a file, or a folder of parts; empty: the shipped model
  std::string folder;
  bool json = false;
};

struct ScoreOptions {
  std::string text;
  std::string model;        ///< empty: the shipped model
  std::int64_t window = 0;  ///< tokens that are read together; 0: the context
  std::int64_t tokens = 0;  ///< the most that are predicted; 0: all
  std::string logits;       ///< empty: none are written
  std::string engine = "fast";
  int threads = 0;
  bool json = false;
};

struct GenerateOptions {
  std::string model;  ///< empty: the shipped model
  std::string prompt;
  bool chat = false;
  std::int64_t tokens = 200;
  std::string temperature;  ///< empty: 0.7, and 0 for a question
  std::uint64_t seed = 1;
  std::string engine = "fast";
  int threads = 0;     ///< 0: as many as there are processors
  std::string commit;  ///< a file; empty: no commitment is made
  bool json = false;
};

struct DisputeOptions {
  std::string commitment;
  std::string dispute;         ///< the file to write
  std::string model;           ///< empty: the shipped model
  std::int64_t position = -1;  ///< -1: the first one
  std::int64_t layer = -1;     ///< -1: the first one
  std::int64_t micro = 0;      ///< 0: the last one
  bool falsify = false;        ///< the state after gets another bit
  bool json = false;
};

struct JudgeOptions {
  std::string dispute;
  std::string engine = "fast";
  bool json = false;
};

int run_model_convert(const ModelConvertOptions& options);
int run_model_show(const ModelOptions& options);
int run_model_verify(const ModelOptions& options);
int run_model_split(const ModelOptions& options);
int run_model_score(const ScoreOptions& options);
int run_generate(const GenerateOptions& options);
int run_dispute(const DisputeOptions& options);
int run_judge(const JudgeOptions& options);

/// The options of `model`, its verbs, `generate`, `dispute` and `judge`.
struct LayerVerbs {
  ModelConvertOptions convert;
  ModelOptions show;
  ModelOptions verify;
  ModelOptions split;
  ScoreOptions score;
  GenerateOptions generate;
  DisputeOptions dispute;
  JudgeOptions judge;
};

/// Adds the verbs; each sets `chosen` when the arguments choose it. All of these must outlive the app.
void add_layers(CLI::App& app, LayerVerbs& verbs, std::function<int()>& chosen);

}  // namespace p2pllm::app
