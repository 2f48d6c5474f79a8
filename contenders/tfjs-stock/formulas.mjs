// The operators on TensorFlow.js's own operations. Causal forms work chunk by chunk, with all chunks in one batch and only
// the states in a loop. Factors of a chunk overflow where logits or decays are extreme; such inputs take the plain
// recurrence, token by token. Inside, heads are merged: q, k, g [G,N,D], v [G,N,E].

const CHUNK = 64;
/** Largest range of exponents in a chunk whose factors keep float32's precision. */
const MILD = 30;
/** Added to scores that are hidden: e to it is 0. */
const HIDDEN = -1e9;

/**
 * The function of a spec on named tensors, or undefined.
 *
 * @returns `inputs`, their names; `make(values)`, called with untracked inputs before each run, gives the differentiable function
 */
export function formOf(tf, spec) {
  if (spec.op === "matmul") return { inputs: ["a", "b"], strategy: "matMul", make: () => (a, b) => tf.matMul(a, b) };
  const { op, causal } = spec;
  if (op === "additive") {
    const make = causal
      ? (values) => additiveCausal(tf, values)
      : () => (q, g, v) => global(tf, q, softmaxOfTokens(tf, g), v);
    return { inputs: ["q", "g", "v"], strategy: causal ? "chunked" : "softmax + matMul", make };
  }
  if (op === "softmax")
    return { inputs: ["q", "k", "v"], strategy: "N×N scores", make: () => (q, k, v) => softmax(tf, spec, [q, k, v]) };
  if (op !== "multiplicative" || spec.feature !== undefined) return undefined;
  if (spec.decay === "none") {
    const run = causal ? linearCausal : global;
    return {
      inputs: ["q", "k", "v"],
      strategy: causal ? "chunked" : "matMul",
      make: () => (q, k, v) => run(tf, q, k, v),
    };
  }
  if (!causal && (spec.scans ?? 1) !== 2) return undefined;
  const inputs = spec.tiedKey ? ["q", "v", "logDecay"] : ["q", "k", "v", "logDecay"];
  return { inputs, strategy: "chunked", make: (values) => decayed(tf, spec, values) };
}

/** q (keysᵀ v) */
function global(tf, q, keys, v) {
  return tf.matMul(q, tf.matMul(keys, v, true));
}

/** Softmax over the tokens: tf.softmax knows the last axis only. */
function softmaxOfTokens(tf, g) {
  return tf.transpose(tf.softmax(tf.transpose(g, [0, 2, 1])), [0, 2, 1]);
}

function softmax(tf, { causal, scoreScale }, [q, k, v]) {
  const [, N, D] = q.shape;
  const scores = tf.mul(tf.matMul(q, k, false, true), scoreScale ?? 1 / Math.sqrt(D));
  return tf.matMul(tf.softmax(causal ? tf.add(scores, hidden(tf, N)) : scores), v);
}

/** [N,N]: 0 where row t may see column j ≤ t, HIDDEN elsewhere. */
function hidden(tf, N) {
  const tokens = tf.range(0, N);
  return tf.mul(tf.cast(tf.less(tf.expandDims(tokens, 1), tf.expandDims(tokens, 0)), "float32"), HIDDEN);
}

/** [G,N,D] → [G,n,CHUNK,D], zeros behind the last token. */
function inChunks(tf, x) {
  const [G, N, D] = x.shape;
  const n = Math.ceil(N / CHUNK);
  const padded =
    n * CHUNK === N
      ? x
      : tf.pad(x, [
          [0, 0],
          [0, n * CHUNK - N],
          [0, 0],
        ]);
  return tf.reshape(padded, [G, n, CHUNK, D]);
}

function joined(tf, out, N) {
  const [G, n, C, E] = out.shape;
  const all = tf.reshape(out, [G, n * C, E]);
  return n * C === N ? all : tf.slice(all, [0, 0, 0], [G, N, E]);
}

/** The state that each chunk is handed: what it adds is kept · state + added. */
function states(tf, added, kept) {
  if (added.shape[1] === 1) return tf.zeros(added.shape); // the gradient of unstack knows no single step
  const steps = tf.unstack(added, 1);
  const keeps = kept === undefined ? undefined : tf.unstack(kept, 1);
  const handed = [tf.zerosLike(steps[0])];
  for (let i = 0; i + 1 < steps.length; i++) {
    const old = keeps === undefined ? handed[i] : tf.mul(handed[i], keeps[i]);
    handed.push(tf.add(old, steps[i]));
  }
  return tf.stack(handed, 1);
}

const triangle = (tf) => tf.exp(hidden(tf, CHUNK));

/** o_t = Σ_{j≤t} (q_t·k_j) v_j */
function linearCausal(tf, q, k, v) {
  const [queries, keys, values] = [q, k, v].map((x) => inChunks(tf, x));
  const scores = tf.mul(tf.matMul(queries, keys, false, true), triangle(tf));
  const handed = states(tf, tf.matMul(keys, values, true));
  return joined(tf, tf.add(tf.matMul(scores, values), tf.matMul(queries, handed)), q.shape[1]);
}

/** Linear attention with keys e^g and queries over their running sum, as the weights e^{g_j − z_t} share 1/e^{z_t}. */
function additiveCausal(tf, { g: logits }) {
  const most = tf.max(logits, 1, true);
  if (tf.max(tf.sub(most, logits)).dataSync()[0] > MILD) return additiveRecurrence(tf, logits);
  return (q, g, v) => {
    const weights = tf.exp(tf.sub(g, most));
    return linearCausal(tf, tf.div(q, runningSum(tf, weights)), weights, v);
  };
}

/** By chunks, as rounding grows with the number of terms of a plain sum. */
function runningSum(tf, x) {
  const chunks = inChunks(tf, x);
  const before = cumsum(tf, tf.sum(chunks, 2), true);
  return joined(tf, tf.add(cumsum(tf, chunks), tf.expandDims(before, 2)), x.shape[1]);
}

/** Along the last axis but one: tf.cumsum's gradient is right along the last one only. */
function cumsum(tf, x, exclusive = false) {
  const order = x.shape.map((_, axis) => axis);
  order.push(...order.splice(-2).reverse());
  return tf.transpose(tf.cumsum(tf.transpose(x, order), x.rank - 1, exclusive), order);
}

function additiveRecurrence(tf, logits) {
  const most = [];
  for (const now of tf.unstack(logits, 1)) most.push(most.length === 0 ? now : tf.maximum(most.at(-1), now));
  return (q, g, v) => {
    const [queries, logit, values] = [q, g, v].map((x) => tf.unstack(x, 1));
    let state, total;
    const outs = queries.map((query, t) => {
      const weight = tf.exp(tf.sub(logit[t], most[t]));
      const added = tf.mul(tf.expandDims(weight, 2), tf.expandDims(values[t], 1));
      const kept = t === 0 ? undefined : tf.exp(tf.sub(most[t - 1], most[t]));
      state = t === 0 ? added : tf.add(tf.mul(state, tf.expandDims(kept, 2)), added);
      total = t === 0 ? weight : tf.add(tf.mul(total, kept), weight);
      return tf.matMul(tf.expandDims(tf.div(query, total), 1), state);
    });
    return tf.concat(outs, 1);
  };
}

/** Forms with a decay, [G,N,1 or D] per token or [G,1,1] per head. */
function decayed(tf, { causal, tiedKey }, { logDecay, q: queries }) {
  const perToken = (x) => (x.shape[1] === 1 ? tf.mul(x, tf.ones([1, queries.shape[1], 1])) : x);
  const deepest = tf.min(tf.sum(inChunks(tf, perToken(logDecay)), 2)).dataSync()[0];
  const one = deepest < -MILD ? decayRecurrence : decayChunks;
  const scan = (q, k, v, decay) => one(tf, [q, k, v, perToken(decay)]);
  const both = (...inputs) => {
    if (causal) return scan(...inputs);
    return tf.add(scan(...inputs), tf.reverse(scan(...inputs.map((x) => tf.reverse(x, 1))), 1));
  };
  return tiedKey ? (q, v, decay) => both(q, tf.neg(tf.expm1(decay)), v, decay) : both;
}

/** o_t = Σ_{j≤t} (Π_{i=j+1..t} λ_i) q_t·k_j v_j */
function decayChunks(tf, [q, k, v, decay]) {
  const [queries, keys, values, decays] = [q, k, v, decay].map((x) => inChunks(tf, x));
  const [G, n, C, width] = decays.shape;
  const b = cumsum(tf, decays);
  const at = (token) => tf.slice(b, [0, 0, token, 0], [G, n, 1, width]);
  const last = at(C - 1);
  let scores;
  if (width === 1) {
    const weights = tf.exp(tf.add(tf.sub(b, tf.reshape(b, [G, n, 1, C])), hidden(tf, C)));
    scores = tf.mul(tf.matMul(queries, keys, false, true), weights);
  } else {
    const middle = at(C / 2);
    const [left, right] = [tf.mul(queries, tf.exp(tf.sub(b, middle))), tf.mul(keys, tf.exp(tf.sub(middle, b)))];
    scores = tf.mul(tf.matMul(left, right, false, true), triangle(tf));
  }
  const added = tf.matMul(tf.mul(keys, tf.exp(tf.sub(last, b))), values, true);
  const handed = states(tf, added, tf.reshape(tf.exp(last), [G, n, width, 1]));
  const between = tf.matMul(tf.mul(queries, tf.exp(b)), handed);
  return joined(tf, tf.add(tf.matMul(scores, values), between), q.shape[1]);
}

function decayRecurrence(tf, inputs) {
  const [queries, keys, values, decays] = inputs.map((x) => tf.unstack(x, 1));
  let state;
  const outs = queries.map((query, t) => {
    const added = tf.mul(tf.expandDims(keys[t], 2), tf.expandDims(values[t], 1));
    state = t === 0 ? added : tf.add(tf.mul(state, tf.expandDims(tf.exp(decays[t]), 2)), added);
    return tf.matMul(tf.expandDims(query, 1), state);
  });
  return tf.concat(outs, 1);
}
