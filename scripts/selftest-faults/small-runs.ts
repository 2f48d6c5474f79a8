// The runs that the self-test disturbs, and what must be true of their folders whatever happened.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadRun } from "#store/load";
import { finishedTrainings } from "#store/trainings";
import type { RunRecord } from "#store/record";

/** Two lengths × two contenders × three processes: as many atoms as a fault needs to fall before, into and after one. */
export const MEASURING: readonly string[] = [
  ...["run", "kernel-forward", "--engine", "wasm", "--contender-budget", "30ms"],
  ...["--filter", "N=64,128", "--filter", "contender=additive-global,linear-global"],
];

/** One small model, with a checkpoint every other moment. */
export const TRAINING: readonly string[] = [
  ...["run", "image-classification", "--engine", "wasm", "--checkpoint-every", "300ms", "--train-steps", "60"],
  ...["--filter", "contender=lightnet", "--filter", "dataset=synthetic-shapes"],
];

export function resume(folder: string): readonly string[] {
  return ["run", "--resume", folder];
}

/** Atoms that a run said it finished. */
export function announced(stderr: string): number {
  return [...stderr.matchAll(/^\[\d+\/\d+\] /gm)].length;
}

/** The whole lines of finished atoms, as bytes: what no later event may change. */
export function finishedBytes(folder: string): Buffer {
  const path = join(folder, "records.jsonl");
  if (!existsSync(path)) return Buffer.alloc(0);
  const bytes = readFileSync(path);
  const lastFinal = bytes.lastIndexOf('"final":true');
  return bytes.subarray(0, lastFinal < 0 ? 0 : bytes.indexOf("\n", lastFinal) + 1);
}

export function finishedAtoms(folder: string): number {
  return finishedBytes(folder).toString().split('"final":true').length - 1;
}

/** One line per case, process and status, without the times. */
export function casesOf(folder: string): string[] {
  return [...new Set(countedOnce(loadRun(folder).records).map((r) => `${r.caseId} ${r.process} ${r.status}`))].sort();
}

/**
 * The lines that count, written anew from results/README.md and not with the harness's own reader: of an atom, those between
 * the final line before and its last final line.
 */
function countedOnce(records: readonly RunRecord[]): RunRecord[] {
  const open = new Map<string, RunRecord[]>();
  const last = new Map<string, RunRecord[]>();
  for (const record of records) {
    const atom = `${record.matchup}/${record.process}`;
    const lines = [...(open.get(atom) ?? []), record];
    open.set(atom, record.final ? [] : lines);
    if (record.final) last.set(atom, lines);
  }
  return [...last.values()].flat();
}

/** Rounds that count more than once; none is right. */
export function countedTwice(folder: string): number {
  const lines = countedOnce(loadRun(folder).records).map(
    ({ matchup, process, caseId, round }) => `${matchup} ${process} ${caseId} ${round}`,
  );
  return lines.length - new Set(lines).size;
}

/** What a training learned, without how long it took. */
export function learned(folder: string): string {
  const results = finishedTrainings(loadRun(folder).records).map(({ training }) => training);
  return JSON.stringify(
    results.map(({ curve, scores }) => ({ curve: curve.map(({ step, values }) => ({ step, values })), scores })),
  );
}
