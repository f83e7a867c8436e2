#include <immintrin.h>

#include "kernels/portable/target_functions.hpp"
#include "kernels/portable/targets.hpp"

// + - * / of intervals by the rounding modes that AVX-512 encodes in an instruction: the faster twin of
// interval_lane.hpp.
namespace p2pllm::kernels {
namespace {

constexpr int down = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
constexpr int up = _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC;

struct Lanes {
  __m512d lower;
  __m512d upper;
};

__m512d negate(__m512d value) { return _mm512_xor_pd(value, _mm512_set1_pd(-0.0)); }
/// -0 becomes +0, as on every target.
__m512d without_negative_zero(__m512d value) { return _mm512_add_pd(value, _mm512_setzero_pd()); }
/// The NaN of zero times infinity, or of infinity by infinity, becomes zero.
__m512d zero_if_nan(__m512d value) { return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(value, value, _CMP_ORD_Q), value); }

Lanes add_rounded(const Lanes& a, const Lanes& b) {
  return {_mm512_add_round_pd(a.lower, b.lower, down), _mm512_add_round_pd(a.upper, b.upper, up)};
}
Lanes subtract_rounded(const Lanes& a, const Lanes& b) {
  return {_mm512_sub_round_pd(a.lower, b.upper, down), _mm512_sub_round_pd(a.upper, b.lower, up)};
}

template <int rounding>
__m512d product(__m512d a, __m512d b) {
  return zero_if_nan(_mm512_mul_round_pd(a, b, rounding));
}
Lanes multiply_rounded(const Lanes& a, const Lanes& b) {
  const __m512d lower = _mm512_min_pd(_mm512_min_pd(product<down>(a.lower, b.lower), product<down>(a.lower, b.upper)),
                                      _mm512_min_pd(product<down>(a.upper, b.lower), product<down>(a.upper, b.upper)));
  const __m512d upper = _mm512_max_pd(_mm512_max_pd(product<up>(a.lower, b.lower), product<up>(a.lower, b.upper)),
                                      _mm512_max_pd(product<up>(a.upper, b.lower), product<up>(a.upper, b.upper)));
  return {lower, upper};
}

Lanes divide_rounded(const Lanes& a, const Lanes& b) {
  const __m512d zero = _mm512_setzero_pd();
  const __mmask8 is_negative = _mm512_cmp_pd_mask(b.upper, zero, _CMP_LT_OQ);
  const Lanes dividend{_mm512_mask_blend_pd(is_negative, a.lower, negate(a.upper)),
                       _mm512_mask_blend_pd(is_negative, a.upper, negate(a.lower))};
  const Lanes divisor{_mm512_mask_blend_pd(is_negative, b.lower, negate(b.upper)),
                      _mm512_mask_blend_pd(is_negative, b.upper, negate(b.lower))};
  const __mmask8 lower_is_negative = _mm512_cmp_pd_mask(dividend.lower, zero, _CMP_LT_OQ);
  const __mmask8 upper_is_negative = _mm512_cmp_pd_mask(dividend.upper, zero, _CMP_LT_OQ);
  const __m512d lower_divisor = _mm512_mask_blend_pd(lower_is_negative, divisor.upper, divisor.lower);
  const __m512d upper_divisor = _mm512_mask_blend_pd(upper_is_negative, divisor.lower, divisor.upper);
  const __mmask8 is_bounded = _mm512_cmp_pd_mask(divisor.lower, zero, _CMP_GT_OQ);
  return {_mm512_mask_blend_pd(is_bounded, _mm512_set1_pd(-infinity),
                               zero_if_nan(_mm512_div_round_pd(dividend.lower, lower_divisor, down))),
          _mm512_mask_blend_pd(is_bounded, _mm512_set1_pd(infinity),
                               zero_if_nan(_mm512_div_round_pd(dividend.upper, upper_divisor, up)))};
}

template <Lanes operation(const Lanes&, const Lanes&)>
void combine_rounded(ConstColumns a, ConstColumns b, Columns out, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 8) {
    const std::size_t left = count - i;
    const auto mask = static_cast<__mmask8>(left >= 8 ? 0xff : (1U << left) - 1);
    const Lanes x{_mm512_maskz_loadu_pd(mask, a.lower + i), _mm512_maskz_loadu_pd(mask, a.upper + i)};
    const Lanes y{_mm512_maskz_loadu_pd(mask, b.lower + i), _mm512_maskz_loadu_pd(mask, b.upper + i)};
    const Lanes result = operation(x, y);
    _mm512_mask_storeu_pd(out.lower + i, mask, without_negative_zero(result.lower));
    _mm512_mask_storeu_pd(out.upper + i, mask, without_negative_zero(result.upper));
  }
}

constexpr Target with_embedded_rounding(Target target) {
  target.add = combine_rounded<add_rounded>;
  target.subtract = combine_rounded<subtract_rounded>;
  target.multiply = combine_rounded<multiply_rounded>;
  target.divide = combine_rounded<divide_rounded>;
  return target;
}

}  // namespace

const Target avx512_target = with_embedded_rounding(target_named("AVX-512"));

}  // namespace p2pllm::kernels
