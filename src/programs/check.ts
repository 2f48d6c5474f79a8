// Conformance of a program: each form that its manifest claims, on the harness's own small inputs, against the definition.

import { CorrectnessError } from "#base/errors";
import { Random } from "#base/random";
import type { Pass, Shape } from "#case/case";
import { conformanceCases, type ConformanceCase } from "#ops/conformance-cases";
import { allWithin, type NamedError } from "#ops/compare";
import { operators } from "#ops/registry";
import { askedOf, type Asked } from "./asked.ts";
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

/** What a form's models are asked for: whoever has models gives it. */
export type AskSteps = (form: Form) => AsyncIterable<Asked>;

interface CheckOptions extends Omit<SessionOptions, "runDeadline"> {
  readonly steps: AskSteps;
}

/** Checks every form, workload, pass and case in turn; a program that breaks is started anew for the next one. */
export async function* checkProgram(program: Program, { steps, ...options }: CheckOptions): AsyncGenerator<FormCheck> {
  let session: ProgramSession | undefined;
  try {
    for await (const { form, asked } of checksOf(program, options.device, steps)) {
      session ??= await ProgramSession.start(program, { ...options, runDeadline: RUN_DEADLINE });
      const { broken, ...found } = await tryCase(session, asked);
      const { workload, pass, shape } = asked.form;
      yield { form, workload, pass, shape, case: asked.id, ...found };
      if (broken) {
        await session.stop();
        session = undefined;
      }
    }
  } finally {
    await session?.stop();
  }
}

async function* checksOf({ manifest }: Program, device: SessionOptions["device"], steps: AskSteps) {
  for (const form of manifest.operators)
    for (const workload of form.workloads) {
      if (workload === "train-step") {
        for await (const asked of steps(form)) yield { form, asked };
        continue;
      }
      for (const pass of workload === "decode" ? (["forward"] as const) : form.passes) {
        const wanted = { workload, spec: form.operator, pass, precision: "float32", device } as const;
        for (const item of casesFor(manifest, wanted)) yield { form, asked: askedOf(item, pass, workload) };
      }
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

/** One small case of what is wanted of an operator, where the limits of the manifest allow one. */
export function gateCase(manifest: Manifest, wanted: Omit<Wanted, "shape">): Asked | undefined {
  const cases = casesFor(manifest, wanted, true);
  const item = cases.find(({ shape: { N } }) => N > 1) ?? cases[0];
  return item === undefined ? undefined : askedOf(item, wanted.pass, wanted.workload);
}

/**
 * The gate before timing: a wrong program costs a second.
 *
 * @throws {CorrectnessError} it is wrong @throws {HarnessError} it declines, or breaks
 */
export async function gateProgram(session: ProgramSession, asked: Asked): Promise<void> {
  const errors = await errorsOfCase(session, asked);
  const wrong = errors.find(({ error, tolerance }) => !(error <= tolerance));
  if (wrong === undefined) return;
  const { name, error, tolerance, at } = wrong;
  throw new CorrectnessError(
    `correctness: on small inputs (${asked.id}) ${name} is off by ${error.toExponential(2)} at ${at}, allowed ${tolerance}`,
  );
}

type Found = Pick<FormCheck, "errors" | "ok" | "reason"> & { readonly broken: boolean };

async function tryCase(session: ProgramSession, asked: Asked): Promise<Found> {
  try {
    const errors = await errorsOfCase(session, asked);
    return { errors, ok: allWithin(errors), broken: false };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { errors: [], ok: false, reason, broken: !(error instanceof UnsupportedFormError) };
  }
}

/** Of the second call, on other values than the first: a program that gives a result again is found. */
async function errorsOfCase(session: ProgramSession, { form, errorsOf }: Asked): Promise<NamedError[]> {
  await session.prepare(form);
  await session.run(0, 2);
  const fetched = await session.fetch();
  await session.release();
  return errorsOf(fetched);
}
