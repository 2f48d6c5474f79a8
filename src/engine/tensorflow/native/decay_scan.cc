// s_t = diag(e^{logDecay_t}) s_{t−1} + k_t v_tᵀ, out_t = s_tᵀ q_t in any order of visit, and its backward pass. The gradient of
// the decays is taken where it arises, Σ_e R ∘ s, from states recomputed in blocks between checkpoints.

#include "heads.h"
#include "parallel.h"
#include "steps.h"

namespace lightnet {
namespace {

/** Tokens between checkpoints: their states, 16 KB each at D = E = 64, fill half of a usual L2. */
constexpr int BLOCK = 32;

/** How a head's log decays lie: [1 or N, 1 or D]. */
struct Decays {
  const float* data; // nullptr: none
  int tokenStride, channels;
};

/** e^{logDecay} of a token, [Dp]; 1 in the padding */
void decaysOf(const Decays& decays, int t, float* a, const Sizes& z) {
  const float* row = decays.data + static_cast<int64_t>(t) * decays.tokenStride;
  for (int d = 0; d < z.D; d++) a[d] = row[decays.channels == 1 ? 0 : d];
  for (int d = z.D; d < z.Dp; d++) a[d] = 0;
  for (int d = 0; d < z.Dp; d += W) store(a + d, expv(load(a + d)));
}

struct Scan {
  Sizes z;
  const float *q, *k, *v; // padded rows
  Decays decays;
  const int32_t* order; // nullptr: 0, 1, 2, …
  int token(int i) const { return order == nullptr ? i : order[i]; }
};

/** @param state [D, E] or nullptr, which is 0; final [D, E] */
template <bool decays>
void forwardHead(const Scan& scan, const float* state, float* out, float* final) {
  const Sizes& z = scan.z;
  std::vector<float> s(static_cast<size_t>(z.D) * z.Ep, 0.f), a(z.Dp, 1.f);
  if (state != nullptr)
    for (int d = 0; d < z.D; d++) std::memcpy(&s[static_cast<size_t>(d) * z.Ep], state + static_cast<size_t>(d) * z.E, 4 * z.E);
  for (int i = 0; i < z.N; i++) {
    const int64_t t = scan.token(i);
    if (decays && (scan.decays.tokenStride != 0 || i == 0)) decaysOf(scan.decays, t, a.data(), z);
    step<decays>(s.data(), a.data(), scan.k + t * z.Dp, scan.q + t * z.Dp, scan.v + t * z.Ep, out + t * z.Ep, z.D, z.Ep);
  }
  for (int d = 0; d < z.D; d++) std::memcpy(final + static_cast<size_t>(d) * z.E, &s[static_cast<size_t>(d) * z.Ep], 4 * z.E);
}

struct ScanGradient {
  const float* dOut;
  const float *state, *dState; // [D, E] or nullptr
  float *dq, *dk, *dv;
  float *dDecays, *dInitial;
};

void start(const float* state, const Scratch& to, const Sizes& z) {
  if (state == nullptr) std::fill_n(to.data(), static_cast<size_t>(z.E) * z.Dp, 0.f);
  else transposeState(state, to.data(), z.D, z.E, z.Dp);
}

/** Without decay: a forward pass for dq, a backward one for dk and dv; no state needs to be kept. */
void plainBackward(const Scan& scan, const ScanGradient& h) {
  const Sizes& z = scan.z;
  const Scratch s(static_cast<size_t>(z.E) * z.Dp);
  start(h.state, s, z);
  for (int i = 0; i < z.N; i++) {
    const int64_t t = scan.token(i);
    push<false>(s.data(), s.data(), s.data(), scan.k + t * z.Dp, scan.v + t * z.Ep, h.dOut + t * z.Ep, h.dq + t * z.Dp, z.Dp, z.E);
  }
  start(h.dState, s, z);
  std::vector<float> unused(z.Dp);
  for (int i = z.N - 1; i >= 0; i--) {
    const int64_t t = scan.token(i);
    pull<false>(s.data(), s.data(), s.data(), scan.q + t * z.Dp, scan.k + t * z.Dp, scan.v + t * z.Ep, h.dOut + t * z.Ep, h.dk + t * z.Dp, unused.data(), h.dv + t * z.Ep, z.Dp, z.E);
  }
  transposeStateBack(s.data(), h.dInitial, z.D, z.E, z.Dp);
}

/** Writes a token's gradient, or adds it where one decay serves all tokens; sums it where one serves all channels. */
void putDecayGradient(const float* da, int t, const Decays& decays, float* to, const Sizes& z) {
  float* row = to + static_cast<int64_t>(t) * decays.tokenStride;
  if (decays.channels != 1 || z.D == 1) {
    for (int d = 0; d < z.D; d++) row[d] = da[d] + (decays.tokenStride == 0 ? row[d] : 0.f);
    return;
  }
  float sum = 0;
  for (int d = 0; d < z.D; d++) sum += da[d];
  *row = sum + (decays.tokenStride == 0 ? *row : 0.f);
}

void decayedBackward(const Scan& scan, const ScanGradient& h) {
  const Sizes& z = scan.z;
  const size_t size = static_cast<size_t>(z.E) * z.Dp;
  std::vector<float> a(z.Dp), da(z.Dp), unused(z.Dp);
  const Scratch R(size), states((BLOCK + 1) * size), checkpoints((z.N + BLOCK - 1) / BLOCK * size);
  start(h.state, states, z);
  for (int i = 0; i < z.N; i++) {
    const int64_t t = scan.token(i);
    if (i % BLOCK == 0) std::copy_n(states.data(), size, checkpoints.data() + i / BLOCK * size);
    if (scan.decays.tokenStride != 0 || i == 0) decaysOf(scan.decays, t, a.data(), z);
    push<true>(states.data(), states.data(), a.data(), scan.k + t * z.Dp, scan.v + t * z.Ep, h.dOut + t * z.Ep, h.dq + t * z.Dp, z.Dp, z.E);
  }
  start(h.dState, R, z);
  for (int block = (z.N - 1) / BLOCK; block >= 0; block--) {
    const int first = block * BLOCK, last = std::min(first + BLOCK, z.N) - 1;
    std::copy_n(checkpoints.data() + block * size, size, states.data());
    for (int i = first; i < last; i++) {
      const int64_t t = scan.token(i);
      float* from = &states[(i - first) * size];
      if (scan.decays.tokenStride != 0) decaysOf(scan.decays, t, a.data(), z);
      push<true>(from, from + size, a.data(), scan.k + t * z.Dp, scan.v + t * z.Ep, h.dOut + t * z.Ep, unused.data(), z.Dp, z.E);
    }
    for (int i = last; i >= first; i--) {
      const int64_t t = scan.token(i);
      if (scan.decays.tokenStride != 0) decaysOf(scan.decays, t, a.data(), z);
      pull<true>(R.data(), &states[(i - first) * size], a.data(), scan.q + t * z.Dp, scan.k + t * z.Dp, scan.v + t * z.Ep, h.dOut + t * z.Ep, h.dk + t * z.Dp, da.data(), h.dv + t * z.Ep, z.Dp, z.E);
      putDecayGradient(da.data(), t, scan.decays, h.dDecays, z);
    }
  }
  transposeStateBack(R.data(), h.dInitial, z.D, z.E, z.Dp);
}

/** The inputs that both passes share, checked. */
struct ScanInputs {
  Input q, k, v, decays, initial, order;
  Sizes z;

  explicit ScanInputs(Context& context)
      : q(context.input(0)), k(context.input(1)), v(context.input(2)), decays(context.input(3)), initial(context.input(4)), order(context.input(5)), z(sizesOf(q, v)) {
    expectDims("k", k.dims, q.dims);
    expectDims("v", v.dims, {z.G, z.N, z.E});
    if (initial.given()) expectDims("initialState", initial.dims, {z.G, z.D, z.E});
    if (decays.given()) {
      if (decays.dims.size() != 3) throw BadInput("logDecay must have rank 3");
      const int64_t tokens = decays.dims[1], channels = decays.dims[2];
      if ((tokens != z.N && tokens != 1) || (channels != z.D && channels != 1) || (tokens == 1 && z.N > 1 && channels != 1)) throw BadInput("logDecay must be [G, 1, 1], [G, N, 1] or [G, N, D]");
      expectDims("logDecay", decays.dims, {z.G, tokens, channels});
    }
    if (order.given()) {
      expectDims("order", order.dims, {z.N});
      for (int i = 0; i < z.N; i++)
        if (order.data<int32_t>()[i] < 0 || order.data<int32_t>()[i] >= z.N) throw BadInput("order must hold tokens 0 … N − 1");
    }
  }

  int64_t decaysOfHead() const { return decays.dims[1] * decays.dims[2]; }

  Decays decaysAt(int i) const {
    if (!decays.given()) return {nullptr, 0, 0};
    const int tokens = static_cast<int>(decays.dims[1]), channels = static_cast<int>(decays.dims[2]);
    return {decays.data() + i * decaysOfHead(), tokens == 1 ? 0 : channels, channels};
  }

  const int32_t* orderData() const { return order.given() ? order.data<int32_t>() : nullptr; }
};

void forward(Context& context) {
  const ScanInputs in(context);
  const Sizes& z = in.z;
  float* out = context.output(0, {z.G, z.N, z.E});
  float* state = context.output(1, {z.G, z.D, z.E});
  const int64_t inD = static_cast<int64_t>(z.N) * z.D, inE = static_cast<int64_t>(z.N) * z.E, inS = static_cast<int64_t>(z.D) * z.E;
  parallelFor(z.G, [&](int i) {
    const ReadRows q(in.q.data() + i * inD, z.N, z.D, z.Dp), k(in.k.data() + i * inD, z.N, z.D, z.Dp), v(in.v.data() + i * inE, z.N, z.E, z.Ep);
    const WriteRows rows(out + i * inE, z.N, z.E, z.Ep);
    const Scan scan{z, q, k, v, in.decaysAt(i), in.orderData()};
    const auto run = in.decays.given() ? &forwardHead<true> : &forwardHead<false>;
    run(scan, headOf(in.initial, i, inS), rows, state + i * inS);
  });
}

void backward(Context& context) {
  const ScanInputs in(context);
  const Input dOut = context.input(6), dState = context.input(7);
  const Sizes& z = in.z;
  expectDims("the gradient of out", dOut.dims, in.v.dims);
  if (dState.given()) expectDims("the gradient of the state", dState.dims, {z.G, z.D, z.E});
  float* dq = context.output(0, in.q.dims);
  float* dk = context.output(1, in.q.dims);
  float* dv = context.output(2, in.v.dims);
  float* dDecays = context.output(3, in.decays.given() ? in.decays.dims : Dims{0});
  float* dInitial = context.output(4, {z.G, z.D, z.E});
  const int64_t inD = static_cast<int64_t>(z.N) * z.D, inE = static_cast<int64_t>(z.N) * z.E, inS = static_cast<int64_t>(z.D) * z.E;
  parallelFor(z.G, [&](int i) {
    const ReadRows q(in.q.data() + i * inD, z.N, z.D, z.Dp), k(in.k.data() + i * inD, z.N, z.D, z.Dp), v(in.v.data() + i * inE, z.N, z.E, z.Ep);
    const ReadRows cotangent(dOut.data() + i * inE, z.N, z.E, z.Ep);
    const WriteRows dqRows(dq + i * inD, z.N, z.D, z.Dp), dkRows(dk + i * inD, z.N, z.D, z.Dp), dvRows(dv + i * inE, z.N, z.E, z.Ep);
    const Scan scan{z, q, k, v, in.decaysAt(i), in.orderData()};
    float* decayGradient = in.decays.given() ? dDecays + i * in.decaysOfHead() : nullptr;
    if (decayGradient != nullptr) std::fill(decayGradient, decayGradient + in.decaysOfHead(), 0.f);
    const ScanGradient gradient{cotangent, headOf(in.initial, i, inS), headOf(dState, i, inS), dqRows, dkRows, dvRows, decayGradient, dInitial + i * inS};
    if (in.decays.given()) decayedBackward(scan, gradient);
    else plainBackward(scan, gradient);
  });
}

} // namespace

void registerDecayScan() {
  registerOperation("LightnetDecayScan", {"q", "k", "v", "log_decay", "initial", "order: int32"}, {"out", "state"}, &compute<forward>);
  registerOperation("LightnetDecayScanGrad", {"q", "k", "v", "log_decay", "initial", "order: int32", "d_out", "d_state"}, {"dq", "dk", "dv", "d_log_decay", "d_initial"}, &compute<backward>);
}

} // namespace lightnet
