// A run that is slower by a known factor, to see what a comparison makes of it.

import { without } from "#base/without";
import type { RunRecord } from "#store/record";
import { stepSecondsOf } from "./times.ts";

/** The same records with every time multiplied, those of training steps too. */
export function scaleTimes(records: readonly RunRecord[], factor: number): RunRecord[] {
  const times = (samples: readonly number[]): number[] => samples.map((seconds) => factor * seconds);
  return records.map((record) => {
    if (record.status !== "ok") return record;
    const { secondsSamples, deviceSecondsSamples, segmentSecondsSamples, training } = record;
    return {
      ...record,
      ...(secondsSamples === undefined ? {} : { secondsSamples: times(secondsSamples) }),
      ...(deviceSecondsSamples === undefined ? {} : { deviceSecondsSamples: times(deviceSecondsSamples) }),
      ...(segmentSecondsSamples === undefined
        ? {}
        : {
            segmentSecondsSamples: Object.fromEntries(
              Object.entries(segmentSecondsSamples).map(([name, samples]) => [name, times(samples)]),
            ),
          }),
      ...(training === undefined
        ? {}
        : {
            training: {
              ...without(training, "aloneStepSecondsSamples"),
              stepSecondsSamples: times(stepSecondsOf(training)),
            },
          }),
    };
  });
}
