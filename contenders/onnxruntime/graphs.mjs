// The operators as ONNX graphs. `packed` inputs are [B, N, H·D], the layout of the contrib operators; others [B, H, N, D].

const MICROSOFT = "com.microsoft";
/** Kinds of numbers, as onnx.proto counts them. */
const [FLOAT, DOUBLE] = [1, 11];

/** q (pᵀ v), with p the keys or their softmax over the tokens. */
function global(spec) {
  const isAdditive = spec.op === "additive";
  const key = isAdditive ? "g" : "k";
  return {
    inputs: ["q", key, "v"],
    packed: [],
    strategy: isAdditive ? "Softmax + MatMul" : "MatMul",
    nodes: [
      ...(isAdditive ? [{ op: "Softmax", from: ["g"], to: ["p"], attributes: { axis: { int: 2 } } }] : []),
      { op: "Transpose", from: [isAdditive ? "p" : "k"], to: ["pT"], attributes: { perm: [0, 1, 3, 2] } },
      { op: "MatMul", from: ["pT", "v"], to: ["state"] },
      { op: "MatMul", from: ["q", "state"], to: ["out"] },
    ],
  };
}

function attention(spec, { H, D }) {
  const scale = spec.scoreScale ?? 1 / Math.sqrt(D);
  return {
    inputs: ["q", "k", "v"],
    packed: ["q", "k", "v", "out"],
    strategy: "MultiHeadAttention",
    nodes: [
      {
        op: "MultiHeadAttention",
        domain: MICROSOFT,
        from: ["q", "k", "v"],
        to: ["out"],
        attributes: { num_heads: { int: H }, scale: { float: scale }, unidirectional: { int: spec.causal ? 1 : 0 } },
      },
    ],
  };
}

const linearAttention = (from, H, rule) => ({
  op: "LinearAttention",
  domain: MICROSOFT,
  from,
  to: ["out", "state"],
  attributes: { q_num_heads: { int: H }, kv_num_heads: { int: H }, update_rule: rule, scale: { float: 1 } },
});

/** Vector decays are [B, N, H·D], scalar ones [B, N, H]; both come as the harness's log decays, packed. */
function gated(_spec, { H }) {
  return {
    inputs: ["q", "k", "v", "logDecay"],
    packed: ["q", "k", "v", "logDecay", "out"],
    strategy: "LinearAttention, gated",
    nodes: [linearAttention(["q", "k", "v", "", "logDecay"], H, "gated")],
  };
}

function linearCausal(_spec, { H }) {
  return {
    inputs: ["q", "k", "v"],
    packed: ["q", "k", "v", "out"],
    strategy: "LinearAttention, linear",
    nodes: [linearAttention(["q", "k", "v"], H, "linear")],
  };
}

/**
 * Causal additive decay by the gated rule: z the prefix log-sum-exp of g, keys exp(g − z), log decays z before − z. The
 * first decay meets an empty state and may be anything: z of the first token stands before it.
 */
function additiveCausal(_spec, { H }) {
  return {
    inputs: ["q", "g", "v"],
    packed: ["q", "g", "v", "out"],
    strategy: "CumSum + LinearAttention, gated",
    constants: {
      axis: { dims: [1], ints: [1] },
      scalarAxis: { dims: [], ints: [1] },
      zero: { dims: [1], ints: [0] },
      one: { dims: [1], ints: [1] },
      minusOne: { dims: [1], ints: [-1] },
    },
    nodes: [
      { op: "ReduceMax", from: ["g", "axis"], to: ["most"], attributes: { keepdims: { int: 1 } } },
      { op: "Sub", from: ["g", "most"], to: ["shifted"] },
      { op: "Exp", from: ["shifted"], to: ["weights"] },
      // Plain sums of thousands of terms, and of as many decays, would be off by more than 1e-5 in float32.
      { op: "Cast", from: ["weights"], to: ["exact"], attributes: { to: { int: DOUBLE } } },
      { op: "CumSum", from: ["exact", "scalarAxis"], to: ["exactTotal"] },
      { op: "Cast", from: ["exactTotal"], to: ["total"], attributes: { to: { int: FLOAT } } },
      { op: "Div", from: ["weights", "total"], to: ["keys"] },
      { op: "Log", from: ["exactTotal"], to: ["z"] },
      { op: "Slice", from: ["z", "zero", "one", "axis"], to: ["first"] },
      { op: "Slice", from: ["z", "zero", "minusOne", "axis"], to: ["others"] },
      { op: "Concat", from: ["first", "others"], to: ["before"], attributes: { axis: { int: 1 } } },
      { op: "Sub", from: ["before", "z"], to: ["exactDecays"] },
      { op: "Cast", from: ["exactDecays"], to: ["decays"], attributes: { to: { int: FLOAT } } },
      linearAttention(["q", "keys", "v", "", "decays"], H, "gated"),
    ],
  };
}

/** The graph of a spec, or undefined. */
export function graphOf(spec, shape) {
  if (spec.op === "additive") return spec.causal ? additiveCausal(spec, shape) : global(spec);
  if (spec.op === "softmax") return attention(spec, shape);
  if (spec.op !== "multiplicative" || spec.tiedKey || spec.feature) return undefined;
  if (spec.decay === "none") return spec.causal ? linearCausal(spec, shape) : global(spec);
  return spec.causal && spec.decay !== "constant" ? gated(spec, shape) : undefined;
}
