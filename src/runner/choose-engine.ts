// `--engine auto`: a hardware GPU where there is one, else the CPU. Never a software GPU.

import { EnvironmentError } from "#base/errors";
import { engines } from "#engine/registry";
import { runChild } from "./child-process.ts";
import type { Reply } from "./protocol.ts";

/** Order of preference of `auto`. */
const PREFERENCE = ["webgpu", "tensorflow", "wasm"] as const;
const PROBE_LIMITS = { timeoutSeconds: 60, memoryLimitBytes: Number.POSITIVE_INFINITY };

export type EngineReport = Extract<Reply, { type: "available" | "unavailable" }>;

/** Looks at an engine in a process of its own: starting one may load drivers or end the process. */
export async function probeEngine(engine: string, gpuAdapter?: string): Promise<EngineReport> {
  let report: EngineReport | undefined;
  const outcome = await runChild(
    { type: "probe", engine, ...(gpuAdapter === undefined ? {} : { gpuAdapter }) },
    PROBE_LIMITS,
    (reply) => {
      if (reply.type === "available" || reply.type === "unavailable") report = reply;
    },
  );
  return report ?? { type: "unavailable", reason: outcome.failure?.reason ?? "no answer" };
}

/**
 * The id of a concrete engine.
 *
 * @throws {UnknownNameError} no such engine
 * @throws {EnvironmentError} none is available
 */
export async function chooseEngine(name: string, gpuAdapter?: string): Promise<string> {
  if (name !== "auto") return engines.get(name).id;
  for (const id of PREFERENCE.filter((candidate) => engines.has(candidate))) {
    // The embedded engine needs no probe of its own: the run's first step checks it.
    if (id === "wasm") return id;
    const report = await probeEngine(id, gpuAdapter);
    if (report.type === "available" && report.device.kind === "gpu" && !report.device.software) return id;
  }
  throw new EnvironmentError("No engine is available. `lightnet-bench doctor` says why.");
}
