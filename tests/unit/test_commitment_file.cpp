#include <catch2/catch.hpp>

#include "model/layers/commitment_file.hpp"
#include "optimized/layers/fast_layers.hpp"
#include "tests/support/plain_commitment.hpp"
#include "tests/support/step_world.hpp"

using namespace p2pllm;
using testing::Weights;

namespace {

/// A commitment to four positions of two layers, with rows left out as in a file.
CommitmentFile some_commitment() {
  const ExactModel model = testing::random_model(testing::odd_shape(), 3, Weights::ordinary);
  const optimized::FastLayers engine(model);
  CommitmentFile file{.prompt = {0, 1, 2}, .generated = {3, 36}, .record = {}};
  file.record = testing::commitment_of(engine, header_of(model).id(), {{0, 2}, 1}, testing::token_rows(engine, 4), {3});
  file.record.rows.clear();
  return file;
}

DisputeFile some_dispute() {
  testing::StepWorld world(testing::random_model(testing::odd_shape(), 3, Weights::ordinary), {0, 2}, 0);
  world.run.begin(world.row_of(5));
  reference::MicroRecord record = world.run.next();
  return {.model = world.id,
          .computation = world.computation,
          .place = record.place,
          .before = record.before,
          .after = record.after_hash,
          .witness = record.witness};
}

}  // namespace

TEST_CASE("a commitment is read as it was written", "[commitment-file][FORMAT-10]") {
  const CommitmentFile file = some_commitment();
  const std::string text = write_commitment(file);
  const auto read = read_commitment(text, "c");
  REQUIRE(read);
  CHECK(read->record == file.record);
  CHECK(read->prompt == file.prompt);
  CHECK(read->generated == file.generated);
  CHECK(read->positions() == 4);
  CHECK(read->token(2) == 2);
  CHECK(read->token(4) == 36);
  CHECK(write_commitment(*read) == text);
}

TEST_CASE("a dispute is read as it was written, and judged as its parts are", "[commitment-file][FORMAT-10][STEP-6]") {
  const DisputeFile file = some_dispute();
  const std::string text = write_dispute(file);
  const auto read = read_dispute(text, "d");
  REQUIRE(read);
  CHECK(write_dispute(*read) == text);
  CHECK(reference::judge(read->model, read->computation, read->place, read->before, read->after, read->witness) ==
        Judgement::right);
}

TEST_CASE("no change of a byte is read as what was there", "[commitment-file][FORMAT-10]") {
  const std::string commitment = write_commitment(some_commitment()), dispute = write_dispute(some_dispute());
  for (const std::string_view add : {"0", " ", "\"", "f", "]", "\xff"})
    for (std::size_t at = 0; at < std::max(commitment.size(), dispute.size()); at += 1 + at / 40) {
      const auto changed = [&](std::string text) {
        const bool is_same = text[at % text.size()] == add[0];
        text[at % text.size()] = add[0];
        return is_same ? std::string() : text;
      };
      const std::string first = changed(commitment), second = changed(dispute);
      const auto as_commitment = read_commitment(first, "c");
      const auto as_dispute = read_dispute(second, "d");
      CHECK_FALSE((as_commitment && write_commitment(*as_commitment) == commitment && add != " "));
      CHECK_FALSE((as_dispute && write_dispute(*as_dispute) == dispute && add != " "));
      if (!as_commitment) CHECK(as_commitment.error().message().starts_with("c: "));
      if (!as_dispute) CHECK(as_dispute.error().message().starts_with("d: "));
    }
}
