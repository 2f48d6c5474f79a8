// Conformance of a program: each form that its manifest claims, on the harness's own small inputs, against the float64
// reference.

import { CorrectnessError } from "#base/errors";
import { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import type { Pass, Shape } from "#case/case";
import { conformanceCases, type ConformanceCase } from "#ops/conformance-cases";
import { allWithin, type NamedError } from "#ops/compare";
import { operators } from "#ops/registry";
import { askedOf } from "./asked.ts";
import { unsupportedBy, type Wanted } from "./forms.ts";
import type { Form, Manifest, Program, Workload } from "./manifest.ts";
import { ProgramSession, UnsupportedFormError, type SessionOptions } from "./session.ts";

export interface FormCheck {
  readonly form: Form;
  readonly workload: Workload;
  readonly pass: Pass;
  readonly shape: Shape;
  readonly case: string;
  readonly errors: readonly NamedError[];
  readonly ok: boolean;
  /** what went wrong beside errors, or why the program declined */
  readonly reason?: string;
}

/** Inputs that a request of the protocol does not carry. */
const BEYOND_PROTOCOL = ["mask", "initialState", "initialLse"];
const RUN_DEADLINE = 120;

/** Checks every form, workload, pass and case in turn; a program that breaks is started anew for the next one. */
export async function* checkProgram(
  program: Program,
  options: Omit<SessionOptions, "runDeadline">,
): AsyncGenerator<FormCheck> {
  let session: ProgramSession | undefined;
  try {
    for (const { form, workload, pass, item } of checksOf(program, options.device)) {
      session ??= await ProgramSession.start(program, { ...options, runDeadline: RUN_DEADLINE });
      const { broken, ...found } = await tryCase(session, { item, pass, workload });
      yield { form, workload, pass, shape: item.shape, case: item.id, ...found };
      if (broken) {
        await session.stop();
        session = undefined;
      }
    }
  } finally {
    await session?.stop();
  }
}

function* checksOf({ manifest }: Program, device: SessionOptions["device"]) {
  for (const form of manifest.operators)
    for (const workload of form.workloads)
      for (const pass of workload === "decode" ? (["forward"] as const) : form.passes) {
        const wanted = { workload, spec: form.operator, pass, precision: "float32", device } as const;
        for (const item of casesFor(manifest, wanted)) yield { form, workload, pass, item };
      }
}

/** Conformance cases that the manifest allows; one token has no context to decode after. */
function casesFor(manifest: Manifest, wanted: Omit<Wanted, "shape">, quick = false): ConformanceCase[] {
  const { spec, workload } = wanted;
  return conformanceCases(operators.get(spec.op), spec, new Random(1), quick).filter(
    ({ inputs, shape }) =>
      !BEYOND_PROTOCOL.some((name) => name in inputs) &&
      (workload === "operator" || shape.N > 1) &&
      unsupportedBy(manifest, { ...wanted, shape }) === undefined,
  );
}

/**
 * The gate before timing: one small case of what is wanted, where its limits allow one, so that a wrong program costs a second.
 *
 * @throws {CorrectnessError} it is wrong @throws {HarnessError} it declines, or breaks
 */
export async function gateProgram(session: ProgramSession, manifest: Manifest, wanted: Wanted): Promise<void> {
  const { pass, workload } = wanted;
  const cases = casesFor(manifest, wanted, true);
  const item = cases.find(({ shape: { N } }) => N > 1) ?? cases[0];
  if (item === undefined) return;
  const errors = await errorsOfCase(session, { item, pass, workload });
  const wrong = errors.find(({ error, tolerance }) => !(error <= tolerance));
  if (wrong === undefined) return;
  const { name, error, tolerance, at } = wrong;
  throw new CorrectnessError(
    `correctness: on small inputs (${item.id}) ${name} is off by ${error.toExponential(2)} at ${at}, allowed ${tolerance}`,
  );
}

interface Tried {
  readonly item: ConformanceCase;
  readonly pass: Pass;
  readonly workload: Workload;
}

type Found = Pick<FormCheck, "errors" | "ok" | "reason"> & { readonly broken: boolean };

async function tryCase(session: ProgramSession, tried: Tried): Promise<Found> {
  try {
    const errors = await errorsOfCase(session, tried);
    return { errors, ok: allWithin(errors), broken: false };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { errors: [], ok: false, reason, broken: !(error instanceof UnsupportedFormError) };
  }
}

/** Of the second call, on other values than the first: a program that gives a result again is found. */
async function errorsOfCase(session: ProgramSession, { item, pass, workload }: Tried): Promise<NamedError[]> {
  const { shape, set, errorsOf } = askedOf(item, pass, workload);
  const form = { workload, spec: item.spec, shape, pass, precision: "float32" } as const;
  await session.prepare({ ...form, sets: [otherValues(set), set] });
  await session.run(0, 2);
  const fetched = await session.fetch();
  await session.release();
  return errorsOf(fetched);
}

/** Values of the same kind; a context, and a decay that belongs to a head, are alike in all sets. */
function otherValues(set: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> {
  const isShared = (name: string, { shape }: NamedTensor) => name.startsWith("context.") || shape.length < 3;
  return new Map(
    [...set].map(([name, tensor]) => [
      name,
      isShared(name, tensor) ? tensor : { shape: tensor.shape, data: tensor.data.slice().reverse() },
    ]),
  );
}
