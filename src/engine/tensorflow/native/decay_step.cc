// One token of a recurrence with multiplicative decay: decoding. s' = diag(e^{logDecay}) s + k vᵀ, out = s'ᵀ q.

#include <vector>

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

/** Numbers of the states from which threads are worth waking. */
constexpr int64_t WIDE = 1 << 18;

/** @param a [D], the factors of the state's rows */
void stepHead(const float* q, const float* k, const float* v, const float* a, const float* s, float* out, float* next, int64_t D, int64_t E) {
  for (int64_t e = 0; e < E; e += W) {
    const int64_t lanes = E - e;
    const Vec value = loadUpTo(v + e, lanes);
    Vec sum{};
    for (int64_t d = 0; d < D; d++) {
      const Vec after = a[d] * loadUpTo(s + d * E + e, lanes) + k[d] * value;
      storeUpTo(next + d * E + e, after, lanes);
      sum += q[d] * after;
    }
    storeUpTo(out + e, sum, lanes);
  }
}

void step(Context& context) {
  const Input q = context.input(0), k = context.input(1), v = context.input(2), decays = context.input(3), s = context.input(4);
  if (s.dims.size() != 4) throw BadInput("the state must have rank 4");
  const int64_t H = s.dims[1], G = s.dims[0] * H, D = s.dims[2], E = s.dims[3];
  if (sizeOf(q.dims) != G * D || sizeOf(k.dims) != G * D) throw BadInput("q and k must hold a number for every channel of the state");
  if (sizeOf(v.dims) != G * E) throw BadInput("v must hold a number for every column of the state");
  const bool ofHead = decays.dims.size() == 1, perChannel = decays.dims.size() == 4;
  if (decays.given() && sizeOf(decays.dims) != (ofHead ? H : perChannel ? G * D : G)) throw BadInput("logDecay must be [H], [B, H, 1] or [B, H, 1, D]");
  float* out = context.output(0, v.dims);
  float* next = context.output(1, s.dims);
  const auto run = [&](int i) {
    std::vector<float> a(D, 1.f);
    if (decays.given()) {
      const float* logs = decays.data() + (ofHead ? i % H : perChannel ? i * D : i);
      for (int64_t d = 0; d < D; d += W) storeUpTo(a.data() + d, expv(perChannel ? loadUpTo(logs + d, D - d) : splat(*logs)), D - d);
    }
    stepHead(q.data() + i * D, k.data() + i * D, v.data() + i * E, a.data(), s.data() + i * D * E, out + i * E, next + i * D * E, D, E);
  };
  if (G * D * E >= WIDE) return parallelFor(static_cast<int>(G), run);
  for (int i = 0; i < G; i++) run(i);
}

} // namespace

void registerDecayStep() {
  registerOperation("LightnetDecayStep", {"q", "k", "v", "log_decay", "state"}, {"out", "next"}, &compute<step>);
}

} // namespace lightnet
