// What a size of a model says.

import type { ModelInput } from "#weights/model-input";

export interface ModelSize {
  readonly id: string;
  readonly title: string;
  readonly task: string;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  /** edges of a patch along each axis, in pixels; absent for text */
  readonly patch?: readonly number[];
  /** what the parameters are matched and listed for */
  readonly input: ModelInput;
  /** hidden width of the GLU around LightNet's mixer */
  readonly gluWidth: number;
}
