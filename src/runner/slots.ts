// Where children run side by side: each on cores of its own, and on a GPU of its own where there are several.

import { availableParallelism, totalmem } from "node:os";
import { defined } from "#base/defined";
import type { Bytes } from "#base/units";
import type { EngineId } from "#case/case";
import { listGpus } from "#engine/tensorflow/nvidia";
import { allowedCores, isThere, PINS } from "#programs/place";
import { WHOLE_MACHINE, type Slot } from "./slot.ts";

const MEMORY_SHARE = 0.8;

/** What all children may use together: room is left for the system and for the parent. */
export function memoryForChildren(): Bytes {
  return Math.round(MEMORY_SHARE * totalmem());
}

/** `--jobs auto`: a child for each GPU of an engine that uses them, else one for each core or `threads` of them. */
export function jobsFor(engine: EngineId, threads = 1): number {
  const gpus = visibleGpus(engine);
  return gpus.length > 0 ? gpus.length : Math.max(1, Math.floor(availableParallelism() / threads));
}

/** `jobs` slots that share cores and GPUs evenly; more slots than cores share the cores as the system does. */
export function slotsFor(jobs: number, engine: EngineId): Slot[] {
  if (jobs === 1) return [WHOLE_MACHINE];
  const cores = isThere(PINS) ? allowedCores() : [];
  const gpus = visibleGpus(engine);
  const share = Math.max(1, Math.floor(availableParallelism() / jobs));
  return Array.from({ length: jobs }, (_, slot) => {
    const own = cores.length < jobs ? [] : cores.slice(slot * share, (slot + 1) * share);
    const threads = String(share);
    const gpu = gpus[slot % Math.max(1, gpus.length)];
    return {
      prefix: own.length === 0 ? [] : [PINS, "--cpu-list", own.join(",")],
      environment: defined({ TF_NUM_INTRAOP_THREADS: threads, OMP_NUM_THREADS: threads, CUDA_VISIBLE_DEVICES: gpu }),
    };
  });
}

/** Numbers of the NVIDIA GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; none for engines that choose no device by it. */
function visibleGpus(engine: EngineId): string[] {
  if (engine !== "tensorflow") return [];
  const given = process.env["CUDA_VISIBLE_DEVICES"];
  if (given !== undefined) return given.split(",").filter((id) => id.trim() !== "" && id !== "-1");
  return listGpus().map(({ index }) => String(index));
}
