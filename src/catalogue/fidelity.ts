// What the authors of each method build, and what stands here, element by element: docs/fidelity.md is written from it, and
// the report says "differs" beside a row whose model has an element that does.

import type { Method } from "./models.ts";

export interface Element {
  readonly method: Method;
  readonly element: string;
  readonly authors: string;
  /** absent: as the authors have it */
  readonly ours?: string;
  /** why it differs; an element without a reason must not differ */
  readonly why?: string;
}

const STACK = "pre-norm blocks of token mixer and GLU, the same for every model";

export const FIDELITY: readonly Element[] = [
  {
    method: "lightnet",
    element: "global form",
    authors: "q = SiLU(x Wq), g = x Wk under a softmax over the tokens, v linear, no 1/√D",
  },
  {
    method: "lightnet",
    element: "norm and gate",
    authors:
      "LayerNorm without gain over all channels, then a sigmoid gate of rank C/H (script of the first author; xmixers gates before an RMSNorm)",
  },
  {
    method: "lightnet",
    element: "MD-TPE",
    authors:
      "once after the embedding, which it replaces; per axis a filter, an RMSNorm with gain and a projection, summed",
  },
  { method: "lightnet", element: "start of MD-TPE", authors: "λ 0.5, q, k and gain 1" },
  {
    method: "lightnet",
    element: "LRPE",
    authors:
      "rotating, with trained angles (lrpe_type 1); cosine on half of the channels in later configurations: model lightnet-half",
  },
  {
    method: "lightnet",
    element: "Δ₀ of the causal form",
    authors: "1 (xmixers)",
    ours: "0",
    why: "the paper's formula starts with nothing; the operator's option initialLse has the other",
  },
  {
    method: "lightnet",
    element: "start of projections",
    authors: "xavier with gain 0.01, output projections 0 (xmixers); deviation near 0.58 (flash-linear-attention)",
    ours: "normal, variance 1/inputs; output projections 1/√(2·depth) of it",
    why: "the two public codes disagree, and every model starts alike; keyStart sets that of the key",
  },
  { method: "lightnet", element: "channel mixer", authors: "GLU with SiLU" },
  { method: "softmax", element: "attention", authors: "softmax(q kᵀ/√D) v, no norm, no gate" },
  {
    method: "softmax",
    element: "positions",
    authors:
      "RoPE (softmax-rope) or a trained table (softmax-learned); nobody has cosine LRPE, which softmax-cosine shows",
  },
  { method: "softmax", element: "channel mixer", authors: "MLP of 4C with GELU", ours: "GLU with SiLU", why: STACK },
  {
    method: "hgrn2",
    element: "decay and key",
    authors: "lower bounds by a cumulative softmax over the layers, the first left out; k = 1 − f; SiLU(q)",
  },
  { method: "hgrn2", element: "norm and gate", authors: "RMSNorm with gain over all channels, no output gate" },
  {
    method: "hgrn2",
    element: "two directions",
    authors: "in vision the direction alternates by layer",
    ours: "alternating (hgrn2-2scan-alternate), both in each layer (hgrn2-2scan), and by heads",
    why: "the comparison asks what each arrangement gives and costs",
  },
  {
    method: "gla",
    element: "queries, keys, decay",
    authors: "linear, scaled by 1/√D; log σ of a low-rank projection (16), divided by 16",
  },
  { method: "gla", element: "norm and gate", authors: "RMSNorm with gain per head, then a SiLU gate of full rank" },
  {
    method: "gla",
    element: "widths",
    authors: "keys half as wide as values",
    ours: "equal widths",
    why: "one shape of state for every contender",
  },
  { method: "retnet", element: "queries, keys, decay", authors: "linear; γ = 1 − 2^(−5−h); rotation (xPos)" },
  {
    method: "retnet",
    element: "norm and gate",
    authors: "GroupNorm per head, so that long heads do not drown short ones, then a swish gate",
  },
  {
    method: "retnet",
    element: "widths",
    authors: "values twice as wide as keys",
    ours: "equal widths",
    why: "one shape of state for every contender",
  },
  {
    method: "mamba2",
    element: "decay",
    authors: "softplus(Δ)·A, Δ started log-uniformly in [1e-3, 0.1], A in [1, 16]; keys scaled by Δ",
  },
  { method: "mamba2", element: "skip", authors: "D, one number a head, times the values" },
  { method: "mamba2", element: "norm and gate", authors: "SiLU gate, then an RMSNorm with gain over all channels" },
  {
    method: "mamba2",
    element: "short convolution",
    authors: "four causal taps with bias and SiLU on queries, keys and values",
    ours: "four causal taps on a line; three along every axis, to both sides, where all tokens are seen; SiLU; no bias",
    why: "both directions share the filtered input",
  },
  {
    method: "mamba2",
    element: "queries and keys",
    authors: "one group shared by all heads; inner width 2C, no channel mixer",
    ours: "queries and keys of each head, inner width C, with a channel mixer",
    why: STACK,
  },
  {
    method: "linear",
    element: "feature map",
    authors: "elu + 1 on queries and keys, with denominator; no norm, no gate",
  },
  {
    method: "linear",
    element: "causal denominator",
    authors: "running sum of the keys",
    ours: "RMSNorm per head in its place",
    why: "the causal operator has no denominator; the norm stands for it in later work",
  },
  {
    method: "efficient-attention",
    element: "normalisation",
    authors: "softmax of q over channels and of k over tokens; no norm, no gate",
  },
  {
    method: "efficient-attention",
    element: "place",
    authors: "in convolutional networks, beside attention of other kinds",
    ours: "in the shared stack, with trained positions",
    why: STACK,
  },
];

/** The elements of a method that differ from its authors'. */
export function differencesOf(method: Method): readonly Element[] {
  return FIDELITY.filter((entry) => entry.method === method && entry.ours !== undefined);
}

/** The table of docs/fidelity.md. */
export function fidelityTable(): string {
  const rows = FIDELITY.map(({ method, element, authors, ours, why }) =>
    [method, element, authors, ours ?? "as the authors", ours === undefined ? "equal" : "differs", why ?? ""].join(
      " | ",
    ),
  );
  return [
    "| method | element | authors | ours | | why |",
    "|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}
