// What `verify` runs: the conformance kit over every form of every operator, and vector files through the checker
// of whatever they describe.

import { basename } from "node:path";
import { describeError } from "#base/errors";
import type { RunningEngine } from "#engine/engine";
import { encodingVectors } from "#encodings/vectors";
import { layerVectors } from "#models/vectors";
import { checkStrategy } from "#ops/conformance";
import { operators } from "#ops/registry";
import { operatorVectors } from "#ops/operator-vectors";
import { checkVectorFile, type VectorChecker, type VectorResult } from "#ops/vectors";
import { contenders } from "#catalogue/contenders";
import { hashJson } from "#base/json";
import type { OperatorSpec } from "#case/case";

/** One list: who checks which vector files. */
const VECTOR_CHECKERS: readonly VectorChecker[] = [operatorVectors, encodingVectors, layerVectors];

export interface Check {
  /** file, or form and conformance case */
  readonly what: string;
  readonly strategy: string;
  readonly ok: boolean;
  readonly errors: VectorResult["errors"];
  readonly reason?: string;
}

/** Told what is checked next, and how far this is. */
export type VerificationProgress = (next: string, done: number, total: number) => void;

/** Every file by every strategy that can do it, and by the reference. */
export async function verifyVectors(
  files: readonly string[],
  engine: RunningEngine,
  onProgress?: VerificationProgress,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [done, path] of files.entries()) {
    onProgress?.(basename(path), done, files.length);
    for (const { file, strategy, ok, errors, reason } of await checkVectorFile(path, engine, VECTOR_CHECKERS)) {
      checks.push({ what: file, strategy, ok, errors, ...(reason === undefined ? {} : { reason }) });
    }
  }
  return checks;
}

/** Every form that a contender has, by every strategy of its operator, on the conformance cases. */
export async function verifyOperators(engine: RunningEngine, onProgress?: VerificationProgress): Promise<Check[]> {
  const forms = new Map<string, { readonly name: string; readonly spec: OperatorSpec }>();
  for (const { id, spec } of contenders.all()) {
    if (!forms.has(hashJson(spec))) forms.set(hashJson(spec), { name: id, spec });
  }
  const checks: Check[] = [];
  for (const [done, { name, spec }] of [...forms.values()].entries()) {
    const operator = operators.get(spec.op);
    const strategies = (await operator.load()).strategies;
    const halves = engine.kernels.half === undefined ? [] : strategies.filter(({ half }) => half !== undefined);
    const checked = [
      ...strategies.map((strategy) => ({ strategy, precision: "float32" as const })),
      ...halves.map((strategy) => ({ strategy, precision: "float16" as const })),
    ];
    for (const { strategy, precision } of checked) {
      const label = precision === "float32" ? strategy.id : `${strategy.id}, ${precision}`;
      onProgress?.(`${name} by ${label}`, done, forms.size);
      try {
        const results = await checkStrategy({ operator, strategy, spec, engine, precision });
        for (const { case: item, ok, errors, leaked, unsupported } of results) {
          const reason = unsupported ?? (leaked === 0 ? undefined : `leaks ${leaked} tensors`);
          checks.push({
            what: `${name}, ${item}`,
            strategy: label,
            ok,
            errors,
            ...(reason === undefined ? {} : { reason }),
          });
        }
      } catch (error) {
        checks.push({ what: name, strategy: label, ok: false, errors: [], reason: describeError(error) });
      }
    }
  }
  return checks;
}
