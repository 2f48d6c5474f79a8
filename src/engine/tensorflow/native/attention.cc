// Softmax attention, forward: softmax(q kᵀ · scale + causal mask) v with the online softmax. Blocks of keys and their values stay in
// L2 while the panels of a block of queries pass over them; a panel's scores stay in L1, and no N × N scores exist.

#include "attention.h"
#include "parallel.h"

namespace lightnet {
namespace {

/** Keys of a block: its scores with a panel are 12 KiB (24 with AVX-512). */
constexpr int KEYS = 192;
/** Queries that a thread takes at a time: a block of keys is read from memory once for all of them. */
constexpr int QUERIES = 128;

/** A panel of queries on its way through the keys. Sums are relative to 2^top. */
struct Panel {
  float *q, *out; // [D, LANES], [grouped(E), LANES]
  Vec top[2], sum[2];
  Seen seen;
};

/** Hides from each lane the scores [rows, LANES] of keys that it does not see. */
void hide(float* scores, int from, int rows, const Seen& seen, int firstKey) {
  for (int j = from; j < rows; j++)
    for (int i = 0; i < 2; i++) {
      const IVec key = IVec{} + (firstKey + j);
      store(scores + j * LANES + i * W, key < seen.lanes[i] ? load(scores + j * LANES + i * W) : splat(HIDDEN));
    }
}

/** Raises the tops to the scores' maxima; returns what earlier sums are to be multiplied by. */
void raise(Panel& panel, const float* scores, int rows, Vec keep[2]) {
  Vec most[2][2] = {{splat(HIDDEN), splat(HIDDEN)}, {splat(HIDDEN), splat(HIDDEN)}};
  int j = 0;
  for (; j + 2 <= rows; j += 2)
    for (int n = 0; n < 2; n++)
      for (int i = 0; i < 2; i++) most[n][i] = larger(load(scores + (j + n) * LANES + i * W), most[n][i]);
  for (int i = 0; i < 2; i++) {
    if (j < rows) most[0][i] = larger(load(scores + j * LANES + i * W), most[0][i]);
    const Vec top = larger(larger(most[0][i], most[1][i]) * LOG2_E, panel.top[i]);
    keep[i] = exp2v(panel.top[i] - top);
    panel.top[i] = top;
  }
}

/** Scores → weights 2^{score · log₂e − top}; their sums are added. */
void weigh(Panel& panel, float* scores, int rows, const Vec keep[2]) {
  const Vec top0 = panel.top[0], top1 = panel.top[1];
  Vec sum0{}, sum1{};
#pragma GCC unroll 2
  for (int j = 0; j < rows; j++) {
    float* row = scores + j * LANES;
    const Vec p0 = exp2v(load(row) * LOG2_E - top0), p1 = exp2v(load(row + W) * LOG2_E - top1);
    store(row, p0);
    store(row + W, p1);
    sum0 += p0;
    sum1 += p1;
  }
  panel.sum[0] = panel.sum[0] * keep[0] + sum0;
  panel.sum[1] = panel.sum[1] * keep[1] + sum1;
}

/** out = out · keep + valuesᵀ weights, over `rows` of the `line` keys in the packed block */
void addValues(const float* values, int line, int E, const float* weights, int rows, float* out, const Vec keep[2]) {
  inGroups(grouped(E), [&](auto size, int first) {
    float* to = out + first * LANES;
    product<size, 2>({values + static_cast<size_t>(first) * line, 1, size}, weights, LANES, rows, [&](int i, int j, Vec sum) {
      store(to + i * LANES + j * W, load(to + i * LANES + j * W) * keep[j] + sum);
    });
  });
}

/** The panel's rows of out [N, E] and of the log-sum-exps [N]. */
void finish(const Panel& panel, int E, int tokens, float* out, float* rowLse) {
  Vec inverse[2], lse[2];
  for (int i = 0; i < 2; i++) {
    const auto none = panel.sum[i] == 0.f;
    inverse[i] = none ? Vec{} : 1.f / panel.sum[i];
    lse[i] = none ? splat(EMPTY) : panel.top[i] * LN_2 + logv(panel.sum[i]);
  }
  std::memcpy(rowLse, lse, 4 * tokens);
  unpackPanel(panel.out, inverse, tokens, E, out);
}

struct Head {
  Keys keys;
  Scratch values; // blocks of KEYS, each packed in groups

  Head(const Attention& call, int head) : keys(call, head), values(static_cast<size_t>(keys.count) * grouped(call.z.E)) {
    for (int j = 0; j < keys.count; j += KEYS)
      packGroups(keys.v + static_cast<size_t>(j) * call.z.E, std::min(KEYS, keys.count - j), call.z.E, values.data() + static_cast<size_t>(j) * grouped(call.z.E));
  }
};

/** Queries [from, to) of a head. */
void attend(const Attention& call, const Head& head, const float* q, int from, int to, float* out, float* rowLse) {
  const int N = call.z.N, D = call.z.D, E = call.z.E;
  const int outSize = grouped(E) * LANES;
  const Keys& keys = head.keys;
  const Scratch scratch(static_cast<size_t>(KEYS) * LANES + static_cast<size_t>(QUERIES / LANES) * (D * LANES + outSize));
  float *scores = scratch.data(), *next = scores + KEYS * LANES;
  std::vector<Panel> panels;
  for (int t = from; t < to; t += LANES, next += D * LANES + outSize) {
    panels.push_back({next, next + D * LANES, {splat(NOTHING), splat(NOTHING)}, {}, Seen(keys, t, N)});
    packPanel(q + static_cast<size_t>(t) * D, std::min(LANES, to - t), D, call.scale, next);
    std::fill_n(next + D * LANES, outSize, 0.f);
  }
  const int last = panels.back().seen.most;
  for (int j = 0; j < last; j += KEYS) {
    const int line = std::min(KEYS, keys.count - j);
    for (Panel& panel : panels) {
      const int rows = std::min(line, panel.seen.most - j);
      if (rows <= 0) continue;
      Vec keep[2];
      timesPanel(keys.k + static_cast<size_t>(j) * D, rows, D, panel.q, scores, LANES);
      if (panel.seen.least - j < rows) hide(scores, std::max(0, panel.seen.least - j), rows, panel.seen, j);
      raise(panel, scores, rows, keep);
      weigh(panel, scores, rows, keep);
      addValues(head.values.data() + static_cast<size_t>(j) * grouped(E), line, E, scores, rows, panel.out, keep);
    }
  }
  for (size_t p = 0; p < panels.size(); p++) {
    const int t = from + static_cast<int>(p) * LANES;
    finish(panels[p], E, std::min(LANES, to - t), out + static_cast<size_t>(t) * E, rowLse + t);
  }
}

void forward(Context& context) {
  const Input q = context.input(0), k = context.input(1), v = context.input(2), visible = context.input(3), settings = context.input(4);
  const Attention call = attentionOf(q, k, v, visible, settings);
  const int G = call.z.G, N = call.z.N, D = call.z.D, E = call.z.E;
  float* out = context.output(0, {G, N, E});
  float* rowLse = context.output(1, {G, N});
  std::vector<std::unique_ptr<Head>> heads(G);
  parallelFor(G, [&](int i) { heads[i] = std::make_unique<Head>(call, i); });
  const int blocks = (N + QUERIES - 1) / QUERIES;
  parallelFor(G * blocks, [&](int unit) {
    const size_t i = unit % G;
    const int from = (blocks - 1 - unit / G) * QUERIES; // the last first: with causal order they see most
    attend(call, *heads[i], call.q + i * N * D, from, std::min(N, from + QUERIES), out + i * N * E, rowLse + i * N);
  });
}

} // namespace

void registerAttention() {
  registerOperation("LightnetAttention", {"q", "k", "v", "visible", "settings"}, {"out", "row_lse"}, &compute<forward>);
}

} // namespace lightnet
