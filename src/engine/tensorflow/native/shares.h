// Long arrays in shares for the threads, and their last few numbers.
#pragma once
#include <algorithm>

#include "parallel.h"
#include "vec.h"

namespace lightnet {

/** Elements that a thread takes at a time: 256 KiB, enough to be worth waking it. */
constexpr int64_t SHARE = 1 << 16;

/** run(from, to) over 0 … size, in shares that are multiples of `unit`, at once. */
template <typename Run>
void inShares(int64_t size, int64_t unit, const Run& run) {
  const int64_t share = std::max<int64_t>(1, SHARE / unit) * unit;
  const int count = static_cast<int>((size + share - 1) / share);
  parallelFor(count, [&](int i) { run(i * share, std::min(size, (i + 1) * share)); });
}

/** load, or the first `lanes` floats and zeros */
INLINE Vec loadUpTo(const float* p, int64_t lanes) {
  if (lanes >= W) return load(p);
  float spare[W] = {};
  std::memcpy(spare, p, 4 * lanes);
  return load(spare);
}

INLINE void storeUpTo(float* p, Vec x, int64_t lanes) {
  if (lanes >= W) return store(p, x);
  float spare[W];
  store(spare, x);
  std::memcpy(p, spare, 4 * lanes);
}

/** Σ over a row of f(x, y) */
template <typename F>
INLINE float rowSum(const float* x, const float* y, int64_t width, const F& f) {
  Vec sum{};
  int64_t c = 0;
  for (; c + W <= width; c += W) sum += f(load(x + c), load(y + c));
  float total = sumLanes(sum);
  if (c < width) {
    const Vec rest = f(loadUpTo(x + c, width - c), loadUpTo(y + c, width - c));
    for (int i = 0; i < width - c; i++) total += rest[i];
  }
  return total;
}

} // namespace lightnet
