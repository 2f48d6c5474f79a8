// Measures the targets' cases as any run does (correctness first, a process a matchup, interleaved rounds) into a run folder.
//
//   measure-targets <folder> <small|smoke> <seconds> [gpu-adapter]

import { loadavg } from "node:os";
import { basename } from "node:path";
import { systemClock } from "#base/clock";
import { deviceOf } from "#runner/choose-engine";
import { runLocally } from "#runner/executors/local";
import { checkPossible } from "#runner/expand";
import { planAtoms } from "#runner/plan";
import { memoryForChildren } from "#runner/slots";
import { SCHEMA_VERSION } from "#store/record";
import { RunWriter } from "#store/writer";
import { gpuTargets, targetCases, TARGETS } from "./targets.ts";

const [folder, scaleName, seconds, gpuAdapter] = process.argv.slice(2) as [string, string, string, string | undefined];
const scale = scaleName === "smoke" ? "smoke" : "small";
const cases = targetCases(scale);
checkPossible(cases);
const command = `gpu-check: ${TARGETS}, scale ${scale}`;
const signal = new AbortController().signal;
const device = await deviceOf("webgpu", { gpuAdapter });
const memory = memoryForChildren();
const writer = RunWriter.open(folder);
try {
  const atoms = planAtoms([{ suite: gpuTargets, cases }]);
  let done = 0;
  const leftOver = await runLocally({
    atoms,
    options: {
      engine: "webgpu",
      gpuAdapter,
      folder,
      contenderBudget: scale === "smoke" ? 0.05 : 0.5,
      runBudget: Number(seconds),
      jobs: 1,
      memoryLimit: memory,
      memoryShare: memory,
      training: {},
    },
    device,
    writer,
    manifest: {
      schema: SCHEMA_VERSION,
      run: basename(folder),
      command,
      scale,
      suites: [TARGETS],
      flags: {},
      startedAt: systemClock.timestamp(),
      environments: {},
      loadAverage: loadavg(),
    },
    records: [],
    signal,
    events: {
      say: (line) => console.error(line),
      onActivity: () => undefined,
      onAtom: () => console.error(`${++done} of ${atoms.length}`),
    },
  });
  if (leftOver > 0) console.error(`${leftOver} processes left: the step's time is spent`);
} finally {
  writer.close();
}
