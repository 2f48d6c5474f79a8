// Log decays from their logits, and the keys tied to them, in one pass each way:
// f = b + (1 − b) σ(x), y = factor · log f, key = 1 − f = (1 − b) σ(−x), with a lower bound b per head and channel, or 0.
//
// With m = e^{−|x|} nothing overflows, and log f is formed from 1 − f where that is below ½ and from f itself elsewhere,
// so that it has its digits near 0 and for logits of thousands.

#include <tuple>

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

/** Below this logit log σ(x) is x to float32. */
constexpr float STEEP = -20;
/** Keeps a bound that was rounded to 0 from dividing by it. */
constexpr float LEAST = 1e-37f;
/** Tokens whose gradients of the bound are summed before they are added to the rest: a long float32 sum loses digits. */
constexpr int64_t BLOCK = 64;

struct Parts {
  Vec m, s; // e^{−|x|}, 1 / (1 + m)
};

INLINE Parts partsOf(Vec x) {
  const Vec m = expv(x > 0.f ? -x : x);
  return {m, 1.f / (1.f + m)};
}

template <bool bounded>
INLINE Vec forward(Vec x, Vec b, Vec* key) {
  const auto [m, s] = partsOf(x);
  const Vec rest = (1.f - b) * (x >= 0.f ? m : splat(1)) * s;
  const Vec kept = 1.f - rest;
  const auto isSmall = rest > 0.5f;
  const Vec lost = ((1.f - kept) - rest) * (2.f - kept); // the digits that 1 − rest loses, by the first term of their logarithm
  const Vec y = logv(isSmall ? (b + m) * s : kept) + (isSmall ? Vec{} : lost);
  *key = rest;
  if (bounded) return x == x ? y : x; // a logit that is no number stays none
  return x >= STEEP ? y : x;
}

/** dx, and with a bound the gradient of b. */
template <bool bounded>
INLINE Vec backward(Vec x, Vec b, Vec dy, Vec dKey, Vec* db) {
  const auto [m, s] = partsOf(x);
  const auto positive = x >= 0.f;
  if (!bounded) return (positive ? m * s : s) * (dy - dKey * (positive ? s : m * s));
  // f = den · s and df/dx = (1 − b) m s²
  const Vec den = larger(positive ? b * m + 1.f : b + m, splat(LEAST));
  const Vec dLog = dy / den - dKey * s;
  *db = (positive ? m : splat(1)) * dLog;
  return (1.f - b) * (m * s) * dLog;
}

/** x [..., H, N, D], bound [H, D] or none, settings: factor, and whether the key is wanted. */
struct Gate {
  Input x, bound, settings;
  int64_t size, N, D, H;

  explicit Gate(Context& context) : x(context.input(0)), bound(context.input(1)), settings(context.input(2)) {
    if (x.dims.size() < 3) throw BadInput("x must have at least rank 3");
    expectDims("settings", settings.dims, {2});
    size = sizeOf(x.dims), D = x.dims.back(), N = x.dims[x.dims.size() - 2], H = x.dims[x.dims.size() - 3];
    if (bound.given()) expectDims("bound", bound.dims, {H, D});
  }

  float factor() const { return settings.data()[0]; }
  bool tied() const { return settings.data()[1] != 0; }
  const float* boundOf(int64_t head) const { return bound.data() + head * D; }
};

/** run(at, width, head) over all numbers: over shares of them without a bound, else over rows of a head's tokens. */
template <typename Run>
void overRows(const Gate& gate, const Run& run) {
  if (!gate.bound.given()) return inShares(gate.size, W, [&](int64_t from, int64_t end) { run(from, end - from, 0); });
  inShares(gate.size, gate.D, [&](int64_t from, int64_t end) {
    for (int64_t at = from; at < end; at += gate.D) run(at, gate.D, at / (gate.N * gate.D) % gate.H);
  });
}

template <bool bounded>
void forwardAll(const Gate& gate, float* logDecay, float* key) {
  const float* x = gate.x.data();
  const float factor = gate.factor();
  overRows(gate, [&](int64_t at, int64_t width, int64_t head) {
    for (int64_t d = 0; d < width; d += W) {
      Vec rest;
      const Vec y = forward<bounded>(loadUpTo(x + at + d, width - d), bounded ? loadUpTo(gate.boundOf(head) + d, width - d) : Vec{}, &rest);
      storeUpTo(logDecay + at + d, y * factor, width - d);
      if (key != nullptr) storeUpTo(key + at + d, rest, width - d);
    }
  });
}

void forward(Context& context) {
  const Gate gate(context);
  float* logDecay = context.output(0, gate.x.dims);
  float* key = context.output(1, gate.tied() ? gate.x.dims : Dims{0});
  const auto run = gate.bound.given() ? &forwardAll<true> : &forwardAll<false>;
  run(gate, logDecay, gate.tied() ? key : nullptr);
}

/** Heads side by side, so that each sums the gradient of its own bound. */
void backwardBounded(const Gate& gate, const float* dLogDecay, const float* dKey, float* dx, float* dBound) {
  const auto [size, N, D, H] = std::tuple(gate.size, gate.N, gate.D, gate.H);
  const float* x = gate.x.data();
  parallelFor(static_cast<int>(H), [&, size = size, N = N, D = D, H = H](int head) {
    float* sums = dBound + head * D;
    std::fill_n(sums, D, 0.f);
    for (int64_t first = head * N * D; first < size; first += H * N * D) {
      for (int64_t d = 0; d < D; d += W) {
        const int64_t lanes = D - d;
        const Vec b = loadUpTo(gate.boundOf(head) + d, lanes);
        for (int64_t block = 0; block < N; block += BLOCK) {
          Vec sum{};
          for (int64_t t = block; t < std::min(N, block + BLOCK); t++) {
            const int64_t at = first + t * D + d;
            Vec db;
            const Vec ofKey = dKey == nullptr ? Vec{} : loadUpTo(dKey + at, lanes);
            storeUpTo(dx + at, backward<true>(loadUpTo(x + at, lanes), b, gate.factor() * loadUpTo(dLogDecay + at, lanes), ofKey, &db), lanes);
            sum += db;
          }
          storeUpTo(sums + d, loadUpTo(sums + d, lanes) + sum, lanes);
        }
      }
    }
  });
}

void backward(Context& context) {
  const Gate gate(context);
  const Input dLogDecay = context.input(3), dKey = context.input(4);
  expectDims("the gradient of the log decay", dLogDecay.dims, gate.x.dims);
  if (dKey.given()) expectDims("the gradient of the key", dKey.dims, gate.x.dims);
  const float* ofKey = dKey.given() ? dKey.data() : nullptr;
  float* dx = context.output(0, gate.x.dims);
  float* dBound = context.output(1, gate.bound.given() ? gate.bound.dims : Dims{0});
  if (gate.bound.given()) return backwardBounded(gate, dLogDecay.data(), ofKey, dx, dBound);
  const float *x = gate.x.data(), *dy = dLogDecay.data();
  overRows(gate, [&](int64_t at, int64_t width, int64_t) {
    for (int64_t i = at; i < at + width; i += W) {
      const int64_t lanes = at + width - i;
      const Vec k = ofKey == nullptr ? Vec{} : loadUpTo(ofKey + i, lanes);
      storeUpTo(dx + i, backward<false>(loadUpTo(x + i, lanes), Vec{}, gate.factor() * loadUpTo(dy + i, lanes), k, nullptr), lanes);
    }
  });
}

} // namespace

void registerDecayGate() {
  registerOperation("LightnetDecayGate", {"x", "bound", "settings"}, {"log_decay", "key"}, &compute<forward>);
  registerOperation("LightnetDecayGateGrad", {"x", "bound", "settings", "d_log_decay", "d_key"}, {"dx", "d_bound"}, &compute<backward>);
}

} // namespace lightnet
