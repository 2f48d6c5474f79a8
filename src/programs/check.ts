// Conformance of a program: each form that its manifest claims, on the harness's own small inputs, against the float64
// reference.

import { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import type { Pass, Shape } from "#case/case";
import { conformanceCases, type ConformanceCase } from "#ops/conformance-cases";
import { allWithin, type NamedError } from "#ops/compare";
import { compareWithReference } from "#ops/conformance";
import { operators } from "#ops/registry";
import { unsupportedBy } from "./forms.ts";
import type { Form, Program } from "./manifest.ts";
import { ProgramSession, UnsupportedFormError, type SessionOptions } from "./session.ts";

export interface FormCheck {
  readonly form: Form;
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

/** Checks every form, pass and case in turn; a program that breaks is started anew for the next one. */
export async function* checkProgram(
  program: Program,
  options: Omit<SessionOptions, "runDeadline">,
): AsyncGenerator<FormCheck> {
  let session: ProgramSession | undefined;
  try {
    for (const { form, pass, item } of checksOf(program, options.device)) {
      session ??= await ProgramSession.start(program, { ...options, runDeadline: RUN_DEADLINE });
      const found = await checkCase(session, item, pass);
      yield { form, pass, shape: item.shape, case: item.id, ...found };
      if (found.broken) {
        await session.stop();
        session = undefined;
      }
    }
  } finally {
    await session?.stop();
  }
}

function* checksOf({ manifest }: Program, device: SessionOptions["device"]) {
  for (const form of manifest.operators) {
    const cases = conformanceCases(operators.get(form.operator.op), form.operator, new Random(1)).filter(
      ({ inputs }) => !BEYOND_PROTOCOL.some((name) => name in inputs),
    );
    for (const pass of form.passes)
      for (const item of cases) {
        const wanted = { spec: form.operator, shape: item.shape, pass, precision: "float32", device } as const;
        if (unsupportedBy(manifest, wanted) === undefined) yield { form, pass, item };
      }
  }
}

/** Other values of the same kind: a program that gives the result of its first call again is found. */
function reversed(set: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> {
  return new Map([...set].map(([name, { shape, data }]) => [name, { shape, data: data.slice().reverse() }]));
}

type Found = Pick<FormCheck, "errors" | "ok" | "reason"> & { readonly broken: boolean };

async function checkCase(session: ProgramSession, item: ConformanceCase, pass: Pass): Promise<Found> {
  const { spec, shape, inputs, cotangent } = item;
  const isBackward = pass === "forward+backward";
  const set = new Map(Object.entries({ ...inputs, ...(isBackward ? { cotangent } : {}) }));
  try {
    await session.prepare({ spec, shape, pass, precision: "float32", sets: [reversed(set), set] });
    await session.run(0, 2);
    const fetched = await session.fetch();
    await session.release();
    const values = (prefix: string) =>
      Object.fromEntries(
        [...fetched].flatMap(([name, { data }]) =>
          prefix === ""
            ? name.startsWith("grad.")
              ? []
              : [[name, data]]
            : name.startsWith(prefix)
              ? [[name.slice(prefix.length), data]]
              : [],
        ),
      );
    const errors = compareWithReference(
      { outputs: values(""), gradients: values("grad.") },
      operators.get(spec.op),
      item,
      { precision: "float32", kind: "cpu" },
    ).filter(({ name }) => isBackward || !name.startsWith("grad."));
    return { errors, ok: allWithin(errors), broken: false };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { errors: [], ok: false, reason, broken: !(error instanceof UnsupportedFormError) };
  }
}
