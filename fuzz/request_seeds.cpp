#include "fuzz/request_seeds.hpp"

#include <algorithm>

namespace p2pllm::fuzz {
namespace {

constexpr char command = '~';  ///< stands for the byte 1E

std::string times(int count, const std::string& text) {
  std::string result;
  for (int k = 0; k < count; ++k) result += text;
  return result;
}

const std::string good = "{\"encoded\":\"~h0\"}\n", empty = "{\"encoded\":\"\"}\n", status = "{\"status\":{}}\n";

std::string encoded(char kind) { return std::string("{\"encoded\":\"~h") + kind + "\"}\n"; }

/// Lines of which none is a request.
std::string malformed() {
  std::string all;
  for (const char* line : {"", "x", "{", "[]", "{}", "null", "{\"status\":1}", "{\"status\":{\"more\":1}}"})
    all += std::string(line) + "\n";
  all += "~r\xff";
  for (const char* line : {"{\"encoded\":\"0\"}", "{\"encoded\":\"AB\"}", "{\"encoded\":1}", "{\"transaction\":{}}",
                           "{\"encoded\":\"00\",\"status\":{}}", "{\"transaction\":[]}", "{\"encoded\":\"00\"} x"})
    all += std::string(line) + "\n";
  all += "~r\xff{\"encoded\":\"00\",\"encoded\":\"00\"}\n{\"encoded\":\"\xff\"}\n{\"transaction\":~t0,\"more\":1}\n";
  return all + times(40, "[") + "\n" + std::string(1, '\0') + "\n" + good + "~b";
}

}  // namespace

std::vector<std::string> request_seeds() {
  std::vector<std::string> seeds = {
      // every kind of request, also again
      good + status + "{\"transaction\":~t0}\n~b" + status + "{\"transaction\":~t8}\n" + encoded('2') + "~b",
      // spaces, the other order of arrival, and pieces
      "{\"enc~|oded\" : \"~h0~|\"}~|\n { \"status\":{}}\r\n{\"transaction\": ~t1 }~|\n~b",
      malformed(),
      // refused, replayed, and failed
      good + "~b" + encoded('2') + encoded('3') + encoded('4') + "~b" + encoded('5') + encoded('6') + encoded('7') +
          "~b~r\xff" + encoded('9') + encoded('1') + encoded('8') + "~b" + encoded('8') + "~b" + good + good + "~b",
      // no encodings: cut off, one byte more, a changed one
      "{\"encoded\":\"~h088\"}\n{\"encoded\":\"98~h0\"}\n" + empty + "~b" + encoded('0') + "~b",
      // cut off by its client
      good + "{\"encoded\":\"~h0\"}~e" + status + "~b~r\xff",
      good + "~e~r\xff~b",
      // as long as can be, and longer, with and without an end
      "{\"encoded\":\"~o2\"}\n~b" + status + "~n" + good + "{\"encoded\":\"~o3\"}\n" + status + "~b~n~o5" + good,
      // too many wait, by their number and by their bytes
      times(7, empty) + status + "~b~b" + empty,
      times(7, good) + status + "~n" + good + "~b~b~b",
      // clients that come, go, and do not read
      good + "~x~b~m~n" + status + "~n" + status + "~m~x~m",
      times(40, "\n") + good + "~b~r\x08~r\x7f~b~r\xff",
      good + "~n{\"transaction\":~t0}\n~n" + good + "~b" + empty + "~b",
      // the service ends
      good + "~n" + good + times(3, empty) + "{\"stat~s",
      "~s",
      times(40, "\n") + good + "~s",
      // the disk fails
      good + "~b" + good + "~n" + times(4, empty) + "~f0~b",
      good + "~f3~b",
      good + "~n" + status + "~fB~b",
      good + "~b~fS" + times(3, good) + "~b~b",
  };
  for (std::string& seed : seeds) std::ranges::replace(seed, command, '\x1e');
  return seeds;
}

}  // namespace p2pllm::fuzz
