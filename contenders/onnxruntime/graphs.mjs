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

function product() {
  const nodes = [{ op: "MatMul", from: ["a", "b"], to: ["out"] }];
  return { inputs: ["a", "b"], packed: [], strategy: "MatMul", nodes };
}

/** Causal additive decay by the linear rule: keys exp g, queries over the running sum of the keys. */
function additiveCausal({ H }) {
  return {
    inputs: ["q", "g", "v"],
    packed: ["q", "g", "v", "out"],
    strategy: "CumSum + LinearAttention, linear",
    constants: { axis: { dims: [1], ints: [1] }, scalarAxis: { dims: [], ints: [1] } },
    nodes: [
      { op: "ReduceMax", from: ["g", "axis"], to: ["most"], attributes: { keepdims: { int: 1 } } },
      { op: "Sub", from: ["g", "most"], to: ["shifted"] },
      { op: "Exp", from: ["shifted"], to: ["weights"] },
      // A plain sum of thousands of terms would be off by more than 1e-5 in float32.
      { op: "Cast", from: ["weights"], to: ["exact"], attributes: { to: { int: DOUBLE } } },
      { op: "CumSum", from: ["exact", "scalarAxis"], to: ["exactTotal"] },
      { op: "Cast", from: ["exactTotal"], to: ["total"], attributes: { to: { int: FLOAT } } },
      { op: "Div", from: ["q", "total"], to: ["queries"] },
      linearAttention(["queries", "weights", "v"], H, "linear"),
    ],
  };
}

/**
 * The same where logits lie so far apart that weights vanish beside the largest: by the gated rule with z the prefix
 * log-sum-exp of g, keys exp(g − z), log decays z before − z. z is scanned by doubling, z_t ← log(exp z_t + exp z_(t−s)) for
 * s = 1, 2, 4, …, and so never leaves the range of g. The first decay meets an empty state and may be anything.
 */
function additiveExtreme({ H, N }) {
  const constants = { axis: { dims: [1], ints: [1] } };
  const at = (token) => {
    constants[`at${token}`] = { dims: [1], ints: [token] };
    return `at${token}`;
  };
  const slice = (from, begin, end, to) => ({ op: "Slice", from: [from, at(begin), at(end), "axis"], to: [to] });
  const join = (parts, to) => ({ op: "Concat", from: parts, to: [to], attributes: { axis: { int: 1 } } });
  const steps = [];
  let z = "z";
  for (let s = 1; s < N; s *= 2) {
    const own = (name) => `${name}${s}`;
    steps.push(
      slice(z, 0, s, own("head")),
      slice(z, s, N, own("tail")),
      slice(z, 0, N - s, own("earlier")),
      { op: "Max", from: [own("tail"), own("earlier")], to: [own("larger")] },
      { op: "Min", from: [own("tail"), own("earlier")], to: [own("smaller")] },
      { op: "Sub", from: [own("smaller"), own("larger")], to: [own("apart")] },
      { op: "Exp", from: [own("apart")], to: [own("share")] },
      { op: "Add", from: ["unit", own("share")], to: [own("sum")] },
      { op: "Log", from: [own("sum")], to: [own("more")] },
      { op: "Add", from: [own("larger"), own("more")], to: [own("joint")] },
      join([own("head"), own("joint")], own("z")),
    );
    z = own("z");
  }
  return {
    inputs: ["q", "g", "v"],
    packed: ["q", "g", "v", "out"],
    strategy: "scan by doubling + LinearAttention, gated",
    constants: Object.assign(constants, { one: { dims: [1], ints: [1] } }),
    nodes: [
      { op: "Cast", from: ["one"], to: ["unit"], attributes: { to: { int: DOUBLE } } },
      { op: "Cast", from: ["g"], to: ["z"], attributes: { to: { int: DOUBLE } } },
      ...steps,
      { op: "Cast", from: ["g"], to: ["exactG"], attributes: { to: { int: DOUBLE } } },
      { op: "Sub", from: ["exactG", z], to: ["logKeys"] },
      { op: "Exp", from: ["logKeys"], to: ["exactKeys"] },
      { op: "Cast", from: ["exactKeys"], to: ["keys"], attributes: { to: { int: FLOAT } } },
      slice(z, 0, 1, "first"),
      slice(z, 0, N - 1, "others"),
      join(["first", "others"], "before"),
      { op: "Sub", from: ["before", z], to: ["exactDecays"] },
      { op: "Cast", from: ["exactDecays"], to: ["decays"], attributes: { to: { int: FLOAT } } },
      linearAttention(["q", "keys", "v", "", "decays"], H, "gated"),
    ],
  };
}

/** The graph of a spec, or undefined. @param isExtreme whether weights relative to the largest of all would vanish */
export function graphOf(spec, shape, isExtreme) {
  if (spec.op === "matmul") return product();
  if (spec.op === "additive" && spec.causal) return isExtreme ? additiveExtreme(shape) : additiveCausal(shape);
  if (spec.op === "additive") return global(spec);
  if (spec.op === "softmax") return attention(spec, shape);
  if (spec.op !== "multiplicative" || spec.tiedKey || spec.feature) return undefined;
  if (spec.decay === "none") return spec.causal ? linearCausal(spec, shape) : global(spec);
  return spec.causal && spec.decay !== "constant" ? gated(spec, shape) : undefined;
}
