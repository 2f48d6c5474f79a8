// Softmax attention, backward: p = e^{scores − lse} is computed again, dp = do·vᵀ, ds = p ∘ (dp − do·o); dv = pᵀ do, dk = ds·q·scale,
// dq = ds·k·scale. A unit of work is a range of keys of one head: it owns these keys' gradients, and leaves its share of dq. How
// many ranges there are depends on the sizes only, so that sums do not depend on the number of threads.

#include "attention.h"
#include "parallel.h"

namespace lightnet {
namespace {

/** Keys of a block. */
constexpr int KEYS = 96;
/** Queries of a block at most; of wide heads half, so that a block's rows, scores and gradients stay in L2. */
constexpr int QUERIES = 128, WIDE = 192;
/** Units that there should be in all, for the threads, and the fewest keys for which a unit packs all queries. */
constexpr int UNITS = 16, FEWEST_KEYS = 512;

struct Gradients {
  const float *out, *rowLse, *dOut; // [G, N, E], [G, N], [G, N, E]
  float *dq, *dk, *dv;
};

/** [rows, width] times `scale` → panels of LANES channels [rows, LANES]; rows to `all` and channels beyond `width` are 0. */
void packColumns(const float* from, int rows, int all, int width, float scale, float* to) {
  for (int c = 0; c < width; c += LANES)
    for (int t = 0; t < all; t++, to += LANES)
      for (int i = 0; i < LANES; i++) to[i] = t < rows && c + i < width ? from[static_cast<size_t>(t) * width + c + i] * scale : 0.f;
}

int columnsOf(int width) { return (width + LANES - 1) / LANES * LANES; }

/** A block of queries, packed for the products in which they are lanes and for those in which they are summed over. */
class Queries {
 public:
  struct Panel {
    float *q, *dOut, *dq; // [D, LANES], [E, LANES], [grouped(D), LANES]
    Vec lse[2], along[2]; // along: do·o
    Seen seen;
  };

  Queries(const Sizes& z, int most)
      : z_(z), line(most + PAD), scratch_(static_cast<size_t>(most) * (z.D + z.E + grouped(z.D) + columnsOf(z.D) + columnsOf(z.E)) + 2 * static_cast<size_t>(KEYS) * line + static_cast<size_t>(z.E) * LANES) {
    qColumns = scratch_.data();
    dOutColumns = qColumns + static_cast<size_t>(most) * columnsOf(z.D);
    p = dOutColumns + static_cast<size_t>(most) * columnsOf(z.E);
    ds = p + static_cast<size_t>(KEYS) * line;
    outs_ = ds + static_cast<size_t>(KEYS) * line;
    rest_ = outs_ + static_cast<size_t>(z.E) * LANES;
  }

  /** Takes tokens [from, to) of a head. */
  void take(const Attention& call, const Gradients& g, const Keys& keys, size_t head, int from, int to) {
    const int N = z_.N, D = z_.D, E = z_.E;
    const float *q = call.q + (head * N + from) * D, *dOut = g.dOut + (head * N + from) * E, *out = g.out + (head * N + from) * E;
    count = (to - from + LANES - 1) / LANES * LANES;
    packColumns(q, to - from, count, D, call.scale, qColumns);
    packColumns(dOut, to - from, count, E, 1.f, dOutColumns);
    panels.clear();
    float* next = rest_;
    for (int t = from; t < to; t += LANES) {
      const size_t at = t - from;
      const int rows = std::min(LANES, to - t);
      Panel panel{next, next + D * LANES, next + (D + E) * LANES, {}, {}, Seen(keys, t, N)};
      next += (D + E + grouped(D)) * LANES;
      packPanel(q + at * D, rows, D, call.scale, panel.q);
      packPanel(dOut + at * E, rows, E, 1.f, panel.dOut);
      std::fill_n(panel.dq, grouped(D) * LANES, 0.f);
      float lse[LANES];
      for (int i = 0; i < LANES; i++) lse[i] = i < rows ? g.rowLse[head * N + t + i] : EMPTY;
      std::memcpy(panel.lse, lse, sizeof lse);
      // In the order in which do·v is summed: where all weight is on one key, they must cancel.
      packPanel(out + at * E, rows, E, 1.f, outs_);
      for (int e = 0; e < E; e++)
        for (int i = 0; i < 2; i++) panel.along[i] += load(panel.dOut + e * LANES + i * W) * load(outs_ + e * LANES + i * W);
      panels.push_back(panel);
    }
  }

 private:
  Sizes z_;

 public:
  /** queries taken, in whole panels */
  int count = 0;
  /** between rows of p and ds: not a power of two, which would put a panel's rows into few sets of the cache */
  const int line;
  std::vector<Panel> panels;
  float *qColumns, *dOutColumns; // panels of channels [count, LANES]
  float *p, *ds;                 // [KEYS, line]

 private:
  Scratch scratch_;
  float *outs_, *rest_;
};

/** Scores and dp → p and ds, `rows` × one panel, in place; 0 where a lane does not see the key. */
void weigh(float* p, float* ds, int line, int rows, const Queries::Panel& panel, int firstKey) {
  for (int j = 0; j < rows; j++) {
    const IVec key = IVec{} + (firstKey + j);
    const bool all = firstKey + j < panel.seen.least;
    for (int i = 0; i < 2; i++) {
      float *pAt = p + static_cast<size_t>(j) * line + i * W, *dsAt = ds + static_cast<size_t>(j) * line + i * W;
      const Vec weight = exp2v((load(pAt) - panel.lse[i]) * LOG2_E);
      const Vec slope = weight * (load(dsAt) - panel.along[i]);
      store(pAt, all || key < panel.seen.lanes[i] ? weight : Vec{});
      store(dsAt, all || key < panel.seen.lanes[i] ? slope : Vec{});
    }
  }
}

/** A range of keys with their gradients. */
class Range {
 public:
  Range(const Attention& call, const Keys& keys, int from, int to)
      : z_(call.z), keys_(keys), from_(from), to_(to), groups_(static_cast<size_t>(to - from) * grouped(z_.D)),
        dk_(static_cast<size_t>(to - from) * columnsOf(z_.D)), dv_(static_cast<size_t>(to - from) * columnsOf(z_.E)) {
    std::fill_n(dk_.data(), static_cast<size_t>(to - from) * columnsOf(z_.D), 0.f);
    std::fill_n(dv_.data(), static_cast<size_t>(to - from) * columnsOf(z_.E), 0.f);
    for (int j = from; j < to; j += KEYS)
      packGroups(keys.k + static_cast<size_t>(j) * z_.D, std::min(KEYS, to - j), z_.D, groups_.data() + static_cast<size_t>(j - from) * grouped(z_.D));
  }

  /** Adds what a block of queries makes of the gradients, to theirs as well. */
  void meet(Queries& queries) {
    for (int j = from_; j < std::min(to_, queries.panels.back().seen.most); j += KEYS) meetBlock(queries, j, std::min(KEYS, to_ - j));
  }

  void write(float* dk, float* dv) const {
    for (int j = from_; j < to_; j++) {
      const size_t token = keys_.tokenOf(j);
      std::memcpy(dk + token * z_.D, dk_.data() + static_cast<size_t>(j - from_) * columnsOf(z_.D), 4 * z_.D);
      std::memcpy(dv + token * z_.E, dv_.data() + static_cast<size_t>(j - from_) * columnsOf(z_.E), 4 * z_.E);
    }
  }

 private:
  void meetBlock(Queries& queries, int first, int keys) {
    const int line = queries.line;
    const float* groups = groups_.data() + static_cast<size_t>(first - from_) * grouped(z_.D);
    for (size_t n = 0; n < queries.panels.size(); n++) {
      Queries::Panel& panel = queries.panels[n];
      const int seen = std::min(keys, panel.seen.most - first);
      if (seen <= 0) continue;
      const int rows = std::min(keys, (seen + GROUP - 1) / GROUP * GROUP); // groups of keys whole: the others get weight 0
      float *p = queries.p + n * LANES, *ds = queries.ds + n * LANES;
      timesPanel(keys_.k + static_cast<size_t>(first) * z_.D, rows, z_.D, panel.q, p, line);
      timesPanel(keys_.v + static_cast<size_t>(first) * z_.E, rows, z_.E, panel.dOut, ds, line);
      weigh(p, ds, line, rows, panel, first);
      inGroups(grouped(z_.D), [&](auto size, int channel) {
        tile<size, 2>({groups + static_cast<size_t>(channel) * keys, 1, size}, ds, line, seen, panel.dq + channel * LANES, LANES, true);
      });
    }
    addOver(queries, queries.p, queries.dOutColumns, first, keys, z_.E, dv_.data());
    addOver(queries, queries.ds, queries.qColumns, first, keys, z_.D, dk_.data());
  }

  /** to [keys, width] += factors [keys, queries] · columns [queries, width], for each group of keys from the first panel that sees one. */
  void addOver(const Queries& queries, const float* factors, const float* columns, int first, int keys, int width, float* to) {
    const int line = queries.line, toLine = columnsOf(width);
    for (int c = 0; c < width; c += LANES, columns += static_cast<size_t>(queries.count) * LANES) {
      size_t n = 0;
      for (int j = 0; j < keys; j += GROUP) {
        while (n < queries.panels.size() && queries.panels[n].seen.most <= first + j) n++;
        const int start = static_cast<int>(n) * LANES, depth = queries.count - start;
        if (depth == 0) break;
        const Strided a{factors + static_cast<size_t>(j) * line + start, line, 1};
        float* c0 = to + static_cast<size_t>(first - from_ + j) * toLine + c;
        addRows(a, columns + static_cast<size_t>(start) * LANES, depth, c0, toLine, std::min(GROUP, keys - j));
      }
    }
  }

  static void addRows(const Strided& a, const float* b, int depth, float* c, int line, int rows) {
    if (rows == GROUP) return tile<GROUP, 2>(a, b, LANES, depth, c, line, true);
    for (int i = 0; i < rows; i++) tile<1, 2>({a.data + i * a.row, a.row, a.depth}, b, LANES, depth, c + i * line, line, true);
  }

  Sizes z_;
  const Keys& keys_;
  int from_, to_;
  Scratch groups_, dk_, dv_;
};

/** How the keys of a head are divided. */
struct Division {
  int ranges, length;

  explicit Division(const Sizes& z) {
    ranges = std::max(1, std::min((UNITS + z.G - 1) / z.G, z.N / FEWEST_KEYS));
    length = ((z.N + ranges - 1) / ranges + KEYS - 1) / KEYS * KEYS;
  }
};

/** One range of keys of a head against all queries; its share of dq [N, D] is written, not added. */
void backwardRange(const Attention& call, const Gradients& g, const Keys& keys, size_t head, int from, int to, float* dq) {
  const int N = call.z.N, D = call.z.D, block = D + call.z.E > WIDE ? QUERIES / 2 : QUERIES;
  const Vec scales[2] = {splat(call.scale), splat(call.scale)};
  Range range(call, keys, from, std::max(from, to));
  Queries queries(call.z, block);
  for (int t = 0; t < N; t += block) {
    const int end = std::min(N, t + block);
    if (keys.seenBy(end - 1) <= from) {
      std::fill_n(dq + static_cast<size_t>(t) * D, static_cast<size_t>(end - t) * D, 0.f);
      continue;
    }
    queries.take(call, g, keys, head, t, end);
    range.meet(queries);
    for (int i = t; i < end; i += LANES) unpackPanel(queries.panels[(i - t) / LANES].dq, scales, std::min(LANES, end - i), D, dq + static_cast<size_t>(i) * D);
  }
  range.write(g.dk + head * N * D, g.dv + head * N * call.z.E);
}

void backward(Context& context) {
  const Input q = context.input(0), k = context.input(1), v = context.input(2), visible = context.input(3), settings = context.input(4);
  const Input out = context.input(5), rowLse = context.input(6), dOut = context.input(7);
  const Attention call = attentionOf(q, k, v, visible, settings);
  const Sizes& z = call.z;
  expectDims("out", out.dims, v.dims);
  expectDims("row_lse", rowLse.dims, {z.G, z.N});
  expectDims("the gradient of out", dOut.dims, v.dims);
  const Gradients g{out.data(), rowLse.data(), dOut.data(), context.output(0, q.dims), context.output(1, k.dims), context.output(2, v.dims)};
  const size_t size = static_cast<size_t>(z.N) * z.D;
  if (visible.given()) { // gradients of hidden keys are 0
    std::fill_n(g.dk, z.G * size, 0.f);
    std::fill_n(g.dv, static_cast<size_t>(z.G) * z.N * z.E, 0.f);
  }
  std::vector<std::unique_ptr<Keys>> keys(z.G);
  parallelFor(z.G, [&](int i) { keys[i] = std::make_unique<Keys>(call, i); });
  const Division division(z);
  const Scratch shares((division.ranges - 1) * z.G * size);
  const auto shareOf = [&](size_t head, int range) { return range == 0 ? g.dq + head * size : shares.data() + ((range - 1) * z.G + head) * size; };
  parallelFor(z.G * division.ranges, [&](int unit) {
    const int head = unit % z.G, range = unit / z.G, from = range * division.length;
    backwardRange(call, g, *keys[head], head, from, std::min(keys[head]->count, from + division.length), shareOf(head, range));
  });
  parallelFor(z.G, [&](int head) {
    for (int range = 1; range < division.ranges; range++) {
      float *to = shareOf(head, 0), *share = shareOf(head, range);
      for (size_t i = 0; i < size; i++) to[i] += share[i];
    }
  });
}

} // namespace

void registerAttentionGrad() {
  registerOperation("LightnetAttentionGrad", {"q", "k", "v", "visible", "settings", "out", "row_lse", "d_out"}, {"dq", "dk", "dv"}, &compute<backward>);
}

} // namespace lightnet
