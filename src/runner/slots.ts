// Where children run side by side: each on cores of its own, and on a GPU of its own where there are several.

import { availableParallelism, totalmem } from "node:os";
import { defined } from "#base/defined";
import { EnvironmentError } from "#base/errors";
import type { Bytes } from "#base/units";
import type { EngineId } from "#case/case";
import { chooseGpu, listGpus, type NvidiaGpu } from "#engine/tensorflow/nvidia";
import { allowedCores, isThere, PINS } from "#programs/place";
import { WHOLE_MACHINE, type Slot } from "./slot.ts";

const MEMORY_SHARE = 0.8;

/** What all children may use together: room is left for the system and for the parent. */
export function memoryForChildren(): Bytes {
  return Math.round(MEMORY_SHARE * totalmem());
}

/** What is looked at: this process and this machine, or a test's. */
export interface Surroundings {
  readonly listGpus: () => readonly NvidiaGpu[];
  /** CUDA_VISIBLE_DEVICES */
  readonly visible: string | undefined;
}

const here = (): Surroundings => ({ listGpus, visible: process.env["CUDA_VISIBLE_DEVICES"] });

/** Whose GPUs are meant. */
export interface Wanted {
  readonly engine: EngineId;
  /** part of the name of the GPUs to use */
  readonly gpuAdapter?: string | undefined;
}

/**
 * `--jobs auto`: a child for each GPU of an engine that gives each its own, one where all would share an adapter (webgpu),
 * else one for each core or `threads` of them.
 *
 * @throws {EnvironmentError} GPUs of several models
 */
export function jobsFor(wanted: Wanted, threads = 1, surroundings = here()): number {
  if (wanted.engine === "webgpu") return 1;
  const gpus = gpusFor(wanted, surroundings);
  return gpus.length > 0 ? gpus.length : Math.max(1, Math.floor(availableParallelism() / threads));
}

/**
 * `jobs` slots that share cores and GPUs evenly; more slots than cores share the cores as the system does.
 *
 * @throws {EnvironmentError} GPUs of several models
 */
export function slotsFor(jobs: number, wanted: Wanted, surroundings = here()): Slot[] {
  if (jobs === 1) return [WHOLE_MACHINE];
  const cores = isThere(PINS) ? allowedCores() : [];
  const gpus = gpusFor(wanted, surroundings);
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

/**
 * The NVIDIA GPUs that this process may use and whose names fit, as CUDA_VISIBLE_DEVICES names them; none for engines that choose
 * no device by it. All are of one model, as a run names one device.
 */
function gpusFor({ engine, gpuAdapter = "" }: Wanted, { listGpus: list, visible }: Surroundings): string[] {
  if (engine !== "tensorflow") return [];
  const gpus = list();
  const ids = visible?.split(",").map((id) => id.trim()) ?? gpus.map(({ index }) => String(index));
  const allowed = ids.filter((id) => id !== "" && id !== "-1");
  if (gpus.length === 0) return allowed; // nvidia-smi does not tell
  const chosen = allowed.flatMap((id) => {
    const gpu = chooseGpu(gpus, gpuAdapter, id);
    return gpu === undefined ? [] : [{ id, name: gpu.name }];
  });
  const models = [...new Set(chosen.map(({ name }) => name))];
  if (models.length > 1)
    throw new EnvironmentError(
      `there are GPUs of ${models.length} models (${models.join(", ")}), and results of one run are of one. Choose one with --gpu-adapter, or run a part of the plan on each with --shard, and merge.`,
    );
  return chosen.map(({ id }) => id);
}
