#include "apps/p2pllm/engine.hpp"

namespace p2pllm::app {

std::unique_ptr<Engine> fast_engine(int) { return reference_engine(); }

}  // namespace p2pllm::app
