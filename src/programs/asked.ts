// What a program is asked for in a check, and how its answer is compared: by a conformance case of an operator all tokens at
// once, or the last one after the others.

import { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import { shapeOf } from "#case/shape";
import type { Pass, Shape } from "#case/case";
import type { ConformanceCase } from "#ops/conformance-cases";
import type { NamedError } from "#ops/compare";
import { compareWithReference, referenceOf } from "#ops/conformance";
import { operators } from "#ops/registry";
import { roundingOf, rowErrorsOf } from "#ops/rows";
import type { Workload } from "./manifest.ts";
import type { PreparedForm } from "./session.ts";

const FLOAT32_ON_CPU = { precision: "float32", kind: "cpu" } as const;

/** Two sets of inputs; the answer to the second is compared, so that a result kept from the first is found. */
export interface Asked {
  readonly id: string;
  readonly form: PreparedForm;
  readonly errorsOf: (fetched: ReadonlyMap<string, NamedTensor>) => NamedError[] | Promise<NamedError[]>;
}

/** Of an operator or of decoding with it. */
export function askedOf(item: ConformanceCase, pass: Pass, workload: Workload): Asked {
  const { shape, set, errorsOf } =
    workload === "decode" ? lastToken(item) : allTokens(item, pass === "forward+backward");
  const form = { workload, spec: item.spec, shape, pass, precision: "float32" } as const;
  return { id: item.id, form: { ...form, sets: [otherValues(set), set] }, errorsOf };
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

interface Compared {
  /** of decode: N is the context's */
  readonly shape: Shape;
  readonly set: ReadonlyMap<string, NamedTensor>;
  readonly errorsOf: (fetched: ReadonlyMap<string, NamedTensor>) => NamedError[];
}

function allTokens(item: ConformanceCase, isBackward: boolean): Compared {
  const { inputs, cotangent, shape, spec } = item;
  return {
    shape,
    set: new Map(Object.entries({ ...inputs, ...(isBackward ? { cotangent } : {}) })),
    errorsOf: (fetched) => {
      const values = (isGradient: boolean) =>
        Object.fromEntries(
          [...fetched]
            .filter(([name]) => name.startsWith("grad.") === isGradient)
            .map(([name, { data }]) => [name.replace("grad.", ""), data]),
        );
      const given = { outputs: values(false), gradients: values(true) };
      const errors = compareWithReference(given, operators.get(spec.op), item, FLOAT32_ON_CPU);
      return errors.filter(({ name }) => isBackward || !name.startsWith("grad."));
    },
  };
}

/** Its inputs, those of the tokens before it as `context.<input>`, and its output alone. */
function lastToken(item: ConformanceCase): Compared {
  const { spec, shape } = item;
  const { B, H, N, D, E } = shape;
  const inputs = item.inputs as Readonly<Record<string, NamedTensor>>;
  const outOf = (moved: typeof inputs) => {
    const { out } = referenceOf(operators.get(spec.op), { ...item, inputs: moved }).outputs;
    const data = Float64Array.from(out!) as unknown as NamedTensor["data"];
    return { out: between({ shape: [B, H, N, E], data }, N - 1, N).data };
  };
  return {
    shape: shapeOf({ grid: [N - 1], B, H, D, E }),
    set: new Map(
      Object.entries(inputs).flatMap(([name, tensor]) => [
        [name, between(tensor, N - 1, N)] as const,
        [`context.${name}`, between(tensor, 0, N - 1)] as const,
      ]),
    ),
    errorsOf: (fetched) => {
      const exact = outOf(inputs);
      const rounding = () =>
        roundingOf({ inputs }, new Random(1), { exact, outputsOf: (moved) => outOf(moved.inputs) });
      return rowErrorsOf(
        { outputs: { out: fetched.get("out")?.data ?? [] }, gradients: {} },
        { outputs: exact, gradients: {}, rounding },
        { ...FLOAT32_ON_CPU, shapes: { out: [B, H, 1, E] } },
      );
    },
  };
}

/** Tokens `from` to `to` of [B,H,N,·] or [B,H,N]; a decay per head as it is. */
function between(tensor: NamedTensor, from: number, to: number): NamedTensor {
  const [B = 1, H = 1, N, width = 1] = tensor.shape;
  if (N === undefined) return tensor;
  const length = (to - from) * width;
  const data = tensor.data.slice(0, B * H * length);
  for (let row = 0; row < B * H; row++)
    data.set(tensor.data.subarray((row * N + from) * width, (row * N + to) * width), row * length);
  return { shape: tensor.shape.with(2, to - from), data };
}
