// One token of a recurrence, with the state in the L1 cache: the inner loops of every scan. Sequential on purpose: a chunk of C
// tokens costs 2C(D+E) operations a token more, and decays multiplied one at a time need no quotient of cumulative ones.
// Rows are whole vectors.
#pragma once
#include <algorithm>

#include "gemm.h"

namespace lightnet {

/** s ← diag(a) s + k vᵀ; o = sᵀ q, for V vectors of a row. Without decay a is not read. s [D, Ep]. */
template <int V, bool decays>
INLINE void stepColumns(float* s, const float* a, const float* k, const float* q, const float* v, float* o, int D, int Ep) {
  Vec value[V], sum[V];
  for (int j = 0; j < V; j++) value[j] = load(v + j * W), sum[j] = Vec{};
  for (int d = 0; d < D; d++, s += Ep) {
    const Vec key = splat(k[d]), query = splat(q[d]);
#pragma GCC unroll 4
    for (int j = 0; j < V; j++) {
      Vec x = load(s + j * W);
      if (decays) x = x * a[d];
      x = key * value[j] + x;
      store(s + j * W, x);
      sum[j] += query * x;
    }
  }
  for (int j = 0; j < V; j++) store(o + j * W, sum[j]);
}

template <bool decays>
INLINE void step(float* s, const float* a, const float* k, const float* q, const float* v, float* o, int D, int Ep) {
  int e = 0;
  for (; e + VECTORS * W <= Ep; e += VECTORS * W) stepColumns<VECTORS, decays>(s + e, a, k, q, v + e, o + e, D, Ep);
  for (; e < Ep; e += W) stepColumns<1, decays>(s + e, a, k, q, v + e, o + e, D, Ep);
}

/** Transposed state [E, Dp], V vectors of a row: to ← from diag(a) + v kᵀ; dq = toᵀ do. `from` may be `to`. */
template <int V, bool decays>
INLINE void pushColumns(const float* from, float* to, const float* a, const float* k, const float* v, const float* dOut, float* dq, int Dp, int E) {
  Vec keep[V], key[V], sum[V];
  for (int j = 0; j < V; j++) key[j] = load(k + j * W), keep[j] = decays ? load(a + j * W) : Vec{}, sum[j] = Vec{};
  for (int e = 0; e < E; e++, from += Dp, to += Dp) {
    const Vec value = splat(v[e]), cotangent = splat(dOut[e]);
#pragma GCC unroll 4
    for (int j = 0; j < V; j++) {
      Vec x = load(from + j * W);
      if (decays) x = x * keep[j];
      x = value * key[j] + x;
      store(to + j * W, x);
      sum[j] += cotangent * x;
    }
  }
  for (int j = 0; j < V; j++) store(dq + j * W, sum[j]);
}

template <bool decays>
INLINE void push(const float* from, float* to, const float* a, const float* k, const float* v, const float* dOut, float* dq, int Dp, int E) {
  int d = 0;
  for (; d + VECTORS * W <= Dp; d += VECTORS * W) pushColumns<VECTORS, decays>(from + d, to + d, a + d, k + d, v, dOut, dq + d, Dp, E);
  for (; d < Dp; d += W) pushColumns<1, decays>(from + d, to + d, a + d, k + d, v, dOut, dq + d, Dp, E);
}

/**
 * Backwards through one token. R [E, Dp] is the gradient of the state after it that later tokens left: R ← R + do qᵀ;
 * rv = R v; dv = R k; with decays then R ← R diag(a), the gradient of the state s before it, and da = Σ_e R ∘ s, the
 * gradient of log a.
 */
template <int V, bool decays>
INLINE void pullColumns(
    float* R, const float* s, const float* a, const float* q, const float* k, const float* v, const float* dOut, float* rv, float* da, float* dv, int Dp, int E, bool first) {
  Vec keep[V], query[V], key[V], sum[V], decay[V];
  for (int j = 0; j < V; j++) {
    query[j] = load(q + j * W), key[j] = load(k + j * W), sum[j] = decay[j] = Vec{};
    keep[j] = decays ? load(a + j * W) : Vec{};
  }
  for (int e = 0; e < E; e++, R += Dp, s += decays ? Dp : 0) {
    const Vec value = splat(v[e]), cotangent = splat(dOut[e]);
    Vec along{};
#pragma GCC unroll 4
    for (int j = 0; j < V; j++) {
      Vec r = cotangent * query[j] + load(R + j * W);
      sum[j] += value * r;
      along += key[j] * r;
      if (decays) {
        r = r * keep[j];
        decay[j] += r * load(s + j * W);
      }
      store(R + j * W, r);
    }
    dv[e] = sumLanes(along) + (first ? 0.f : dv[e]);
  }
  for (int j = 0; j < V; j++) {
    store(rv + j * W, sum[j]);
    if (decays) store(da + j * W, decay[j]);
  }
}

template <bool decays>
INLINE void pull(
    float* R, const float* s, const float* a, const float* q, const float* k, const float* v, const float* dOut, float* rv, float* da, float* dv, int Dp, int E) {
  int d = 0;
  for (; d + VECTORS * W <= Dp; d += VECTORS * W) pullColumns<VECTORS, decays>(R + d, s + d, a + d, q + d, k + d, v, dOut, rv + d, da + d, dv, Dp, E, d == 0);
  for (; d < Dp; d += W) pullColumns<1, decays>(R + d, s + d, a + d, q + d, k + d, v, dOut, rv + d, da + d, dv, Dp, E, d == 0);
}

/** [D, E] → [E, Dp], the padding 0 */
inline void transposeState(const float* from, float* to, int D, int E, int Dp) {
  std::fill(to, to + static_cast<size_t>(E) * Dp, 0.f);
  for (int d = 0; d < D; d++)
    for (int e = 0; e < E; e++) to[static_cast<size_t>(e) * Dp + d] = from[static_cast<size_t>(d) * E + e];
}

/** [E, Dp] → [D, E] */
inline void transposeStateBack(const float* from, float* to, int D, int E, int Dp) {
  for (int d = 0; d < D; d++)
    for (int e = 0; e < E; e++) to[static_cast<size_t>(d) * E + e] = from[static_cast<size_t>(e) * Dp + d];
}

} // namespace lightnet
