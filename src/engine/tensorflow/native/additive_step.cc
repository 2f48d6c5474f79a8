// One token of the causal additive recurrence: decoding. With running maximum m, l = Σ e^{g − m} and its rounding error (Kahan),
// per channel: m' = max(m, g), l' = l e^{m − m'} + e^{g − m'}, b = e^{g − m'} / l', s' = s + b ∘ (k vᵀ − s), out = s'ᵀ q.

#include <vector>

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

/** Numbers of the states from which threads are worth waking. */
constexpr int64_t WIDE = 1 << 18;

struct Head {
  const float *q, *g, *v, *k, *m, *l, *error, *s; // k nullptr: 1
  float *out, *nextM, *nextL, *nextError, *nextS;
};

/** b of every channel, and what is carried of them. */
void sharesOf(const Head& h, int64_t D, float* shares) {
  for (int64_t d = 0; d < D; d += W) {
    const int64_t lanes = D - d;
    const Vec logit = loadUpTo(h.g + d, lanes), before = loadUpTo(h.m + d, lanes);
    const Vec top = larger(before, logit);
    const Vec keep = expv(before - top), added = expv(logit - top);
    const Vec kept = loadUpTo(h.l + d, lanes) * keep;
    const Vec corrected = added - loadUpTo(h.error + d, lanes) * keep;
    const Vec sum = kept + corrected;
    storeUpTo(h.nextM + d, top, lanes);
    storeUpTo(h.nextL + d, sum, lanes);
    storeUpTo(h.nextError + d, (sum - kept) - corrected, lanes);
    storeUpTo(shares + d, added / (sum == 0.f ? splat(1) : sum), lanes); // where nothing was seen yet, nothing is added
  }
}

void stepHead(const Head& h, int64_t D, int64_t E) {
  std::vector<float> shares(D);
  sharesOf(h, D, shares.data());
  for (int64_t e = 0; e < E; e += W) {
    const int64_t lanes = E - e;
    const Vec value = loadUpTo(h.v + e, lanes);
    Vec sum{};
    for (int64_t d = 0; d < D; d++) {
      const Vec before = loadUpTo(h.s + d * E + e, lanes);
      const Vec after = before + shares[d] * ((h.k == nullptr ? 1.f : h.k[d]) * value - before);
      storeUpTo(h.nextS + d * E + e, after, lanes);
      sum += h.q[d] * after;
    }
    storeUpTo(h.out + e, sum, lanes);
  }
}

void step(Context& context) {
  const Input q = context.input(0), g = context.input(1), v = context.input(2), k = context.input(3);
  const Input m = context.input(4), l = context.input(5), error = context.input(6), s = context.input(7);
  if (s.dims.size() != 3) throw BadInput("the state must have rank 3");
  const int64_t G = s.dims[0], D = s.dims[1], E = s.dims[2];
  for (const Input* input : {&q, &g, &k})
    if ((input != &k || k.given()) && sizeOf(input->dims) != G * D) throw BadInput("q, g and k must hold a number for every channel of the state");
  if (sizeOf(v.dims) != G * E) throw BadInput("v must hold a number for every column of the state");
  for (const Input* input : {&m, &l, &error}) expectDims("what is carried", input->dims, {G, D});
  float* out = context.output(0, v.dims);
  float* nextM = context.output(1, m.dims);
  float* nextL = context.output(2, l.dims);
  float* nextError = context.output(3, error.dims);
  float* nextS = context.output(4, s.dims);
  const auto run = [&](int i) {
    const int64_t inD = i * D, inE = i * E, inS = i * D * E;
    stepHead(
        {q.data() + inD, g.data() + inD, v.data() + inE, k.given() ? k.data() + inD : nullptr, m.data() + inD, l.data() + inD, error.data() + inD, s.data() + inS,
         out + inE, nextM + inD, nextL + inD, nextError + inD, nextS + inS},
        D, E);
  };
  if (G * D * E >= WIDE) return parallelFor(static_cast<int>(G), run);
  for (int i = 0; i < G; i++) run(i);
}

} // namespace

void registerAdditiveStep() {
  registerOperation("LightnetAdditiveStep", {"q", "g", "v", "k", "m", "l", "l_error", "s"}, {"out", "next_m", "next_l", "next_l_error", "next_s"}, &compute<step>);
}

} // namespace lightnet
