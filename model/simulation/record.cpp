#include "model/simulation/record.hpp"

#include "model/encoding/cbor.hpp"

namespace p2pllm {

void RunDigest::add(const StepRecord& record) {
  CborWriter writer;
  writer.array(5).bytes(value_).number(static_cast<std::uint64_t>(record.step));
  writer.number(static_cast<std::uint64_t>(record.moves)).array(record.ranges.size());
  for (const RangeRecord& range : record.ranges)
    writer.array(3)
        .number(static_cast<std::uint64_t>(range.range.first))
        .number(static_cast<std::uint64_t>(range.range.last))
        .number(range.nodes);
  writer.array(record.serves.size());
  for (const std::uint32_t place : record.serves) writer.number(place);
  value_ = hash_tagged("p2pllm/1/simulation", writer.take());
}

}  // namespace p2pllm
