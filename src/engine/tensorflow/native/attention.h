// What the forward and the backward pass of softmax attention share. Scores lie with a query in each lane, so that maxima and
// sums over keys need no shuffles: a panel is LANES queries, and all products are GROUP rows by a panel, in registers.
#pragma once
#include <type_traits>

#include "gemm.h"
#include "heads.h"

namespace lightnet {

// 12 × 2 sums, two rows' vectors and an element fill 27 of AVX-512's 32 registers; 6 × 2 fill 15 of AVX2's 16.
constexpr int GROUP = W == 16 ? 12 : 6;
constexpr int LANES = 2 * W;
/** Of a hidden key: e^{HIDDEN − top} is 0 also in a row that has seen nothing (top NOTHING). */
constexpr float HIDDEN = -1e38f, NOTHING = -1e30f;
/** The log-sum-exp that stands for "no key seen": every weight e^{score − EMPTY} is 0. */
constexpr float EMPTY = 1e30f;
constexpr float LOG2_E = 1.44269504088896341f, LN_2 = 0.693147180559945309f;

/** A call's sizes, inputs and settings. */
struct Attention {
  Sizes z;
  const float *q, *k, *v, *visible; // [G, N, D], [G, N, D], [G, N, E], [G, N] or null
  float scale;
  bool causal;
};

/** Inputs 0 … 4: q, k, v, visible (or empty), settings [scale, causal]. @throws BadInput */
inline Attention attentionOf(const Input& q, const Input& k, const Input& v, const Input& visible, const Input& settings) {
  const Sizes z = sizesOf(q, v);
  expectDims("k", k.dims, q.dims);
  expectDims("v", v.dims, {z.G, z.N, z.E});
  if (visible.given()) expectDims("visible", visible.dims, {z.G, z.N});
  expectDims("settings", settings.dims, {2});
  return {z, q.data(), k.data(), v.data(), visible.given() ? visible.data() : nullptr, settings.data()[0], settings.data()[1] != 0};
}

/** The keys of a head that are not padding, in their order. Padding costs nothing: it is left out. */
class Keys {
 public:
  int count;
  const float *k, *v; // [count, D], [count, E]

  Keys(const Attention& call, int head) : count(call.z.N), causal_(call.causal) {
    const int N = call.z.N, D = call.z.D, E = call.z.E;
    k = call.k + static_cast<size_t>(head) * N * D;
    v = call.v + static_cast<size_t>(head) * N * E;
    if (call.visible == nullptr) return;
    const float* visible = call.visible + static_cast<size_t>(head) * N;
    upTo_.resize(N);
    for (int t = 0; t < N; t++) {
      if (visible[t] > 0) tokens_.push_back(t);
      upTo_[t] = static_cast<int>(tokens_.size());
    }
    count = static_cast<int>(tokens_.size());
    if (count == N) return;
    copies_ = std::make_unique<Scratch>(static_cast<size_t>(count) * (D + E));
    float *kRows = copies_->data(), *vRows = kRows + static_cast<size_t>(count) * D;
    for (int j = 0; j < count; j++) {
      std::memcpy(kRows + static_cast<size_t>(j) * D, k + static_cast<size_t>(tokens_[j]) * D, 4 * D);
      std::memcpy(vRows + static_cast<size_t>(j) * E, v + static_cast<size_t>(tokens_[j]) * E, 4 * E);
    }
    k = kRows;
    v = vRows;
  }

  /** Token t sees the keys 0 … seenBy(t) − 1. Never falls with t. */
  int seenBy(int t) const { return !causal_ ? count : upTo_.empty() ? t + 1 : upTo_[t]; }
  /** where key j stands among all tokens */
  int tokenOf(int j) const { return tokens_.empty() ? j : tokens_[j]; }

 private:
  bool causal_;
  std::vector<int> upTo_, tokens_;
  std::unique_ptr<Scratch> copies_;
};

/** How many keys each query of a panel sees; lanes beyond the last token see what that sees. */
struct Seen {
  IVec lanes[2];
  int least, most;

  Seen(const Keys& keys, int token, int N) {
    int counts[LANES];
    for (int i = 0; i < LANES; i++) counts[i] = keys.seenBy(std::min(token + i, N - 1));
    std::memcpy(lanes, counts, sizeof counts);
    least = counts[0];
    most = counts[LANES - 1];
  }
};

/** `width` rounded up to what inGroups splits without rest. */
constexpr int grouped(int width) { return (width + GROUP / 3 - 1) / (GROUP / 3) * (GROUP / 3); }

/**
 * run(size, first) for groups of rows that fill `width`, a multiple of GROUP / 3: of GROUP, then of ⅔, which still hide the latency of
 * a product, and only for the narrowest of ⅓.
 */
template <typename Run>
INLINE void inGroups(int width, const Run& run) {
  constexpr int THIRD = GROUP / 3;
  const int left = width % GROUP;
  const int whole = width - left - (left == THIRD && width > GROUP ? GROUP : 0);
  int first = 0;
  for (; first < whole; first += GROUP) run(std::integral_constant<int, GROUP>(), first);
  for (; first + 2 * THIRD <= width; first += 2 * THIRD) run(std::integral_constant<int, 2 * THIRD>(), first);
  for (; first < width; first += THIRD) run(std::integral_constant<int, THIRD>(), first);
}

/** [rows, width] → for each group of channels [rows, size]: what a product reads then lies in one line. `width` padded with zeros. */
inline void packGroups(const float* from, int rows, int width, float* to) {
  inGroups(grouped(width), [&](auto size, int first) {
    const float* at = from + first;
    if (first + W <= width) // whole vectors; what is beyond the group is written over
      for (int j = 0; j < rows; j++, at += width, to += size) store(to, load(at));
    else
      for (int j = 0; j < rows; j++, at += width, to += size)
        for (int i = 0; i < size; i++) to[i] = first + i < width ? at[i] : 0.f;
  });
}

/** Up to LANES rows [rows, width], times `scale` → [width, LANES]; lanes without a row are 0. */
inline void packPanel(const float* from, int rows, int width, float scale, float* to) {
  for (int d = 0; d < width; d++)
    for (int i = 0; i < LANES; i++) to[d * LANES + i] = i < rows ? from[static_cast<size_t>(i) * width + d] * scale : 0.f;
}

/** [width, LANES], lane i times factors[i] → the first `rows` rows [rows, width]. The panel is lost. */
inline void unpackPanel(float* panel, const Vec factors[2], int rows, int width, float* to) {
  for (int d = 0; d < width; d++)
    for (int i = 0; i < 2; i++) store(panel + d * LANES + i * W, load(panel + d * LANES + i * W) * factors[i]);
  for (int t = 0; t < rows; t += 8) {
    int d = 0;
    if (t + 8 <= rows)
      for (; d + 8 <= width; d += 8) transpose8(panel + d * LANES + t, LANES, to + static_cast<size_t>(t) * width + d, width);
    for (int i = t; i < std::min(rows, t + 8); i++)
      for (int e = d; e < width; e++) to[static_cast<size_t>(i) * width + e] = panel[e * LANES + i];
  }
}

/** c [rows, LANES] = a [rows, depth] · panel [depth, LANES] */
inline void timesPanel(const float* a, int rows, int depth, const float* panel, float* c, std::ptrdiff_t cLine) {
  int j = 0;
  for (; j + GROUP <= rows; j += GROUP) tile<GROUP, 2>({a + static_cast<size_t>(j) * depth, depth, 1}, panel, LANES, depth, c + j * cLine, cLine, false);
  if (j < rows && rows >= GROUP) { // some rows a second time
    j = rows - GROUP;
    tile<GROUP, 2>({a + static_cast<size_t>(j) * depth, depth, 1}, panel, LANES, depth, c + j * cLine, cLine, false);
    return;
  }
  for (; j < rows; j++) tile<1, 2>({a + static_cast<size_t>(j) * depth, depth, 1}, panel, LANES, depth, c + j * cLine, cLine, false);
}

} // namespace lightnet
