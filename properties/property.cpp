#include "properties/property.hpp"

#include <rapidcheck.h>
#include <rapidcheck/detail/TestListenerAdapter.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>

namespace p2pllm::properties {
namespace {

constexpr std::uint64_t default_seed = 20251;

/// The number of cases of one property in each class.
class Coverage {
 public:
  void count(const std::string& name, bool reached, bool required) {
    Class& entry = classes_[name];
    entry.cases += reached ? 1 : 0;
    entry.required = entry.required || required;
  }

  [[nodiscard]] std::string table(int cases) const {
    std::ostringstream text;
    for (const auto& [name, entry] : classes_)
      text << "    " << entry.cases << " of " << cases << "  " << name << (entry.required ? "" : " (not required)")
           << "\n";
    return text.str();
  }

  /// A property that demands no class could pass on cases that never reach its subject.
  [[nodiscard]] bool demands_nothing() const {
    return std::none_of(classes_.begin(), classes_.end(), [](const auto& each) { return each.second.required; });
  }

  [[nodiscard]] std::string missing() const {
    std::string names;
    for (const auto& [name, entry] : classes_)
      if (entry.required && entry.cases == 0) names += (names.empty() ? "" : ", ") + name;
    return names;
  }

 private:
  struct Class {
    int cases = 0;
    bool required = false;
  };
  std::map<std::string, Class> classes_;
};

Coverage* coverage = nullptr;  // of the property that runs; the harness is single-threaded

rc::detail::Configuration configuration_from_environment(int cases) {
  rc::detail::Configuration configuration;
  configuration.testParams.seed = default_seed;
  configuration.testParams.maxSuccess = cases;
  if (const char* text = std::getenv("RC_PARAMS")) configuration = rc::detail::configFromString(text, configuration);
  return configuration;
}

}  // namespace

void reach(const char* name, bool reached) { coverage->count(name, reached, true); }
void note(const char* name, bool reached) { coverage->count(name, reached, false); }

void check_property(const char* sentence, int cases, void (*body)()) {
  const rc::detail::Configuration configuration = configuration_from_environment(cases);
  const rc::detail::TestParams& params = configuration.testParams;
  Coverage own;
  coverage = &own;
  rc::detail::TestListenerAdapter listener;
  const rc::detail::TestResult result = rc::detail::checkTestable(
      [body] { body(); }, rc::detail::TestMetadata{sentence, sentence}, params, listener, configuration.reproduce);
  coverage = nullptr;

  std::ostringstream report;
  report << "- " << sentence << "\n  RC_PARAMS=\"seed=" << params.seed << " max_success=" << params.maxSuccess
         << "\"\n";
  if (!result.is<rc::detail::SuccessResult>()) {
    rc::detail::printResultMessage(result, report);
    FAIL("FALSIFIED " << report.str());
  }
  report << own.table(params.maxSuccess);
  std::cout << report.str() << std::flush;
  if (params.maxSuccess >= cases && own.demands_nothing()) FAIL("NO CLASS DEMANDED: " << report.str());
  if (params.maxSuccess >= cases && !own.missing().empty())
    FAIL("NEVER REACHED: " << own.missing() << "\n" << report.str());
  SUCCEED();
}

}  // namespace p2pllm::properties
