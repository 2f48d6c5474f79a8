// Products with a gate, in one pass each way: the gate's activation is formed again for the gradients, so that nothing beside
// the two factors is kept.

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

INLINE Vec sigmoid(Vec x) { return 1.f / (1.f + expv(-x)); }

/** y = act(a) b, with act SiLU or the sigmoid */
template <bool silu>
void gate(Context& context) {
  const Input a = context.input(0), b = context.input(1);
  expectDims("b", b.dims, a.dims);
  float* y = context.output(0, a.dims);
  inShares(sizeOf(a.dims), W, [&](int64_t from, int64_t end) {
    for (int64_t i = from; i < end; i += W) {
      const Vec x = loadUpTo(a.data() + i, end - i), factor = loadUpTo(b.data() + i, end - i), opened = sigmoid(x);
      storeUpTo(y + i, (silu ? x * opened : opened) * factor, end - i);
    }
  });
}

/** da = dy b act'(a), db = dy act(a) */
template <bool silu>
void gateGrad(Context& context) {
  const Input a = context.input(0), b = context.input(1), dy = context.input(2);
  expectDims("b", b.dims, a.dims);
  expectDims("dy", dy.dims, a.dims);
  float *da = context.output(0, a.dims), *db = context.output(1, a.dims);
  inShares(sizeOf(a.dims), W, [&](int64_t from, int64_t end) {
    for (int64_t i = from; i < end; i += W) {
      const int64_t lanes = end - i;
      const Vec x = loadUpTo(a.data() + i, lanes), factor = loadUpTo(b.data() + i, lanes), d = loadUpTo(dy.data() + i, lanes);
      const Vec opened = sigmoid(x);
      const Vec slope = silu ? opened * (1.f + x * (1.f - opened)) : opened * (1.f - opened);
      storeUpTo(da + i, d * factor * slope, lanes);
      storeUpTo(db + i, d * (silu ? x * opened : opened), lanes);
    }
  });
}

} // namespace

void registerGates() {
  registerOperation("LightnetSiluGate", {"a", "b"}, {"y"}, &compute<gate<true>>);
  registerOperation("LightnetSiluGateGrad", {"a", "b", "dy"}, {"da", "db"}, &compute<gateGrad<true>>);
  registerOperation("LightnetSigmoidGate", {"a", "b"}, {"y"}, &compute<gate<false>>);
  registerOperation("LightnetSigmoidGateGrad", {"a", "b", "dy"}, {"da", "db"}, &compute<gateGrad<false>>);
}

} // namespace lightnet
