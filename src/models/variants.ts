// The models there are, with exact parameters and operations; no tensor library.

import { contenders } from "#catalogue/contenders";
import { modelOf, modelSizes } from "#catalogue/sizes/model-sizes";
import { countModel } from "./cost.ts";

/** One size with one token mixer. */
export interface ModelVariant {
  readonly id: string;
  readonly task: string;
  readonly mixer: string;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly patch: string;
  readonly gluWidth: number;
  readonly tokens: number;
  readonly parameters: number;
  /** parameters over those of LightNet at this size, minus 1 */
  readonly parametersAgainstLightNet: number;
  /** forward, a multiply-add counted as two */
  readonly flopsPerToken: number;
}

/** Mixers that stand for all of their weights; causal ones and other numbers of scans have the same. */
const LISTED = [
  "additive-global",
  "softmax-full",
  "efficient-attention",
  "linear-global",
  "constant-2scan",
  "scalar-2scan",
  "vector-2scan",
  "hgrn2-2scan",
];

const CAUSAL = [
  "additive-causal",
  "softmax-causal",
  "linear-causal",
  "constant-causal",
  "scalar-causal",
  "vector-causal",
  "hgrn2-causal",
];

/** Every size with every mixer, those of autoregressive models causal; cosine MD-LRPE throughout, on text LRPE. */
export function modelVariants(): ModelVariant[] {
  return modelSizes.all().flatMap((size) => {
    const isCausal = size.task === "autoregressive-lm";
    const model = (id: string) =>
      modelOf(size, { operator: contenders.get(id).spec, encoding: isCausal ? "lrpe" : "md-lrpe" });
    const lightNet = countModel(model(isCausal ? "additive-causal" : "additive-global"), size.input).parameters;
    return (isCausal ? CAUSAL : LISTED).map((mixer): ModelVariant => {
      const spec = model(mixer);
      const { parameters, flopsPerToken, tokens } = countModel(spec, size.input);
      const { width, depth, heads, patch, gluWidth } = spec;
      return {
        id: size.id,
        task: size.task,
        mixer,
        width,
        depth,
        heads,
        patch: patch?.join("x") ?? "",
        gluWidth,
        tokens,
        parameters,
        parametersAgainstLightNet: parameters / lightNet - 1,
        flopsPerToken: Math.round(flopsPerToken),
      };
    });
  });
}
