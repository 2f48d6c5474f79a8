// The models there are, with exact parameters and operations; no tensor library.

import type { OperatorSpec } from "#case/case";
import { models, subjectModel } from "#catalogue/models";
import type { ModelSize } from "#catalogue/sizes/model-size";
import { modelSizes, namedModel } from "#catalogue/sizes/model-sizes";
import { countModel } from "./cost.ts";

/** One size of one model. */
export interface ModelVariant {
  readonly id: string;
  readonly task: string;
  readonly model: string;
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

/** Every size with every model of its form; directions over half of the heads only where the heads can be divided. */
export function modelVariants(): ModelVariant[] {
  return modelSizes.all().flatMap((size) => {
    const causal = size.task === "autoregressive-lm";
    const fitting = models
      .all()
      .filter(({ mixer: { operator } }) => operator.causal === causal && divides(operator, size));
    const subject = countModel(namedModel(size, subjectModel({ causal }).id), size.input).parameters;
    return fitting.map(({ id }): ModelVariant => {
      const spec = namedModel(size, id);
      const { parameters, flopsPerToken, tokens } = countModel(spec, size.input);
      const { width, depth, heads, patch, gluWidth } = spec;
      return {
        id: size.id,
        task: size.task,
        model: id,
        width,
        depth,
        heads,
        patch: patch?.join("x") ?? "",
        gluWidth,
        tokens,
        parameters,
        parametersAgainstLightNet: parameters / subject - 1,
        flopsPerToken: Math.round(flopsPerToken),
      };
    });
  });
}

function divides({ layout, scans = 1 }: OperatorSpec, { heads }: ModelSize): boolean {
  return layout !== "head-split" || heads % scans === 0;
}
