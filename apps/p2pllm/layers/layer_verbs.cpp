#include "apps/p2pllm/layers/layer_verbs.hpp"

#include <CLI/CLI.hpp>

#include "apps/p2pllm/ledger_verbs.hpp"
#include "model/layers/model_shape.hpp"

namespace p2pllm::app {
namespace {

using Chosen = std::function<int()>;

void finish(CLI::App* verb, const std::string& example, Chosen& chosen, Chosen run) {
  verb->footer("Example:\n  " + example + "\n" + exit_codes);
  verb->callback([&chosen, run = std::move(run)] { chosen = run; });
}

void add_engine(CLI::App* verb, std::string& engine) {
  verb->add_option("--engine", engine, "the implementation that computes; all of them compute the same")
      ->check(CLI::IsMember({"fast", "reference"}))
      ->capture_default_str();
}
void add_engine(CLI::App* verb, std::string& engine, int& threads) {
  verb->add_option("--engine", engine,
                   "the implementation that computes; all of them compute the same; cuda needs a GPU")
      ->check(CLI::IsMember({"fast", "reference", "cuda", "cuda-or-fast"}))
      ->capture_default_str();
  verb->add_option("--threads", threads, "of the fast engine; no answer depends on it (default: all processors)")
      ->check(CLI::Range(1, 4096))
      ->envname("P2PLLM_THREADS");
}

void add_score(CLI::App* model, ScoreOptions& score, Chosen& chosen) {
  CLI::App* verb = model->add_subcommand("score", "How well does the model predict this text?");
  verb->add_option("text", score.text, "a text, or - for standard input")->required();
  verb->add_option("--model", score.model, "file of an exact model (default: the shipped one)");
  verb->add_option("--window", score.window, "tokens that are read together (default: the model's context)")
      ->check(CLI::Range(std::int64_t{1}, context_max));
  verb->add_option("--tokens", score.tokens, "predict at most this many (default: all)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  verb->add_option("--logits", score.logits,
                   "write the logits to this file: a position after the other, four bytes each");
  add_engine(verb, score.engine, score.threads);
  verb->add_flag("--json", score.json, "print JSON");
  finish(verb, "p2pllm model score text.txt --window 128", chosen, [&score] { return run_model_score(score); });
}

void add_model(CLI::App& app, LayerVerbs& verbs, Chosen& chosen) {
  CLI::App* model = app.add_subcommand("model", "Files of exact models: made, shown, verified, cut into parts.");
  model->require_subcommand(1);
  model->footer("p2pllm model convert --help shows an example.");

  CLI::App* verb = model->add_subcommand("convert", "Round floating-point weights to an exact model (MODEL-4).");
  verb->add_option("source", verbs.convert.source, "GGUF, safetensors or llama2.c file, or -")->required();
  verb->add_option("model", verbs.convert.model, "the file to write (p2pllm-model/1)")->required();
  verb->add_option("--fraction-bits", verbs.convert.fraction_bits, "rows hold magnitudes below 2^(31 - this)")
      ->check(CLI::Range(fraction_bits_min, fraction_bits_max))
      ->capture_default_str();
  verb->add_option("--tokenizer", verbs.convert.tokenizer,
                   "tokenizer.bin of llama2.c, for weights without a tokenizer");
  verb->add_flag("--json", verbs.convert.json, "print JSON");
  finish(verb, "p2pllm model convert weights.gguf weights.model", chosen,
         [&verbs] { return run_model_convert(verbs.convert); });

  constexpr const char* of_model = "file of an exact model, folder of its parts, or - (default: the shipped model)";
  verb = model->add_subcommand("show", "The sizes, the id and the parts of an exact model.");
  verb->add_option("model", verbs.show.model, of_model);
  verb->add_flag("--json", verbs.show.json, "print JSON");
  finish(verb, "p2pllm model show", chosen, [&verbs] { return run_model_show(verbs.show); });

  verb = model->add_subcommand("verify", "Does each byte of the model have the hash that its id binds?");
  verb->add_option("model", verbs.verify.model, of_model);
  verb->add_flag("--json", verbs.verify.json, "print JSON");
  finish(verb, "p2pllm model verify weights.model", chosen, [&verbs] { return run_model_verify(verbs.verify); });

  verb = model->add_subcommand("split", "Cut a model into a header and a file a layer, which can be verified alone.");
  verb->add_option("folder", verbs.split.folder, "the folder to make")->required();
  verb->add_option("model", verbs.split.model, "file of an exact model, or - (default: the shipped model)");
  verb->add_flag("--json", verbs.split.json, "print JSON");
  finish(verb, "p2pllm model split parts weights.model", chosen, [&verbs] { return run_model_split(verbs.split); });
  add_score(model, verbs.score, chosen);
}

void add_generate(CLI::App& app, GenerateOptions& generate, Chosen& chosen) {
  CLI::App* verb = app.add_subcommand("generate", "Let an exact model continue a text, or answer a question.");
  verb->add_option("--model", generate.model, "file of an exact model (default: the shipped one)");
  verb->add_option("--prompt", generate.prompt, "the text to continue, or the question");
  verb->add_flag("--chat", generate.chat, "the prompt is a question; only for models with a form for conversations");
  verb->add_option("--tokens", generate.tokens, "the most tokens to write; fewer where the model ends its text")
      ->check(CLI::Range(std::int64_t{1}, context_max))
      ->capture_default_str();
  verb->add_option("--temperature", generate.temperature,
                   "0 takes the likeliest token, 1 draws as the model says (default: 0.7, and 0 with --chat)");
  verb->add_option("--seed", generate.seed, "of the draws")
      ->check(CLI::Range(std::uint64_t{0}, (std::uint64_t{1} << 63) - 1))
      ->capture_default_str();
  add_engine(verb, generate.engine, generate.threads);
  verb->add_option("--commit", generate.commit,
                   "write the commitment to every step to this file (p2pllm-commitment/1)");
  verb->add_flag("--json", generate.json, "print JSON when all is done");
  finish(verb, "p2pllm generate --prompt \"In the beginning\"", chosen, [&generate] { return run_generate(generate); });
}

void add_dispute(CLI::App& app, DisputeOptions& dispute, Chosen& chosen) {
  CLI::App* verb = app.add_subcommand("dispute", "Open one micro-step of a committed computation, for a judge.");
  verb->add_option("commitment", dispute.commitment, "commitment file (p2pllm-commitment/1), or -")->required();
  verb->add_option("dispute", dispute.dispute, "the file to write (p2pllm-dispute/1)")->required();
  verb->add_option("--model", dispute.model, "file of an exact model (default: the shipped one)");
  verb->add_option("--position", dispute.position, "of the step (default: the first one)")
      ->check(CLI::Range(std::int64_t{0}, context_max));
  verb->add_option("--layer", dispute.layer, "of the step (default: the first one)")
      ->check(CLI::Range(std::int64_t{0}, model_layers_max));
  verb->add_option("--micro", dispute.micro, "the number of the micro-step, from 1 (default: the last one)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  verb->add_flag("--falsify", dispute.falsify, "change a bit of the state after, which a judge then finds wrong");
  verb->add_flag("--json", dispute.json, "print JSON");
  finish(verb, "p2pllm generate --prompt In --tokens 9 --commit c.json; p2pllm dispute c.json d.json --layer 3", chosen,
         [&dispute] { return run_dispute(dispute); });
}

void add_judge(CLI::App& app, JudgeOptions& judge, Chosen& chosen) {
  CLI::App* verb = app.add_subcommand("judge", "Does this micro-step lead to the state that is claimed?");
  verb->add_option("dispute", judge.dispute, "dispute file (p2pllm-dispute/1), or - for standard input")->required();
  add_engine(verb, judge.engine);
  verb->add_flag("--json", judge.json, "print JSON");
  finish(verb, "p2pllm judge d.json", chosen, [&judge] { return run_judge(judge); });
}

}  // namespace

void add_layers(CLI::App& app, LayerVerbs& verbs, Chosen& chosen) {
  add_model(app, verbs, chosen);
  add_generate(app, verbs.generate, chosen);
  add_dispute(app, verbs.dispute, chosen);
  add_judge(app, verbs.judge, chosen);
}

}  // namespace p2pllm::app
