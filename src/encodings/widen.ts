// One number a channel, such as a log decay or a logit, for the channels that an encoding makes of it.

import * as tf from "#engine/tf";
import type { EncodingDeclaration } from "./encoding.ts";

/** The last axis D → widening · D: a channel and its cosine and sine decay alike. */
export function widenChannels(x: tf.Tensor, widening: EncodingDeclaration["widening"]): tf.Tensor {
  switch (widening) {
    case 1:
      return x;
    case 2:
      return tf.concat([x, x], -1);
    case 1.5:
      return tf.concat([tf.split(x, 2, -1)[0]!, x], -1);
  }
}
