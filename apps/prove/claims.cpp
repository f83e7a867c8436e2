#include "proofs/claims.hpp"

#include <fmt/core.h>

#include "apps/command_line.hpp"
#include "apps/prove/verbs.hpp"
#include "model/encoding/json.hpp"

namespace p2pllm::app {
namespace {

using namespace proofs;

struct JudgedClaim {
  PaperClaim claim;
  std::vector<JudgedFinding> findings;
};

/// "refuted as printed", or the fault in the evidence.
std::string in_words(const JudgedFinding& judged) {
  const std::string scope = judged.finding->scope.empty() ? "" : " " + judged.finding->scope;
  return judged.holds ? to_string(judged.finding->verdict) + scope : "NOT SHOWN" + scope + ": " + judged.fault;
}

void print_text(const JudgedClaim& judged) {
  fmt::print("{:>2}  {}\n", judged.claim.number, judged.claim.statement);
  for (const JudgedFinding& finding : judged.findings) {
    fmt::print("      {}\n", in_words(finding));
    if (!finding.witness.empty()) fmt::print("        {}\n", finding.witness);
    if (!finding.finding->command.empty()) fmt::print("        see: {}\n", finding.finding->command);
    if (!finding.finding->page.empty()) fmt::print("        see: spec/generated/{}\n", finding.finding->page);
  }
}

void print_page(const std::vector<JudgedClaim>& judged) {
  fmt::print(
      "# The paper's claims, judged\n\nMade by `p2pllm claims --markdown`: each proof is run and each witness computed "
      "anew by the test suite. A *proof* "
      "is named as\n`p2pllm prove NAME` takes it. A page that is linked is compared with runs by a test of its "
      "own.\n\n| | claim | place | verdict | evidence "
      "|\n|---:|---|---|---|---|\n");
  for (const auto& [claim, findings] : judged)
    for (const JudgedFinding& finding : findings) {
      std::string evidence;
      for (const std::string& name : finding.finding->obligations)
        evidence += (evidence.empty() ? "`" : ", `") + name + "`";
      if (finding.finding->witness) evidence += (evidence.empty() ? "" : "; ") + finding.witness;
      if (!finding.finding->command.empty())
        evidence += (evidence.empty() ? "`" : " (`") + finding.finding->command + (evidence.empty() ? "`" : "`)");
      if (!finding.finding->page.empty())
        evidence +=
            fmt::format("{}[{}]({})", evidence.empty() ? "" : ", ", finding.finding->page, finding.finding->page);
      const bool first = &finding == &findings.front();
      fmt::print("| {} | {} | {} | **{}**{} | {} |\n", first ? std::to_string(claim.number) : "",
                 first ? claim.statement : "", first ? claim.place : "", to_string(finding.finding->verdict),
                 finding.finding->scope.empty() ? "" : " " + finding.finding->scope, evidence);
    }
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json to_json(const JudgedFinding& judged) {
  Json::Array obligations;
  for (const std::string& name : judged.finding->obligations) obligations.emplace_back(name);
  return Json::Object{{"verdict", to_string(judged.finding->verdict)},
                      {"scope", or_null(judged.finding->scope)},
                      {"obligations", std::move(obligations)},
                      {"witness", or_null(judged.witness)},
                      {"command", or_null(judged.finding->command)},
                      {"page", or_null(judged.finding->page)},
                      {"fault", or_null(judged.fault)}};
}

Json to_json(const std::vector<JudgedClaim>& judged, bool holds) {
  Json::Array claims;
  for (const auto& [claim, findings] : judged) {
    Json::Array list;
    for (const JudgedFinding& finding : findings) list.push_back(to_json(finding));
    claims.push_back(Json::Object{{"number", Json::integer(claim.number)},
                                  {"place", claim.place},
                                  {"statement", claim.statement},
                                  {"findings", std::move(list)}});
  }
  return Json::Object{{"holds", holds}, {"claims", std::move(claims)}};
}

}  // namespace

int run_claims(const ClaimsOptions& options) {
  const bool text = !options.json && !options.markdown;
  std::vector<JudgedClaim> judged;
  for (PaperClaim& claim : paper_claims()) judged.push_back({std::move(claim), {}});
  bool all = true;
  for (JudgedClaim& one : judged) {
    for (const Finding& finding : one.claim.findings) {
      one.findings.push_back(judge(finding));
      all = all && one.findings.back().holds;
    }
    if (text) print_text(one);
  }
  if (options.markdown) print_page(judged);
  if (options.json) fmt::print("{}", write_json(to_json(judged, all)));
  return all ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
