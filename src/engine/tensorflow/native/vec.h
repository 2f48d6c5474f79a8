// Vectors of the processor's full width, by the vector extension of GCC and Clang on x64: 16 floats with AVX-512, 8 with AVX2.
#pragma once
#include <immintrin.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lightnet {

#if defined(__AVX512F__)
constexpr int W = 16;
#else
constexpr int W = 8;
#endif
/** Rows of heads are padded to this: whole vectors on every processor. */
constexpr int PAD = 16;

typedef float Vec __attribute__((vector_size(4 * W)));
typedef float VecAnywhere __attribute__((vector_size(4 * W), aligned(4), may_alias));
typedef int32_t IVec __attribute__((vector_size(4 * W)));

#define INLINE inline __attribute__((always_inline))

INLINE Vec load(const float* p) { return *reinterpret_cast<const VecAnywhere*>(p); }
INLINE void store(float* p, Vec x) { *reinterpret_cast<VecAnywhere*>(p) = x; }
/** Not Vec{} + x: the compiler must then add, since −0 + 0 is 0, and cannot broadcast from memory. */
INLINE Vec splat(float x) {
#if defined(__AVX512F__)
  return (Vec)_mm512_set1_ps(x);
#else
  return (Vec)_mm256_set1_ps(x);
#endif
}
/** a > b ? a : b, which the compiler would not make one instruction; b where one is not a number. */
INLINE Vec larger(Vec a, Vec b) {
#if defined(__AVX512F__)
  return (Vec)_mm512_max_ps(a, b);
#else
  return (Vec)_mm256_max_ps(a, b);
#endif
}

/** Whether a > b in any lane. */
INLINE bool anyGreater(Vec a, Vec b) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0;
#else
  return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0;
#endif
}

INLINE Vec squareRoot(Vec x) {
#if defined(__AVX512F__)
  return (Vec)_mm512_sqrt_ps((__m512)x);
#else
  return (Vec)_mm256_sqrt_ps((__m256)x);
#endif
}

INLINE float sumLanes(Vec x) {
  typedef float Quad __attribute__((vector_size(16)));
  Quad quads[W / 4];
  std::memcpy(quads, &x, sizeof x);
  Quad sum = quads[0];
  for (int i = 1; i < W / 4; i++) sum += quads[i];
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/** to [8, 8] = the transpose of from [8, 8]; lines are so many floats apart */
INLINE void transpose8(const float* from, std::ptrdiff_t fromLine, float* to, std::ptrdiff_t toLine) {
  __m256 rows[8], pairs[8], quads[8];
  for (int i = 0; i < 8; i++) rows[i] = _mm256_loadu_ps(from + i * fromLine);
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      quads[i + 2 * j] = _mm256_shuffle_ps(pairs[i + j], pairs[i + j + 2], 0x44);
      quads[i + 2 * j + 1] = _mm256_shuffle_ps(pairs[i + j], pairs[i + j + 2], 0xee);
    }
  for (int i = 0; i < 4; i++) {
    _mm256_storeu_ps(to + i * toLine, _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x20));
    _mm256_storeu_ps(to + (i + 4) * toLine, _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x31));
  }
}

/** e^x to about 1 ulp (Cephes' polynomial); 0 below −87.3, so that no denormals arise; x is taken as 88.3 above it. */
INLINE Vec expv(Vec x) {
  const Vec top = splat(88.3f), bottom = splat(-87.33f), magic = splat(12582912.f); // 1.5 · 2^23: rounds to an integer
  const Vec c = x > top ? top : (x < bottom ? bottom : x);
  const Vec shifted = c * 1.44269504088896341f + magic;
  const Vec n = shifted - magic;
  const Vec r = c - n * 0.693359375f + n * 2.12194440e-4f;
  Vec y = splat(1.9875691500e-4f);
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * (r * r) + r + 1.0f;
  const IVec power = ((IVec)shifted - (IVec)magic + 127) << 23;
  const Vec result = y * (Vec)power;
  return x < bottom ? Vec{} : result;
}

/**
 * 2^x for x < 128 to 1.6e-7 of it: a polynomial of degree 5 that is off by 1.1e-7, and its rounding. 0 from −127 down, where the
 * polynomial is exactly 1 and its exponent becomes that of 0. NaN stays NaN.
 */
INLINE Vec exp2v(Vec x) {
  const Vec magic = splat(12582912.f); // 1.5 · 2^23: rounds to an integer
  const Vec c = larger(splat(-127.f), x);
  const Vec shifted = c + magic;
  const Vec r = c - (shifted - magic);
  Vec y = splat(1.3264727e-3f);
  y = y * r + 9.671513e-3f;
  y = y * r + 5.5507336e-2f;
  y = y * r + 2.4022242e-1f;
  y = y * r + 6.9314700e-1f;
  y = y * r + 1.0f;
  return (Vec)((IVec)y + ((IVec)shifted << 23));
}

/** ln x for x ≥ 0 to about 1 ulp (Cephes' polynomial); ln 0 is −∞. */
INLINE Vec logv(Vec x) {
  const Vec least = splat(1.17549435e-38f);
  const IVec bits = (IVec)larger(x, least);
  Vec n = __builtin_convertvector((bits >> 23) - 126, Vec);
  Vec f = (Vec)((bits & 0x007fffff) | 0x3f000000); // the mantissa in [½, 1)
  const auto small = f < 0.707106781f;
  n = small ? n - 1.f : n;
  f = (small ? f + f : f) - 1.f;
  const Vec square = f * f;
  Vec y = splat(7.0376836292e-2f);
  y = y * f - 1.1514610310e-1f;
  y = y * f + 1.1676998740e-1f;
  y = y * f - 1.2420140846e-1f;
  y = y * f + 1.4249322787e-1f;
  y = y * f - 1.6668057665e-1f;
  y = y * f + 2.0000714765e-1f;
  y = y * f - 2.4999993993e-1f;
  y = y * f + 3.3333331174e-1f;
  y = y * f * square - n * 2.12194440e-4f - 0.5f * square;
  const Vec result = n * 0.693359375f + (f + y);
  return x > 0.f ? result : splat(-INFINITY);
}

} // namespace lightnet
