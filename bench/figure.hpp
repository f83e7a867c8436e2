#pragma once

#include <functional>
#include <string>
#include <vector>

/// Figures of the fast half: contenders that run in turn in one process, their medians, and the ratio asked of them.
namespace p2pllm::bench {

struct Contender {
  std::string name;
  std::function<void()> run;
  std::vector<double> seconds = {};  ///< of each round
};

[[nodiscard]] double median(std::vector<double> values);
/// The mean of the fastest quarter: of two numbers of threads, how they compare when the machine is theirs.
[[nodiscard]] double best_quarter(std::vector<double> values);

/// Runs the contenders one after the other, `rounds` times, and prints the median of each.
/// @param before  precedes each run, outside its time
void interleave(
    std::vector<Contender>& contenders, int rounds,
    const std::function<void(const Contender&)>& before = [](const Contender& /*next*/) {});

/// What is asked of a ratio.
struct Bound {
  enum class Kind { at_least, at_most } kind;
  double value;
};
[[nodiscard]] constexpr Bound at_least(double value) { return {Bound::Kind::at_least, value}; }
[[nodiscard]] constexpr Bound at_most(double value) { return {Bound::Kind::at_most, value}; }

/// Prints a ratio, and whether it is what is asked; a miss is printed as MISSED. If the environment variable
/// P2PLLM_FIGURES names a file, a line of JSON is appended to it: {"work", "against", "value", "bound", "kind", "met"}.
void figure(const std::string& work, const std::string& against, double value, Bound bound);

/// The load of the machine and its processor.
void print_machine();

}  // namespace p2pllm::bench
