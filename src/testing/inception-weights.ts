// Weights of Inception-v3 drawn by rule, as scripts/fixtures/inception/features.py draws them: they are too large to be stored.

import { encodeSafetensors, type NamedTensor } from "#base/safetensors";
import { convolutionsOf, INCEPTION } from "#tasks/image-generation/inception/layout";
import { tensorsOf } from "#tasks/image-generation/inception/weights";

/** Uniform numbers in [−1, 1): the finaliser of MurmurHash3 over a counter that starts at the FNV-1a hash of the name. */
export function drawnByName(name: string, size: number): Float64Array<ArrayBuffer> {
  let seed = 2166136261;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 16777619);
  return Float64Array.from({ length: size }, (_, i) => {
    let x = (seed + i) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

const NORMS: Readonly<Record<string, readonly [offset: number, scale: number]>> = {
  weight: [1, 0.2],
  bias: [0, 0.2],
  running_mean: [0, 0.2],
  running_var: [1, 0.5],
};

/** Every tensor of the network by its name. */
function drawnInceptionWeights(): Map<string, NamedTensor> {
  const tensors = new Map<string, NamedTensor>();
  for (const { name, shape } of convolutionsOf(INCEPTION).flatMap(tensorsOf)) {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const [offset, scale] =
      shape.length === 4 ? [0, Math.sqrt(6 / (size / shape[0]!))] : NORMS[name.split(".").at(-1)!]!;
    tensors.set(name, { shape, data: Float32Array.from(drawnByName(name, size), (value) => offset + scale * value) });
  }
  return tensors;
}

let file: Buffer | undefined;

/** A file of them, as pytorch-fid's state dict would give it. */
export function drawnInceptionFile(): Buffer {
  return (file ??= encodeSafetensors(drawnInceptionWeights()));
}
