// What a child does with an atom: each kind of case has its own way of being measured.

import type { RunningEngine } from "#engine/engine";
import type { Case, CaseKind } from "#case/case";
import type { AtomRequest } from "../protocol.ts";
import type { Send, Workload } from "./workload.ts";

/** One list: kind of case → how it is measured. */
const WORKLOADS: Readonly<Record<CaseKind, () => Promise<Workload>>> = {
  operator: async () => (await import("./operator.ts")).measureOperators,
  decode: async () => (await import("./decode.ts")).measureDecoding,
  training: async () => (await import("./training.ts")).measureTraining,
  "train-step": async () => (await import("./train-step.ts")).measureTrainSteps,
};

export async function measureAtom(request: AtomRequest, engine: RunningEngine, send: Send): Promise<void> {
  const measure = await WORKLOADS[kindOf(request.cases)]();
  await measure(request, engine, send);
}

function kindOf(cases: readonly Case[]): CaseKind {
  return cases[0]!.kind; // a matchup has one kind: it is part of its name
}
