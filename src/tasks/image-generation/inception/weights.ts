// Weights of the network from a safetensors file that holds pytorch-fid's state dict. All names and shapes are checked
// before memory is taken for any of them; what else the file holds is not read.

import { DataError } from "#base/errors";
import type { StoredTensor } from "#base/safetensors";
import { indexSafetensors, readBytes } from "#host/safetensors";
import { convolutionsOf, INCEPTION, type Convolution } from "./layout.ts";

/** A convolution with its batch norm folded in: y = x ∗ filter + bias. */
export interface Folded {
  /** [rows, columns, from, to] */
  readonly filter: Float32Array<ArrayBuffer>;
  /** [to] */
  readonly bias: Float32Array<ArrayBuffer>;
}

/** Of the batch norms, as both torchvision and Google's network have it. */
const EPSILON = 1e-3;

/** The tensors of a convolution, by their names in the file. */
export function tensorsOf({
  name,
  from,
  to,
  kernel,
}: Convolution): readonly { readonly name: string; readonly shape: readonly number[] }[] {
  const norm = ["weight", "bias", "running_mean", "running_var"].map((part) => ({
    name: `${name}.bn.${part}`,
    shape: [to],
  }));
  return [{ name: `${name}.conv.weight`, shape: [to, from, ...kernel] }, ...norm];
}

/** Where the weights lie in a file. */
export interface InceptionFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Opens a file of weights and checks that every tensor is there in its shape; reads none.
 *
 * @throws {DataError} no safetensors file, or a tensor that is missing, misshaped or no float32, by name
 */
export function openInceptionWeights(path: string): InceptionFile {
  const { tensors } = indexSafetensors(path);
  for (const { name, shape } of convolutionsOf(INCEPTION).flatMap(tensorsOf)) {
    const found = tensors.get(name);
    if (found?.dtype === "F32" && found.shape.join() === shape.join()) continue;
    const what = found === undefined ? "none" : `${found.dtype} [${found.shape.join(", ")}]`;
    throw new DataError(
      path,
      `tensor "${name}" must be F32 [${shape.join(", ")}], found ${what}; the state dict of pytorch-fid's Inception is expected (REPRODUCING.md says how to write it)`,
      { tensor: name },
    );
  }
  return { path, tensors };
}

/**
 * Reads one convolution with its batch norm, y = γ (x ∗ w − μ)/√(σ² + ε) + β.
 *
 * @throws {DataError} truncated, a value that is no number, or a negative variance
 */
export function readFolded(file: InceptionFile, convolution: Convolution): Folded {
  const [stored, gain, shift, mean, variance] = tensorsOf(convolution).map(({ name, shape }) =>
    readTensor(file, name, shape),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
  const { name, from, to, kernel } = convolution;
  if (variance.some((value) => value < 0))
    throw new DataError(file.path, `tensor "${name}.bn.running_var" holds a negative variance`, {
      tensor: `${name}.bn.running_var`,
    });
  const taps = kernel[0] * kernel[1];
  const filter = new Float32Array(stored.length);
  const bias = new Float32Array(to);
  for (let out = 0; out < to; out++) {
    const scale = gain[out]! / Math.sqrt(variance[out]! + EPSILON);
    bias[out] = shift[out]! - scale * mean[out]!;
    for (let channel = 0; channel < from; channel++) {
      for (let tap = 0; tap < taps; tap++)
        filter[(tap * from + channel) * to + out] = scale * stored[(out * from + channel) * taps + tap]!;
    }
  }
  return { filter, bias };
}

function readTensor({ path, tensors }: InceptionFile, name: string, shape: readonly number[]): Float32Array {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const bytes = readBytes(path, tensors.get(name)!.position, 4 * size);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    values[i] = bytes.readFloatLE(4 * i);
    if (!Number.isFinite(values[i]))
      throw new DataError(path, `tensor "${name}" holds ${values[i]} at place ${i}`, { tensor: name });
  }
  return values;
}
