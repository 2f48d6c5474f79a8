// Checkpoints: one safetensors file a case, with weights, moments, average and the position in the run. Written
// beside the old one and renamed, so that a kill at any moment leaves a whole file.

import { z } from "zod";
import { DataError, describeError } from "#base/errors";
import { host } from "#host/current";
import { pathInside } from "#host/inside";
import { encodeSafetensors, type NamedTensor } from "#base/safetensors";
import { readSafetensors } from "#host/safetensors";
import * as tf from "#engine/tf";
import type { WeightDeclaration } from "#weights/weights";
import { sizeOf } from "#weights/weights";
import { writeFileAtomic } from "#store/files";
import { trainingResultSchema } from "#store/record";
import type { OptimiserState } from "./adamw.ts";

/** Where a run stands; all a resumed run needs beside the tensors. */
export const progressSchema = z.strictObject({
  /** steps done; position in the data = step × batch × accumulate */
  step: z.int().nonnegative(),
  /** training time so far, evaluation and checkpoints apart */
  elapsedSeconds: z.number().nonnegative(),
  evaluationSeconds: z.number().nonnegative(),
  stepSecondsSamples: z.array(z.number()),
  curve: trainingResultSchema.shape.curve,
  /** sum and number of the losses since the last point of the curve */
  pendingLoss: z.strictObject({ sum: z.number(), count: z.int().nonnegative() }),
});
export type Progress = z.infer<typeof progressSchema>;

const FORMAT = "lightnet-bench checkpoint 1";

/** @throws {StoreError} the file is a link that leads out of the folder */
export function checkpointPath(folder: string, caseId: string): string {
  return pathInside(folder, `${caseId}.safetensors`);
}

export interface CheckpointKey {
  readonly path: string;
  /** a checkpoint of another case is refused */
  readonly caseId: string;
  readonly declarations: readonly WeightDeclaration[];
}

/** @throws {EnvironmentError} the folder cannot be written */
export async function saveCheckpoint(
  { path, caseId, declarations }: CheckpointKey,
  state: OptimiserState,
  progress: Progress,
): Promise<void> {
  const tensors: [string, NamedTensor][] = [];
  for (const [vector, tensor] of Object.entries(state)) {
    const values = (await tensor.data()) as Float32Array<ArrayBuffer>;
    let offset = 0;
    for (const { name, shape } of declarations) {
      const size = sizeOf(shape);
      tensors.push([`${vector}/${name}`, { shape, data: values.slice(offset, offset + size) }]);
      offset += size;
    }
  }
  writeFileAtomic(
    path,
    encodeSafetensors(tensors, { format: FORMAT, case: caseId, progress: JSON.stringify(progress) }),
  );
}

/**
 * Reads the checkpoint of a case; undefined when there is none.
 *
 * @param vectors names of the optimiser's vectors: a file without one of them is refused
 * @throws {DataError} damaged, of another case, or of other weights
 */
export function loadCheckpoint(
  { path, caseId, declarations }: CheckpointKey,
  vectors: readonly string[],
): { state: OptimiserState; progress: Progress } | undefined {
  if (host.files.kind(path) === undefined) return undefined;
  const { metadata, tensors } = readSafetensors(path);
  if (metadata.format !== FORMAT)
    throw new DataError(path, `is not a checkpoint of this program (format "${metadata.format ?? "none"}")`);
  if (metadata.case !== caseId)
    throw new DataError(
      path,
      `is the checkpoint of case ${metadata.case ?? "unknown"}, not of ${caseId}; remove it or name another folder`,
    );
  const progress = parseProgress(path, metadata.progress);
  const named = vectors.map((vector) => {
    const parts = declarations.map(({ name, shape }) => {
      const found = tensors.get(`${vector}/${name}`);
      if (found === undefined || found.shape.join() !== shape.join()) {
        throw new DataError(
          path,
          `tensor "${vector}/${name}" must be [${shape.join(", ")}], found ${found === undefined ? "none" : `[${found.shape.join(", ")}]`}`,
        );
      }
      return found.data;
    });
    return [vector, joined(parts)] as const;
  });
  return { state: Object.fromEntries(named.map(([vector, values]) => [vector, tf.tensor1d(values)])), progress };
}

function parseProgress(path: string, text: string | undefined): Progress {
  try {
    return progressSchema.parse(JSON.parse(text ?? ""));
  } catch (error) {
    throw new DataError(path, `its record of progress is not valid (${describeError(error)})`, {}, { cause: error });
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
