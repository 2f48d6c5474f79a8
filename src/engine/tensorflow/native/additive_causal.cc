// The causal additive operator and its backward pass. Both are recurrences without decay: logits are taken relative to a
// reference per channel that is moved, and the state rescaled, only when it has to be.

#include "heads.h"
#include "parallel.h"
#include "steps.h"

namespace lightnet {
namespace {

/** Weights are summed in blocks: one float32 sum over a million tokens would lose digits with every term. */
constexpr int SUM_BLOCK = 64;

struct Head {
  Sizes z;
  const float *q, *g, *v, *k; // padded rows; k may be nullptr
  const float *top0, *weight0, *state0; // [D], [D], [D, E]: the token before the first
};

/** The running values of the way forward, each [Dp]. */
struct Running {
  std::vector<float> m, total, recent, p, inverse;

  explicit Running(const Head& h) : m(h.z.Dp, 0.f), total(h.z.Dp, 0.f), recent(h.z.Dp, 0.f), p(h.z.Dp), inverse(h.z.Dp) {
    std::copy_n(h.top0, h.z.D, m.begin());
    std::copy_n(h.weight0, h.z.D, total.begin());
  }

  void fold() {
    for (size_t d = 0; d < m.size(); d++) total[d] += recent[d], recent[d] = 0;
  }
};

/** Multiplies columns d … d + W − 1 of a transposed state [E, Dp]. */
void rescaleColumns(float* s, int d, Vec keep, const Sizes& z) {
  for (int e = 0; e < z.E; e++) {
    float* at = s + static_cast<size_t>(e) * z.Dp + d;
    store(at, load(at) * keep);
  }
}

/** Multiplies rows d … d + W − 1 of a state [Dp, Ep]. */
void rescaleRows(float* s, int d, Vec keep, const Sizes& z) {
  for (int i = 0; i < W; i++) {
    if (keep[i] == 1.f) continue;
    float* row = s + static_cast<size_t>(d + i) * z.Ep;
    for (int e = 0; e < z.Ep; e += W) store(row + e, load(row + e) * keep[i]);
  }
}

/**
 * Takes a token's logits into account: raises m, rescales what is relative to it, adds to the weights. Leaves
 * p = e^{g − m} (times k) and 1/l; 1/l is 0 where nothing was seen.
 */
template <bool transposed>
void takeLogits(const Head& h, int64_t t, Running& r, float* s) {
  const float* g = h.g + t * h.z.Dp;
  for (int d = 0; d < h.z.Dp; d += W) {
    const Vec before = load(&r.m[d]), logit = load(g + d), top = larger(logit, before);
    if (anyGreater(top, before)) {
      const Vec keep = expv(before - top);
      store(&r.m[d], top);
      store(&r.total[d], load(&r.total[d]) * keep);
      store(&r.recent[d], load(&r.recent[d]) * keep);
      if (transposed) rescaleColumns(s, d, keep, h.z);
      else rescaleRows(s, d, keep, h.z);
    }
    const Vec weight = expv(logit - top);
    const Vec part = load(&r.recent[d]) + weight;
    store(&r.recent[d], part);
    const Vec l = load(&r.total[d]) + part;
    store(&r.inverse[d], l > Vec{} ? 1.f / l : Vec{});
    store(&r.p[d], h.k == nullptr ? weight : weight * load(h.k + t * h.z.Dp + d));
  }
}

void forwardHead(const Head& h, float* out, float* state, float* lse) {
  const Sizes& z = h.z;
  Running r(h);
  std::vector<float> s(static_cast<size_t>(z.Dp) * z.Ep, 0.f), query(z.Dp);
  for (int d = 0; d < z.D; d++)
    for (int e = 0; e < z.E; e++) s[static_cast<size_t>(d) * z.Ep + e] = h.state0[static_cast<size_t>(d) * z.E + e] * h.weight0[d];
  for (int64_t t = 0; t < z.N; t++) {
    takeLogits<false>(h, t, r, s.data());
    for (int d = 0; d < z.Dp; d += W) store(&query[d], load(h.q + t * z.Dp + d) * load(&r.inverse[d]));
    step<false>(s.data(), s.data(), r.p.data(), query.data(), h.v + t * z.Ep, out + t * z.Ep, z.D, z.Ep);
    if (t % SUM_BLOCK == SUM_BLOCK - 1) r.fold();
  }
  r.fold();
  for (int d = 0; d < z.D; d++) {
    for (int e = 0; e < z.E; e++) state[static_cast<size_t>(d) * z.E + e] = s[static_cast<size_t>(d) * z.Ep + e] * r.inverse[d];
    lse[d] = r.m[d] + std::log(r.total[d]);
  }
}

struct HeadGradient {
  const float *dOut, *dState, *dLse; // padded rows, [D, E], [D]
  float *dq, *dg, *dv, *dk; // padded rows
  float *dTop0, *dState0; // [D], [D, E]
};

/** Σ_e x ∘ y of row d, y transposed */
float rowProduct(const float* x, const float* transposed, int d, const Sizes& z) {
  float sum = 0;
  for (int e = 0; e < z.E; e++) sum += x[static_cast<size_t>(d) * z.E + e] * transposed[static_cast<size_t>(e) * z.Dp + d];
  return sum;
}

/**
 * dq_t = s_t do_t by the forward recurrence, leaving m_t and 1/l_t of every token; then R and r by the reverse one. These are
 * relative to m_t, as the state was, so that e^{m_t − z_t} is the 1/l_t of the way forward.
 */
void backwardHead(const Head& h, const HeadGradient& c) {
  const Sizes& z = h.z;
  const size_t width = static_cast<size_t>(z.Dp);
  Running running(h);
  std::vector<float> s(z.E * width, 0.f), result(width);
  const Scratch maxima(z.N * width), inverses(z.N * width);
  for (int d = 0; d < z.D; d++)
    for (int e = 0; e < z.E; e++) s[e * width + d] = h.state0[static_cast<size_t>(d) * z.E + e] * h.weight0[d];
  for (int64_t t = 0; t < z.N; t++) {
    takeLogits<true>(h, t, running, s.data());
    push<false>(s.data(), s.data(), s.data(), running.p.data(), h.v + t * z.Ep, c.dOut + t * z.Ep, result.data(), z.Dp, z.E);
    for (int d = 0; d < z.Dp; d += W) {
      store(c.dq + t * z.Dp + d, load(&result[d]) * load(&running.inverse[d]));
      store(&maxima[t * width + d], load(&running.m[d]));
      store(&inverses[t * width + d], load(&running.inverse[d]));
    }
    if (t % SUM_BLOCK == SUM_BLOCK - 1) running.fold();
  }

  // What the final normaliser and the lse ask for, relative to m: (Σ_e dState ∘ state − dLse) / l.
  std::vector<float> r(width, 0.f), reference(running.m), query(width), p(width), keyed(width), unused(width);
  for (int d = 0; d < z.D; d++) r[d] = (rowProduct(c.dState, s.data(), d, z) * running.inverse[d] - c.dLse[d]) * running.inverse[d];
  transposeState(c.dState, s.data(), z.D, z.E, z.Dp);
  for (int d = 0; d < z.Dp; d += W) rescaleColumns(s.data(), d, load(&running.inverse[d]), z);

  for (int64_t t = z.N - 1; t >= 0; t--) {
    const size_t row = t * width;
    for (int d = 0; d < z.Dp; d += W) {
      const Vec here = load(&maxima[row + d]), after = load(&reference[d]);
      if (anyGreater(after, here)) {
        const Vec keep = expv(here - after);
        rescaleColumns(s.data(), d, keep, z);
        store(&r[d], load(&r[d]) * keep);
        store(&reference[d], here);
      }
      const Vec weight = expv(load(h.g + row + d) - here);
      const Vec x = load(h.q + row + d) * load(&inverses[row + d]);
      store(&query[d], x);
      store(&r[d], load(&r[d]) + x * load(c.dq + row + d));
      store(&p[d], weight);
      store(&keyed[d], h.k == nullptr ? weight : weight * load(h.k + row + d));
    }
    pull<false>(s.data(), s.data(), s.data(), query.data(), keyed.data(), h.v + t * z.Ep, c.dOut + t * z.Ep, result.data(), unused.data(), c.dv + t * z.Ep, z.Dp, z.E);
    for (int d = 0; d < z.Dp; d += W) {
      const Vec x = load(&result[d]), weight = load(&p[d]);
      store(c.dg + row + d, load(&keyed[d]) * x - weight * load(&r[d]));
      if (c.dk != nullptr) store(c.dk + row + d, weight * x);
    }
  }

  transposeStateBack(s.data(), c.dState0, z.D, z.E, z.Dp);
  for (int d = 0; d < z.D; d++) {
    const float kept = std::exp(h.top0[d] - reference[d]) * h.weight0[d];
    float sum = 0;
    for (int e = 0; e < z.E; e++) {
      const size_t at = static_cast<size_t>(d) * z.E + e;
      c.dState0[at] *= kept;
      sum += h.state0[at] * c.dState0[at];
    }
    c.dTop0[d] = sum - kept * r[d];
  }
}

/** The inputs that both passes share, checked. */
struct CausalInputs {
  Input q, g, v, k, top0, weight0, state0;
  Sizes z;
  int64_t inD, inE, inS;

  explicit CausalInputs(Context& context)
      : q(context.input(0)), g(context.input(1)), v(context.input(2)), k(context.input(3)), top0(context.input(4)), weight0(context.input(5)), state0(context.input(6)),
        z(sizesOf(q, v)), inD(static_cast<int64_t>(z.N) * z.D), inE(static_cast<int64_t>(z.N) * z.E), inS(static_cast<int64_t>(z.D) * z.E) {
    expectDims("g", g.dims, q.dims);
    expectDims("v", v.dims, {z.G, z.N, z.E});
    if (k.given()) expectDims("k", k.dims, q.dims);
    expectDims("top0", top0.dims, {z.G, z.D});
    expectDims("weight0", weight0.dims, {z.G, z.D});
    expectDims("state0", state0.dims, {z.G, z.D, z.E});
  }
};

/** The padded rows of a head, which live as long as this. */
struct PaddedHead {
  ReadRows q, g, v, k;
  Head head;

  PaddedHead(const CausalInputs& in, int i)
      : q(in.q.data() + i * in.inD, in.z.N, in.z.D, in.z.Dp), g(in.g.data() + i * in.inD, in.z.N, in.z.D, in.z.Dp), v(in.v.data() + i * in.inE, in.z.N, in.z.E, in.z.Ep),
        k(headOf(in.k, i, in.inD), in.z.N, in.z.D, in.z.Dp),
        head{in.z, q, g, v, k, in.top0.data() + static_cast<int64_t>(i) * in.z.D, in.weight0.data() + static_cast<int64_t>(i) * in.z.D, in.state0.data() + i * in.inS} {}
};

void forward(Context& context) {
  const CausalInputs in(context);
  const Sizes& z = in.z;
  float* out = context.output(0, {z.G, z.N, z.E});
  float* state = context.output(1, {z.G, z.D, z.E});
  float* lse = context.output(2, {z.G, z.D});
  parallelFor(z.G, [&](int i) {
    const PaddedHead rows(in, i);
    const WriteRows outRows(out + i * in.inE, z.N, z.E, z.Ep);
    forwardHead(rows.head, outRows, state + i * in.inS, lse + static_cast<int64_t>(i) * z.D);
  });
}

void backward(Context& context) {
  const CausalInputs in(context);
  const Input dOut = context.input(7), dState = context.input(8), dLse = context.input(9);
  const Sizes& z = in.z;
  expectDims("the gradient of out", dOut.dims, in.v.dims);
  expectDims("the gradient of the state", dState.dims, in.state0.dims);
  expectDims("the gradient of lse", dLse.dims, in.top0.dims);
  float* dq = context.output(0, in.q.dims);
  float* dg = context.output(1, in.q.dims);
  float* dv = context.output(2, in.v.dims);
  float* dk = context.output(3, in.k.given() ? in.k.dims : Dims{0});
  float* dTop0 = context.output(4, in.top0.dims);
  float* dState0 = context.output(5, in.state0.dims);
  parallelFor(z.G, [&](int i) {
    const PaddedHead rows(in, i);
    const ReadRows cotangent(dOut.data() + i * in.inE, z.N, z.E, z.Ep);
    const WriteRows dqRows(dq + i * in.inD, z.N, z.D, z.Dp), dgRows(dg + i * in.inD, z.N, z.D, z.Dp), dvRows(dv + i * in.inE, z.N, z.E, z.Ep);
    const WriteRows dkRows(in.k.given() ? dk + i * in.inD : nullptr, z.N, z.D, z.Dp);
    backwardHead(rows.head, {cotangent, dState.data() + i * in.inS, dLse.data() + static_cast<int64_t>(i) * z.D, dqRows, dgRows, dvRows, dkRows, dTop0 + static_cast<int64_t>(i) * z.D, dState0 + i * in.inS});
  });
}

} // namespace

void registerAdditiveCausal() {
  const std::vector<const char*> inputs{"q", "g", "v", "k", "top0", "weight0", "state0"};
  std::vector<const char*> all = inputs;
  all.insert(all.end(), {"d_out", "d_state", "d_lse"});
  registerOperation("LightnetAdditiveCausal", inputs, {"out", "state", "lse"}, &compute<forward>);
  registerOperation("LightnetAdditiveCausalGrad", all, {"dq", "dg", "dv", "dk", "d_top0", "d_state0"}, &compute<backward>);
}

} // namespace lightnet
