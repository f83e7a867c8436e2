#include "kernels/portable/interval.hpp"

#include "kernels/portable/target.hpp"

namespace p2pllm::kernels {
namespace {

ConstColumns columns_of(const ConstIntervals& intervals) { return {intervals.lower.data(), intervals.upper.data()}; }
Columns columns_of(const Intervals& intervals) { return {intervals.lower.data(), intervals.upper.data()}; }

void combine(Target::IntervalOperation operation, const ConstIntervals& a, const ConstIntervals& b,
             const Intervals& out) {
  operation(columns_of(a), columns_of(b), columns_of(out), a.lower.size());
}

}  // namespace

DoubleInterval exp(const DoubleInterval& x) {
  return DoubleInterval(exp_enclosure(x.ends(), exp(x.lower()), exp(x.upper())));
}
DoubleInterval log(const DoubleInterval& x) {
  return DoubleInterval(log_enclosure(x.ends(), log(x.lower()), log(x.upper())));
}

void add(const ConstIntervals& a, const ConstIntervals& b, const Intervals& out) {
  combine(fastest_target().add, a, b, out);
}
void subtract(const ConstIntervals& a, const ConstIntervals& b, const Intervals& out) {
  combine(fastest_target().subtract, a, b, out);
}
void multiply(const ConstIntervals& a, const ConstIntervals& b, const Intervals& out) {
  combine(fastest_target().multiply, a, b, out);
}
void divide(const ConstIntervals& a, const ConstIntervals& b, const Intervals& out) {
  combine(fastest_target().divide, a, b, out);
}
void exp(const ConstIntervals& x, const Intervals& out) {
  fastest_target().exp_intervals(columns_of(x), columns_of(out), x.lower.size());
}
void log(const ConstIntervals& x, const Intervals& out) {
  fastest_target().log_intervals(columns_of(x), columns_of(out), x.lower.size());
}

}  // namespace p2pllm::kernels
