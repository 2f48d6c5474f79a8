// GPUs emulated on the CPU: their results count for correctness, their times mean nothing and are never shown.

import { without } from "#base/without";
import type { Environment, OkRecord, RunRecord } from "#store/record";

/** Whether an environment's device is a GPU emulated on the CPU. */
export function isSoftware(environment: Environment | undefined): boolean {
  return environment?.device.kind === "gpu" && environment.device.software;
}

const TIME_FIELDS: ReadonlySet<string> = new Set([
  "secondsSamples",
  "deviceSecondsSamples",
  "segmentSecondsSamples",
  "firstCallSeconds",
  "warmupSecondsSamples",
  "peak",
  "overheadSeconds",
] satisfies (keyof OkRecord)[]);

/** The same records without the times of software GPUs. */
export function withoutSoftwareTimes(
  records: readonly RunRecord[],
  environments: ReadonlyMap<string, Environment>,
): readonly RunRecord[] {
  if (![...environments.values()].some(isSoftware)) return records;
  return records.map((record) => {
    if (record.status !== "ok" || !isSoftware(environments.get(record.environment))) return record;
    const kept = Object.entries(record).filter(([name]) => !TIME_FIELDS.has(name));
    const training =
      record.training === undefined
        ? {}
        : { training: { ...without(record.training, "aloneStepSecondsSamples"), stepSecondsSamples: [] } };
    return { ...Object.fromEntries(kept), ...training } as RunRecord;
  });
}
