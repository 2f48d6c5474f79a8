// The published numbers that could be found, each with its one source. No experimental number of
// LightNet itself could be found (its paper, its reviews and its authors' public code give none), so
// its cells are absent; whoever has the paper can import them (paper/import.ts).

import type { PublishedValue, TableId } from "./value.ts";

interface Setting {
  readonly table: TableId;
  readonly metric: string;
  readonly unit: string;
  readonly setting: string;
}
interface Source {
  readonly kind: "primary" | "secondary";
  readonly source: string;
}

const IMAGENET: Setting = { table: "image-classification", metric: "top-1", unit: "%", setting: "ImageNet-1k 224px" };
const DEIT: Source = { kind: "primary", source: "facebookresearch/deit README_deit.md (7e160fe)" };
const VIM: Source = { kind: "primary", source: "hustvl/Vim README.md (dd0358a)" };
const MAMBA360: Source = { kind: "secondary", source: "badripatro/mamba360 README.md (5b253ce)" };

const FID_400K: Setting = {
  table: "image-generation",
  metric: "FID-50K",
  unit: "",
  setting: "ImageNet 256px 400K steps no guidance",
};
const FID_7M: Setting = { ...FID_400K, setting: "ImageNet 256px 7M steps no guidance" };
const FID_GUIDED: Setting = { ...FID_400K, setting: "ImageNet 256px 7M steps cfg 1.50" };
const DIT_TABLE_4: Source = { kind: "primary", source: "Peebles & Xie arXiv 2212.09748 Table 4" };
const DIT_TABLE_2: Source = { kind: "primary", source: "Peebles & Xie arXiv 2212.09748 Table 2" };

const GLUE: Setting = { table: "bidirectional-lm", metric: "GLUE average", unit: "", setting: "24 h one GPU" };
const TEST_PPL: Setting = { table: "autoregressive-lm", metric: "test PPL", unit: "", setting: "WikiText-103" };
const VALIDATION_PPL: Setting = { ...TEST_PPL, metric: "validation PPL" };
const DIGEST: Source = {
  kind: "secondary",
  source: "machine-written digest of a paper on selective-update RNNs (weak)",
};
const FIGURE_2: Setting = { table: "scan-speed", metric: "relative time", unit: "", setting: "Figure 2" };

interface Numbers {
  readonly value: string;
  readonly parametersMillions: string;
  readonly spread?: string;
}

function known(model: string, numbers: Numbers, setting: Setting, source: Source): PublishedValue {
  return { ...setting, model, ...numbers, ...source };
}

function absent(model: string, setting: Setting): PublishedValue {
  return { ...setting, model, kind: "absent" };
}

function top1(model: string, value: string, parametersMillions: string, source: Source): PublishedValue {
  return known(model, { value, parametersMillions }, IMAGENET, source);
}

const TOP_5: Setting = { ...IMAGENET, metric: "top-5" };
const GFLOPS: Setting = { ...FID_400K, metric: "GFLOPs", setting: "ImageNet 256px, one forward of latents 32×32×4" };

function top5(model: string, value: string, parametersMillions: string, source: Source): PublishedValue {
  return known(model, { value, parametersMillions }, TOP_5, source);
}

function gflops(model: string, value: string, parametersMillions: string): PublishedValue {
  return known(model, { value, parametersMillions }, GFLOPS, DIT_TABLE_4);
}

/** DiT-XL/2 without guidance, beside its FID. */
function xl2(metric: string, value: string): PublishedValue {
  return known("DiT-XL/2", { value, parametersMillions: "675" }, { ...FID_7M, metric }, DIT_TABLE_2);
}

/** Every published value and every known gap, in the order of the paper's tables. */
export const PUBLISHED_VALUES: readonly PublishedValue[] = [
  top1("DeiT-T", "72.2", "5", DEIT),
  top1("DeiT-S", "79.9", "22", DEIT),
  top1("DeiT-B", "81.8", "86", DEIT),
  top1("Vim-T", "76.1", "7", VIM),
  top1("Vim-S", "80.5", "26", VIM),
  top1("Vim-B", "81.9", "98", VIM),
  top5("DeiT-T", "91.1", "5", DEIT),
  top5("DeiT-S", "95.0", "22", DEIT),
  top5("DeiT-B", "95.6", "86", DEIT),
  top5("Vim-T", "93.0", "7", VIM),
  top5("Vim-S", "95.1", "26", VIM),
  top5("Vim-B", "95.8", "98", VIM),
  top1("TNN-T", "72.29", "6.4", MAMBA360),
  top1("TNN-S", "79.20", "23.4", MAMBA360),
  top1("HGRN-T", "74.40", "6.1", MAMBA360),
  top1("HGRN-S", "80.09", "23.7", MAMBA360),
  ...["LightNet-T", "LightNet-S", "LightNet-B"].map((model) => absent(model, IMAGENET)),
  known("DiT-S/2", { value: "68.40", parametersMillions: "33" }, FID_400K, DIT_TABLE_4),
  known("DiT-B/2", { value: "43.47", parametersMillions: "130" }, FID_400K, DIT_TABLE_4),
  known("DiT-L/2", { value: "23.33", parametersMillions: "458" }, FID_400K, DIT_TABLE_4),
  known("DiT-XL/2", { value: "19.47", parametersMillions: "675" }, FID_400K, DIT_TABLE_4),
  known("DiT-XL/2", { value: "9.62", parametersMillions: "675" }, FID_7M, DIT_TABLE_2),
  xl2("sFID", "6.85"),
  xl2("IS", "121.5"),
  xl2("precision", "0.67"),
  xl2("recall", "0.67"),
  gflops("DiT-S/2", "6.06", "33"),
  gflops("DiT-B/2", "23.01", "130"),
  gflops("DiT-L/2", "80.71", "458"),
  gflops("DiT-XL/2", "118.64", "675"),
  known("DiT-XL/2-G", { value: "2.27", parametersMillions: "675" }, FID_GUIDED, DIT_TABLE_2),
  ...["LightNet-S/2", "LightNet-B/2", "LightNet-L/2", "LightNet-XL/2"].map((model) => absent(model, FID_400K)),
  known("Crammed BERT (pre-LN)", { value: "78.9", spread: "0.7", parametersMillions: "120" }, GLUE, {
    kind: "primary",
    source: "He & Hofmann (simplified transformer blocks) Table 1",
  }),
  absent("LightNet", GLUE),
  known("Transformer", { value: "24.78", parametersMillions: "44.65" }, TEST_PPL, DIGEST),
  known("Transformer", { value: "24.40", parametersMillions: "44.65" }, VALIDATION_PPL, DIGEST),
  known("Mamba", { value: "23.19", parametersMillions: "44.39" }, TEST_PPL, DIGEST),
  known("Mamba", { value: "22.58", parametersMillions: "44.39" }, VALIDATION_PPL, DIGEST),
  absent("LightNet", TEST_PPL),
  absent("LightNet", VALIDATION_PPL),
  absent("1 scan (additive)", FIGURE_2),
  absent("2 scans (multiplicative)", FIGURE_2),
];
