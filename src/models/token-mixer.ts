// What a token mixer is, and what it is made from.

import type { RunningEngine } from "#engine/engine";
import type * as tf from "#engine/tf";
import type { SharedTables, Weights } from "./parameters.ts";
import type { AsSegment } from "./segments.ts";

/** Differentiable; called within a tidy. */
export type TokenMixer = (x: tf.Tensor) => tf.Tensor;

/** Is shown the logits g [B, H, N, D] of an additive layer each time it runs; whoever wants to keep them clones them. */
export type ObserveLogits = (layer: number, logits: tf.Tensor) => void;

export interface MixerTools {
  /** weights of this layer */
  readonly own: Weights;
  /** weights that all layers share */
  readonly stack: Weights;
  /** tables that layers share */
  readonly tables: SharedTables;
  readonly engine: RunningEngine;
  readonly observe?: ObserveLogits | undefined;
  /** around the parts of a layer; absent: nobody times them */
  readonly asSegment?: AsSegment | undefined;
}
