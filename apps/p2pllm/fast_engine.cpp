#include "apps/p2pllm/engine.hpp"

namespace p2pllm::app {

std::unique_ptr<Engine> fast_engine(int) { return reference_engine(); }

std::unique_ptr<Engine> engine_named(const std::string& name, int threads) {
  return name == "reference" ? reference_engine() : fast_engine(threads);
}

Json with_engine(Json answer, const Engine& engine) {
  answer.as_object()->emplace_back("engine", engine.name());
  return answer;
}

}  // namespace p2pllm::app
