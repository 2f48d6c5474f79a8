// `--engine auto`: a hardware GPU where there is one, else the CPU. Never a software GPU.

import { EnvironmentError } from "#base/errors";
import type { Seconds } from "#base/units";
import type { EngineId } from "#case/case";
import type { DeviceDescription } from "#engine/engine";
import { engines } from "#engine/registry";
import { runChild } from "./child-process.ts";
import { InterruptedError } from "./interrupted.ts";
import type { Reply } from "./protocol.ts";

/** Order of preference of `auto`. */
const PREFERENCE = ["webgpu", "tensorflow", "wasm"] as const;
const START_LIMIT: Seconds = 120;

export type EngineReport = Extract<Reply, { type: "available" | "unavailable" }>;

/** What is asked of a device. */
export interface DeviceWanted {
  readonly gpuAdapter?: string | undefined;
  readonly threads?: number | undefined;
}

/** Looks at an engine in a process of its own: starting one may load drivers or end the process. */
export async function probeEngine(
  engine: string,
  { gpuAdapter, threads }: DeviceWanted = {},
  signal?: AbortSignal,
): Promise<EngineReport> {
  let report: EngineReport | undefined;
  const limits = { timeoutSeconds: START_LIMIT, memoryLimitBytes: Number.POSITIVE_INFINITY, signal };
  const { failure } = await runChild({ type: "probe", engine, gpuAdapter, threads }, limits, (reply) => {
    if (reply.type === "available" || reply.type === "unavailable") report = reply;
  });
  return report ?? { type: "unavailable", reason: failure?.reason ?? "no answer" };
}

/**
 * The id of a concrete engine.
 *
 * @throws {UnknownNameError} no such engine
 * @throws {EnvironmentError} none is available
 */
export async function chooseEngine(name: string, gpuAdapter?: string): Promise<EngineId> {
  if (name !== "auto") return engines.get(name).id;
  for (const id of PREFERENCE.filter((candidate) => engines.has(candidate))) {
    // The embedded engine needs no probe of its own: the run's first step checks it.
    if (id === "wasm") return id;
    const report = await probeEngine(id, { gpuAdapter });
    if (report.type === "available" && report.device.kind === "gpu" && !report.device.software) return id;
  }
  throw new EnvironmentError("No engine is available. `lightnet-bench doctor` says why.");
}

/** The device of an engine. @throws {EnvironmentError} it is not available, with the reason @throws {InterruptedError} */
export async function deviceOf(engine: string, wanted: DeviceWanted, signal?: AbortSignal): Promise<DeviceDescription> {
  const report = await probeEngine(engine, wanted, signal);
  if (signal?.aborted === true) throw new InterruptedError();
  if (report.type === "available") return report.device;
  throw new EnvironmentError(
    `Engine ${engine} is not available: ${report.reason}. \`lightnet-bench doctor\` shows what is.`,
  );
}
