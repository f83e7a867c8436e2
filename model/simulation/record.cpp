#include "model/simulation/record.hpp"

#include <algorithm>

#include "model/encoding/cbor.hpp"

namespace p2pllm {
namespace {

void add_requests(CborWriter& writer, const RequestRecord& requests) {
  const auto number = [&](std::int64_t value) { writer.number(static_cast<std::uint64_t>(value)); };
  writer.array(requests.earned.empty() ? 7 : 8);
  for (const std::int64_t count : {requests.offered, requests.served, requests.refused, requests.median_sojourn,
                                   requests.p95_sojourn, requests.greatest_sojourn})
    number(count);
  writer.array(requests.demand.size());
  for (const std::int64_t count : requests.demand) number(count);
  if (requests.earned.empty()) return;
  writer.array(requests.earned.size());
  for (const std::int64_t amount : requests.earned) number(amount);
}

}  // namespace

void set_sojourns(RequestRecord& record, std::vector<std::int64_t> sojourns) {
  const std::size_t n = sojourns.size();
  record.measured = static_cast<std::int64_t>(n);
  if (n == 0) return;
  std::ranges::sort(sojourns);
  mpz_class sum = 0;
  for (const std::int64_t ticks : sojourns) sum += ticks;
  record.mean_sojourn = Rational(sum, mpz_class(n));
  constexpr std::size_t percent = 100, late = 95;
  record.median_sojourn = sojourns[(n + 1) / 2 - 1];
  record.p95_sojourn = sojourns[(late * n + percent - 1) / percent - 1];
  record.greatest_sojourn = sojourns.back();
}

void RunDigest::add(const StepRecord& record) {
  CborWriter writer;
  writer.array(record.requests ? 6 : 5).bytes(value_).number(static_cast<std::uint64_t>(record.step));
  writer.number(static_cast<std::uint64_t>(record.moves)).array(record.ranges.size());
  for (const RangeRecord& range : record.ranges)
    writer.array(3)
        .number(static_cast<std::uint64_t>(range.range.first))
        .number(static_cast<std::uint64_t>(range.range.last))
        .number(range.nodes);
  writer.array(record.serves.size());
  for (const std::uint32_t place : record.serves) writer.number(place);
  if (record.requests) add_requests(writer, *record.requests);
  value_ = hash_tagged("p2pllm/1/simulation", writer.take());
}

}  // namespace p2pllm
