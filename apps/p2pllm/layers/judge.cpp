#include "reference/layers/judge.hpp"

#include <fmt/core.h>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/layers/layer_verbs.hpp"
#include "apps/p2pllm/layers/micro_step_text.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/layers/commitment_file.hpp"
#include "model/layers/model_file.hpp"
#include "optimized/layers/judge.hpp"

namespace p2pllm::app {
namespace {

Judgement judged(const DisputeFile& dispute, const std::string& engine) {
  const auto judge = engine == "reference" ? reference::judge : optimized::judge;
  return judge(dispute.model, dispute.computation, dispute.place, dispute.before, dispute.after, dispute.witness);
}

const char* name_of(Judgement judgement) {
  switch (judgement) {
    case Judgement::right: return "right";
    case Judgement::wrong: return "wrong";
    case Judgement::unfit: break;
  }
  return "unfit";
}

/// The sizes of the model of a witness that a judge found fit.
ModelShape shape_of(const DisputeFile& dispute) {
  const auto manifest = decode_cbor(dispute.witness, [](CborReader& reader) {
    reader.next_array(2);
    const ByteView bytes = reader.next_bytes();
    (void)reader.next_bytes();
    return bytes;
  });
  return decode_manifest(manifest.value()).value().shape;
}

Json judgement_json(const DisputeFile& dispute, Judgement judgement) {
  const bool is_fit = judgement != Judgement::unfit;
  return Json::Object{{"answer", name_of(judgement)},
                      {"model", to_hex(dispute.model)},
                      {"position", Json::integer(dispute.place.position)},
                      {"layer", Json::integer(dispute.place.layer)},
                      {"micro", Json::integer(dispute.place.micro)},
                      {"micro_step", is_fit ? Json(micro_step_text(shape_of(dispute), dispute.place)) : Json()},
                      {"state_bytes", Json::integer(static_cast<long long>(dispute.before.size()))},
                      {"witness_bytes", Json::integer(static_cast<long long>(dispute.witness.size()))}};
}

void print_judgement(const DisputeFile& dispute, Judgement judgement) {
  const ModelShape shape = shape_of(dispute);
  fmt::print("model    {}\n", to_hex(dispute.model));
  fmt::print("judged   {}\n", place_text(shape, dispute.place));
  fmt::print("         {}\n", micro_step_text(shape, dispute.place));
  fmt::print("opened   {} bytes of the state before, {} of the witness\n", dispute.before.size(),
             dispute.witness.size());
  fmt::print("{}    the state after {} the one that the micro-step leaves\n", name_of(judgement),
             judgement == Judgement::right ? "is" : "is not");
}

}  // namespace

int run_judge(const JudgeOptions& options) {
  const auto input = read_input(options.dispute, dispute_bytes_max);
  if (!input) return complain(input.error());
  const auto dispute = read_dispute(input->bytes, input->name);
  if (!dispute) return complain(dispute.error());
  const Judgement judgement = judged(*dispute, options.engine);
  if (options.json) fmt::print("{}", write_json(judgement_json(*dispute, judgement)));
  if (judgement == Judgement::unfit)
    return complain(bad_input(input->name + ": /", "unfit",
                              "state and witness must be of this micro-step of the model, byte for byte (STEP-6)")
                        .value());
  if (!options.json) print_judgement(*dispute, judgement);
  return judgement == Judgement::right ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
