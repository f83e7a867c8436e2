#include <catch2/catch.hpp>

#include "model/contracts/reason.hpp"
#include "reference/contracts/trace_lines.hpp"

namespace p2pllm::contracts {
namespace {

TEST_CASE("a reason is found by its name, and every code is below the end of codes", "[LEDGER-3]") {
  std::size_t found = 0;
  for (unsigned code = 0; code <= 0xffff; ++code) {
    const auto reason = static_cast<Reason>(code);
    if (name_of(reason) == "unknown") continue;
    CHECK(code < reason_code_end);
    CHECK(find_reason(name_of(reason)) == reason);
    ++found;
  }
  CHECK(found > 40);
  for (const char* name : {"", "unknown", "None", "too_early "}) CHECK_FALSE(find_reason(name));
}

TEST_CASE("a trace may have 2^20 lines and 2^28 bytes, and no more", "[LEDGER-8]") {
  reference::TraceLines lines;
  for (std::size_t k = 0; k < reference::trace_lines_max; ++k) lines.add_as_it_is("", {});
  CHECK(lines.fits());
  lines.add_as_it_is("", {});
  CHECK_FALSE(lines.fits());

  reference::TraceLines long_line;
  long_line.add_as_it_is(std::string(reference::trace_bytes_max - 1, 'x'), {});
  CHECK(long_line.fits());
  long_line.add_as_it_is("", {});
  CHECK_FALSE(long_line.fits());
}

}  // namespace
}  // namespace p2pllm::contracts
