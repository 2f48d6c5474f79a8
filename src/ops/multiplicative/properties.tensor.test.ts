// What must hold for any input, on tensors.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import type { OperatorSpec, Shape } from "#case/case";
import { shapeOf } from "#case/shape";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import type { Inputs } from "../operator.ts";
import { multiplicative } from "./declaration.ts";
import { strategies } from "./strategies.ts";

type Arrays = Record<string, Float32Array>;

const { output: CLOSE } = toleranceOf("float32", "cpu");
const RUNS = { numRuns: 12 };
const sizes = fc.record({
  N: fc.integer({ min: 1, max: 90 }),
  D: fc.integer({ min: 1, max: 6 }),
  E: fc.integer({ min: 1, max: 6 }),
  seed: fc.integer(),
  /** mean log decay a token: from nearly none to forgetting within one */
  strength: fc.constantFrom(1e-3, 0.1, 1, 10, 60),
});
interface Size {
  readonly N: number;
  readonly D: number;
  readonly E: number;
  readonly seed: number;
  readonly strength: number;
}

const causal: OperatorSpec = { op: "multiplicative", causal: true, decay: "vector" };

function draw(spec: OperatorSpec, shape: Shape, { seed, strength }: Size): Arrays {
  const random = new Random(seed);
  return Object.fromEntries(
    Object.entries(multiplicative.inputShapes(spec, shape)).map(([name, dims]) => {
      const values = random.fork(name).normals(dims.reduce((a, b) => a * b, 1));
      return [name, name === "logDecay" ? values.map((value) => -strength * Math.abs(value)) : values];
    }),
  );
}

function tensors(arrays: Arrays, spec: OperatorSpec, shape: Shape): Inputs<tf.Tensor> {
  const shapes: Record<string, readonly number[] | undefined> = multiplicative.inputShapes(spec, shape);
  return Object.fromEntries(
    Object.entries(arrays).map(([name, values]) => [name, tf.tensor(values, [...shapes[name]!])]),
  );
}

interface Run {
  readonly spec: OperatorSpec;
  readonly shape: Shape;
  readonly engine: RunningEngine;
}

function out(strategy: string, arrays: Arrays, { spec, shape, engine }: Run): Float32Array {
  const chosen = strategies.strategies.find(({ id }) => id === strategy)!;
  return tf.tidy(() =>
    chosen
      .run(tensors(arrays, spec, shape), spec, shape, engine)
      .out.dataSync<"float32">()
      .slice(),
  );
}

/** Rows [B·H, N, width] with tokens in another order. */
function reordered(values: Float32Array, N: number, width: number, from: (token: number) => number): Float32Array {
  return values.map((_, i) => {
    const row = Math.floor(i / width);
    return values[(Math.floor(row / N) * N + from(row % N)) * width + (i % width)]!;
  });
}

await describeOnEachEngine("multiplicative properties", (engine) => {
  const row = ({ N, D, E }: Size) => shapeOf({ grid: [N], B: 1, H: 2, D, E });

  test("a token does not see later ones", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (size, at) => {
        const shape = row(size);
        const t = at % size.N;
        const arrays = draw(causal, shape, size);
        const other = draw(causal, shape, { ...size, seed: size.seed + 1 });
        const changed = Object.fromEntries(
          Object.entries(arrays).map(([name, values]) => {
            const width = values.length / (2 * size.N);
            return [name, values.map((value, i) => (Math.floor(i / width) % size.N > t ? other[name]![i]! : value))];
          }),
        );
        const where = { spec: causal, shape, engine: engine() };
        const seen = (values: Float32Array) => values.filter((_, i) => Math.floor(i / size.E) % size.N <= t);
        expect(
          largestRelativeError(seen(out("chunked", changed, where)), seen(out("chunked", arrays, where))),
        ).toBeLessThan(CLOSE);
      }),
      RUNS,
    );
  });

  test("chunked = sequential, however strong the decay", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const where = { spec: causal, shape: row(size), engine: engine() };
        const arrays = draw(causal, where.shape, size);
        expect(largestRelativeError(out("chunked", arrays, where), out("sequential", arrays, where))).toBeLessThan(
          CLOSE,
        );
      }),
      RUNS,
    );
  });

  test("decoding one token after the other = the parallel form", async () => {
    const specs: OperatorSpec[] = [
      causal,
      { ...causal, tiedKey: true },
      { ...causal, decay: "scalar" },
      { ...causal, decay: "constant" },
      { ...causal, decay: "none" },
    ];
    for (const spec of specs) {
      const size = { N: 11, D: 4, E: 3, seed: 5, strength: 0.3 };
      const shape = row(size);
      const arrays = draw(spec, shape, size);
      const expected = out("chunked", arrays, { spec, shape, engine: engine() });
      await expectNoLeak(engine(), () => {
        expect(largestRelativeError(decoded(arrays, spec, shape), expected), spec.decay).toBeLessThan(CLOSE);
      });
    }
  });

  test("is linear in v", () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(-2, 0.5, 3), (size, factor) => {
        const spec: OperatorSpec = { op: "multiplicative", causal: false, decay: "vector", scans: 2 };
        const where = { spec, shape: row(size), engine: engine() };
        const arrays = draw(spec, where.shape, size);
        const v = draw(spec, where.shape, { ...size, seed: size.seed + 1 })["v"]!;
        const [a, b] = [out("joint", arrays, where), out("joint", { ...arrays, v }, where)];
        const together = out("joint", { ...arrays, v: arrays["v"]!.map((value, i) => value + factor * v[i]!) }, where);
        expect(
          largestRelativeError(
            together,
            a.map((value, i) => value + factor * b[i]!),
            1,
          ),
        ).toBeLessThan(CLOSE);
      }),
      RUNS,
    );
  });

  test("turning a line round turns the outputs of its two scans round", () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom("chunked", "joint"), (size, strategy) => {
        const spec: OperatorSpec = { op: "multiplicative", causal: false, decay: "scalar", scans: 2 };
        const where = { spec, shape: row(size), engine: engine() };
        const arrays = draw(spec, where.shape, size);
        const back = (token: number) => size.N - 1 - token;
        const turned = Object.fromEntries(
          Object.entries(arrays).map(([name, values]) => [
            name,
            reordered(values, size.N, values.length / (2 * size.N), back),
          ]),
        );
        const expected = reordered(out(strategy, arrays, where), size.N, size.E, back);
        expect(largestRelativeError(out(strategy, turned, where), expected)).toBeLessThan(CLOSE);
      }),
      RUNS,
    );
  });

  test("transposing an image transposes the outputs of its four scans", () => {
    const [rows, columns] = [4, 7];
    const size = { N: rows * columns, D: 3, E: 5, seed: 9, strength: 0.2 };
    const spec: OperatorSpec = { op: "multiplicative", causal: false, decay: "vector", scans: 4 };
    const shape = shapeOf({ grid: [rows, columns], B: 1, H: 2, D: 3, E: 5 });
    const arrays = draw(spec, shape, size);
    const transposed = (token: number) => (token % rows) * columns + Math.floor(token / rows);
    const turned = Object.fromEntries(
      Object.entries(arrays).map(([name, values]) => [
        name,
        reordered(values, size.N, values.length / (2 * size.N), transposed),
      ]),
    );
    const where = { spec, shape, engine: engine() };
    const expected = reordered(out("chunked", arrays, where), size.N, 5, transposed);
    const actual = out("chunked", turned, { ...where, shape: { ...shape, grid: [columns, rows] } });
    expect(largestRelativeError(actual, expected)).toBeLessThan(CLOSE);
  });
});

/** Half of the tokens at once, the others one by one. */
function decoded(arrays: Arrays, spec: OperatorSpec, shape: Shape): Float32Array {
  const { N, E } = shape;
  const decoder = strategies.decoder!;
  return tf.tidy(() => {
    const all = tensors(arrays, spec, shape);
    const part = (from: number, length: number): Inputs<tf.Tensor> =>
      Object.fromEntries(
        Object.entries(all).map(([name, tensor]) => [
          name,
          tensor.rank < 3 ? tensor : sliceTokens(tensor, from, length),
        ]),
      );
    const seen = Math.floor(N / 2);
    const before = { ...shape, N: seen, grid: [seen] };
    const chosen = strategies.strategies.find(({ id }) => id === "sequential")!;
    const outs = [chosen.run(part(0, seen), spec, before, undefined as never).out];
    let state = decoder.begin(part(0, seen), spec, before);
    for (let t = seen; t < N; t++) {
      const next = decoder.step(part(t, 1), state, spec);
      outs.push(next.out);
      tf.dispose(state);
      state = next.state;
    }
    const joined = tf.concat(outs, 2);
    expect(joined.shape.at(-1)).toBe(E);
    return joined.dataSync<"float32">().slice();
  });
}

function sliceTokens(tensor: tf.Tensor, from: number, length: number): tf.Tensor {
  const begin = tensor.shape.map((_, axis) => (axis === 2 ? from : 0));
  return tf.slice(
    tensor,
    begin,
    tensor.shape.map((size, axis) => (axis === 2 ? length : size)),
  );
}
