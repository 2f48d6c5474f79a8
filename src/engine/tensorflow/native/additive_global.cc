// The global additive operator: s = Σ_t softmax_over_tokens(g)_t (k_t) v_tᵀ, out = q s, and its backward pass. One streaming pass
// over the tokens for weights and state, with the running maximum of each channel; one for the output.

#include "gemm.h"
#include "heads.h"
#include "parallel.h"

namespace lightnet {
namespace {

/** Tokens in a block: 64 rows of 64 weights are 16 KB. */
constexpr int BLOCK = 64;
/** Below every logit, above those of hidden tokens (−1e38), so that a hidden token's weight is exactly 0. */
constexpr float NOTHING = -1e30f;

/** What a range of tokens leaves: Σ e^{g − m} v, its weights' sum l, relative to the maxima m. */
struct Sums {
  std::vector<float> m, l, state; // [Dp], [Dp], [Dp, Ep]
  explicit Sums(const Sizes& z) : m(z.Dp, NOTHING), l(z.Dp, 0.f), state(static_cast<size_t>(z.Dp) * z.Ep, 0.f) {}
};

void scaleRow(float* row, int width, float factor) {
  for (int e = 0; e < width; e += W) store(row + e, load(row + e) * factor);
}

/** Raises the maxima to those of `tokens` rows of g, and rescales what is relative to them: about ln N times a channel. */
void raise(Sums& sums, const float* g, int tokens, const Sizes& z) {
  for (int d = 0; d < z.Dp; d += W) {
    const Vec before = load(&sums.m[d]);
    Vec top = before;
    for (int t = 0; t < tokens; t++) top = larger(load(g + t * z.Dp + d), top);
    if (!anyGreater(top, before)) continue;
    const Vec keep = expv(before - top);
    store(&sums.m[d], top);
    store(&sums.l[d], load(&sums.l[d]) * keep);
    for (int i = 0; i < W; i++)
      if (keep[i] != 1.f) scaleRow(&sums.state[static_cast<size_t>(d + i) * z.Ep], z.Ep, keep[i]);
  }
}

/** Takes tokens [from, to) of a head into account. */
void absorb(Sums& sums, const float* g, const float* v, const float* k, int from, int to, const Sizes& z) {
  std::vector<float> p(static_cast<size_t>(BLOCK) * z.Dp);
  for (int t = from; t < to; t += BLOCK) {
    const int tokens = std::min(BLOCK, to - t);
    const float* rows = g + static_cast<size_t>(t) * z.Dp;
    raise(sums, rows, tokens, z);
    for (int d = 0; d < z.Dp; d += W) {
      const Vec m = load(&sums.m[d]);
      Vec sum{};
      for (int i = 0; i < tokens; i++) {
        const Vec weight = expv(load(rows + i * z.Dp + d) - m);
        sum += weight;
        store(&p[i * z.Dp + d], k == nullptr ? weight : weight * load(k + (static_cast<size_t>(t) + i) * z.Dp + d));
      }
      store(&sums.l[d], load(&sums.l[d]) + sum);
    }
    gemm({p.data(), 1, z.Dp}, v + static_cast<size_t>(t) * z.Ep, z.Ep, sums.state.data(), z.Ep, z.D, z.Ep, tokens, true);
  }
}

/** Adds the sums of another range of the same head. */
void merge(Sums& sums, const Sums& other, const Sizes& z) {
  raise(sums, other.m.data(), 1, z);
  for (int d = 0; d < z.Dp; d += W) {
    const Vec keep = expv(load(&other.m[d]) - load(&sums.m[d]));
    store(&sums.l[d], load(&sums.l[d]) + load(&other.l[d]) * keep);
    for (int i = 0; i < W; i++) {
      float* to = &sums.state[static_cast<size_t>(d + i) * z.Ep];
      const float* from = &other.state[static_cast<size_t>(d + i) * z.Ep];
      for (int e = 0; e < z.Ep; e += W) store(to + e, load(to + e) + load(from + e) * keep[i]);
    }
  }
}

float inverse(float l) { return l > 0 ? 1 / l : 0.f; }

/** The normalised state; a channel that saw no token has state 0. */
void normalise(Sums& sums, float* state, const Sizes& z) {
  for (int d = 0; d < z.D; d++) {
    float* row = &sums.state[static_cast<size_t>(d) * z.Ep];
    scaleRow(row, z.Ep, inverse(sums.l[d]));
    std::memcpy(state + static_cast<size_t>(d) * z.E, row, 4 * z.E);
  }
}

/** Ranges of tokens that work at once: more than one a head only where there are fewer heads than threads. */
int rangesOf(const Sizes& z) {
  const int wanted = z.G >= threadCount() ? 1 : (threadCount() + z.G - 1) / z.G;
  return std::max(1, std::min(wanted, z.N / (4 * BLOCK)));
}

void forward(Context& context) {
  const Input q = context.input(0), g = context.input(1), v = context.input(2), k = context.input(3);
  const Sizes z = sizesOf(q, v);
  expectDims("g", g.dims, q.dims);
  expectDims("v", v.dims, {z.G, z.N, z.E});
  if (k.given()) expectDims("k", k.dims, q.dims);
  float* out = context.output(0, {z.G, z.N, z.E});
  float* state = context.output(1, {z.G, z.D, z.E});
  float* top = context.output(2, {z.G, z.D});
  float* weight = context.output(3, {z.G, z.D});

  const int64_t inD = static_cast<int64_t>(z.N) * z.D, inE = static_cast<int64_t>(z.N) * z.E;
  const int ranges = rangesOf(z);
  const int length = (z.N + ranges - 1) / ranges;
  std::vector<Sums> parts(static_cast<size_t>(z.G) * ranges, Sums(z));
  parallelFor(z.G * ranges, [&](int unit) {
    const int i = unit / ranges, from = unit % ranges * length, tokens = std::min(length, z.N - from);
    if (tokens <= 0) return;
    const ReadRows gRows(g.data() + i * inD + static_cast<int64_t>(from) * z.D, tokens, z.D, z.Dp);
    const ReadRows vRows(v.data() + i * inE + static_cast<int64_t>(from) * z.E, tokens, z.E, z.Ep);
    const float* keys = headOf(k, i, inD);
    const ReadRows kRows(keys == nullptr ? nullptr : keys + static_cast<int64_t>(from) * z.D, tokens, z.D, z.Dp);
    absorb(parts[unit], gRows, vRows, kRows, 0, tokens, z);
  });
  for (int i = 0; i < z.G; i++) {
    Sums& sums = parts[static_cast<size_t>(i) * ranges];
    for (int r = 1; r < ranges; r++) merge(sums, parts[static_cast<size_t>(i) * ranges + r], z);
    normalise(sums, state + static_cast<int64_t>(i) * z.D * z.E, z);
    std::copy_n(sums.m.begin(), z.D, top + static_cast<int64_t>(i) * z.D);
    std::copy_n(sums.l.begin(), z.D, weight + static_cast<int64_t>(i) * z.D);
  }
  parallelFor(z.G * ranges, [&](int unit) {
    const int i = unit / ranges, from = unit % ranges * length, tokens = std::min(length, z.N - from);
    if (tokens <= 0) return;
    const WriteRows rows(out + i * inE + static_cast<int64_t>(from) * z.E, tokens, z.E, z.Ep);
    gemm({q.data() + i * inD + static_cast<int64_t>(from) * z.D, z.D, 1}, parts[static_cast<size_t>(i) * ranges].state.data(), z.Ep, rows, z.Ep, tokens, z.Ep, z.D, false);
  });
}

struct HeadGradient {
  const float *q, *g, *v, *k, *state, *top, *weight, *dOut, *dState, *dLse;
  float *dq, *dg, *dv, *dk;
};

/**
 * ds = qᵀdo + dState, dq = do·sᵀ; with p = e^{g − top} / weight: u = v·dsᵀ, dg = p ∘ (k ∘ u − rowsum(s ∘ ds) + dLse), dk = p ∘ u,
 * dv = (p ∘ k)·ds. The 1 / weight is put on ds and on the row sums. All rows padded.
 */
void backwardHead(const HeadGradient& h, const Sizes& z) {
  const size_t size = static_cast<size_t>(z.Dp) * z.Ep;
  std::vector<float> ds(size, 0.f), turned(size), c(z.Dp, 0.f), top(z.Dp, 0.f), p(static_cast<size_t>(BLOCK) * z.Dp);
  for (int d = 0; d < z.D; d++) std::memcpy(&ds[static_cast<size_t>(d) * z.Ep], h.dState + static_cast<size_t>(d) * z.E, 4 * z.E);
  std::vector<float> state(size, 0.f);
  for (int d = 0; d < z.D; d++) std::memcpy(&state[static_cast<size_t>(d) * z.Ep], h.state + static_cast<size_t>(d) * z.E, 4 * z.E);
  transpose(state.data(), turned.data(), z.Dp, z.Ep); // [Ep, Dp]
  for (int t = 0; t < z.N; t += BLOCK) {
    const int tokens = std::min(BLOCK, z.N - t);
    const float* q = h.q + static_cast<size_t>(t) * z.Dp;
    const float* dOut = h.dOut + static_cast<size_t>(t) * z.Ep;
    gemm({q, 1, z.Dp}, dOut, z.Ep, ds.data(), z.Ep, z.D, z.Ep, tokens, true);
    gemm({dOut, z.Ep, 1}, turned.data(), z.Dp, h.dq + static_cast<size_t>(t) * z.Dp, z.Dp, tokens, z.Dp, z.E, false);
  }
  for (int d = 0; d < z.D; d++) {
    Vec sum{};
    for (int e = 0; e < z.Ep; e += W) sum += load(&state[static_cast<size_t>(d) * z.Ep + e]) * load(&ds[static_cast<size_t>(d) * z.Ep + e]);
    c[d] = inverse(h.weight[d]) * (sumLanes(sum) - h.dLse[d]);
    top[d] = h.top[d];
    scaleRow(&ds[static_cast<size_t>(d) * z.Ep], z.Ep, inverse(h.weight[d]));
  }
  transpose(ds.data(), turned.data(), z.Dp, z.Ep);
  for (int t = 0; t < z.N; t += BLOCK) {
    const int tokens = std::min(BLOCK, z.N - t);
    const size_t inD = static_cast<size_t>(t) * z.Dp, inE = static_cast<size_t>(t) * z.Ep;
    gemm({h.v + inE, z.Ep, 1}, turned.data(), z.Dp, h.dg + inD, z.Dp, tokens, z.Dp, z.E, false);
    for (int i = 0; i < tokens; i++) {
      for (int d = 0; d < z.Dp; d += W) {
        const size_t at = inD + static_cast<size_t>(i) * z.Dp + d;
        const Vec weight = expv(load(h.g + at) - load(&top[d]));
        Vec u = load(h.dg + at), keyed = weight;
        if (h.k != nullptr) {
          const Vec key = load(h.k + at);
          store(h.dk + at, weight * u);
          keyed = weight * key;
          u = u * key;
        }
        store(&p[i * z.Dp + d], keyed);
        store(h.dg + at, weight * (u - load(&c[d])));
      }
    }
    gemm({p.data(), z.Dp, 1}, ds.data(), z.Ep, h.dv + inE, z.Ep, tokens, z.Ep, z.D, false);
  }
}

void backward(Context& context) {
  const Input q = context.input(0), g = context.input(1), v = context.input(2), k = context.input(3), state = context.input(4);
  const Input top = context.input(5), weight = context.input(6), dOut = context.input(7), dState = context.input(8), dLse = context.input(9);
  const Sizes z = sizesOf(q, v);
  expectDims("g", g.dims, q.dims);
  expectDims("v", v.dims, {z.G, z.N, z.E});
  if (k.given()) expectDims("k", k.dims, q.dims);
  expectDims("state", state.dims, {z.G, z.D, z.E});
  expectDims("top", top.dims, {z.G, z.D});
  expectDims("weight", weight.dims, {z.G, z.D});
  expectDims("the gradient of out", dOut.dims, v.dims);
  expectDims("the gradient of the state", dState.dims, state.dims);
  expectDims("the gradient of lse", dLse.dims, top.dims);
  float* dq = context.output(0, q.dims);
  float* dg = context.output(1, q.dims);
  float* dv = context.output(2, v.dims);
  float* dk = context.output(3, k.given() ? k.dims : Dims{0});
  const int64_t inD = static_cast<int64_t>(z.N) * z.D, inE = static_cast<int64_t>(z.N) * z.E, inS = static_cast<int64_t>(z.D) * z.E;
  parallelFor(z.G, [&](int i) {
    const ReadRows qRows(q.data() + i * inD, z.N, z.D, z.Dp), gRows(g.data() + i * inD, z.N, z.D, z.Dp), kRows(headOf(k, i, inD), z.N, z.D, z.Dp);
    const ReadRows vRows(v.data() + i * inE, z.N, z.E, z.Ep), oRows(dOut.data() + i * inE, z.N, z.E, z.Ep);
    const WriteRows dqRows(dq + i * inD, z.N, z.D, z.Dp), dgRows(dg + i * inD, z.N, z.D, z.Dp), dvRows(dv + i * inE, z.N, z.E, z.Ep);
    const WriteRows dkRows(k.given() ? dk + i * inD : nullptr, z.N, z.D, z.Dp);
    backwardHead({qRows, gRows, vRows, kRows, state.data() + i * inS, top.data() + static_cast<int64_t>(i) * z.D, weight.data() + static_cast<int64_t>(i) * z.D,
                  oRows, dState.data() + i * inS, dLse.data() + static_cast<int64_t>(i) * z.D,
                  dqRows, dgRows, dvRows, dkRows}, z);
  });
}

} // namespace

void registerAdditiveGlobal() {
  registerOperation("LightnetAdditiveGlobal", {"q", "g", "v", "k"}, {"out", "state", "top", "weight"}, &compute<forward>);
  registerOperation("LightnetAdditiveGlobalGrad", {"q", "g", "v", "k", "state", "top", "weight", "d_out", "d_state", "d_lse"}, {"dq", "dg", "dv", "dk"}, &compute<backward>);
}

} // namespace lightnet
