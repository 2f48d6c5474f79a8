// The kernels of a training step against their definitions in float64, at odd shapes and with extreme numbers.

import { expect, test } from "vitest";
import { Random } from "#base/random";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import type { RowKernels } from "../kernels.ts";
import * as tf from "../tf.ts";

process.env["LIGHTNET_TEST_ENGINES"] = "tensorflow";

const random = new Random(5);
const sizeOf = (shape: readonly number[]) => shape.reduce((size, axis) => size * axis, 1);
const drawn = (shape: readonly number[]) => Float64Array.from(Float32Array.from(random.normals(sizeOf(shape))));
const tensor = (values: ArrayLike<number>, shape: readonly number[]) =>
  tf.tensor(Float32Array.from(values), [...shape]);

/** Largest difference, of numbers beyond 1 relative to the largest expected. */
function expectNear(actual: tf.Tensor, expected: ArrayLike<number>, tolerance: number): void {
  const found = actual.dataSync();
  expect(found.length).toBe(expected.length);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!) / scale;
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }
  expect(worst).toBeLessThan(tolerance);
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

await describeOnEachEngine("kernels of a training step", (engine, id) => {
  const rows = () => engine().kernels.rows!;
  const each = (
    name: string,
    shapes: readonly (readonly number[])[],
    run: (kernels: RowKernels, shape: readonly number[]) => void,
  ) =>
    test.for(shapes)(`${name} of %j`, async (shape, { skip }) => {
      if (engine().kernels.rows === undefined) skip(`engine ${id} has no kernels for rows`);
      await expectNoLeak(engine(), () => void tf.tidy(() => run(rows(), shape)));
    });

  each("gates and their gradients", [[1], [3, 7], [2, 5, 16], [1100, 130]], (kernels, shape) => {
    const [a, b, dy] = [drawn(shape), drawn(shape), drawn(shape)];
    a[0] = 1e4; // open
    if (a.length > 1) a[1] = -1e4; // shut
    for (const activation of ["silu", "sigmoid"] as const) {
      const act = (x: number) => (activation === "silu" ? x * sigmoid(x) : sigmoid(x));
      const slope = (x: number) => {
        const s = sigmoid(x);
        return activation === "silu" ? s + x * s * (1 - s) : s * (1 - s);
      };
      const gated = { a: tensor(a, shape), b: tensor(b, shape) };
      expectNear(
        kernels.gate(gated.a, gated.b, activation),
        a.map((x, i) => act(x) * b[i]!),
        1e-6,
      );
      const gradients = kernels.gateGradient(gated, tensor(dy, shape), activation);
      expectNear(
        gradients.a,
        a.map((x, i) => dy[i]! * b[i]! * slope(x)),
        2e-6,
      );
      expectNear(
        gradients.b,
        a.map((x, i) => dy[i]! * act(x)),
        2e-6,
      );
    }
  });

  // rows, width and groups; the last but one has groups that are parts of a share, the last many shares in a group
  each(
    "norm with gain and bias",
    [
      [1, 1, 1],
      [6, 7, 1],
      [6, 37, 3],
      [12, 16, 4],
      [40, 130, 2],
      [3000, 64, 2],
    ],
    (kernels, shape) => {
      const [count, C, groups] = shape as [number, number, number];
      const x = drawn([count, C]).map((value, i) => value + (i < C ? 300 : 0)); // a row far from 0
      const [gain, bias, dy] = [drawn([groups, C]), drawn([groups, C]), drawn([count, C])];
      const epsilon = 0.5;
      const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
      const [dGain, dBias] = [new Float64Array(gain.length), new Float64Array(gain.length)];
      for (let r = 0; r < count; r++) {
        const group = Math.floor((r * groups) / count) * C;
        const row = Array.from(x.subarray(r * C, (r + 1) * C));
        const mean = row.reduce((sum, value) => sum + value, 0) / C;
        const scale = 1 / Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / C + epsilon);
        const normed = row.map((value) => (value - mean) * scale);
        const gained = row.map((_, c) => dy[r * C + c]! * gain[group + c]!);
        const across = gained.reduce((sum, value) => sum + value, 0) / C;
        const along = gained.reduce((sum, value, c) => sum + value * normed[c]!, 0) / C;
        for (let c = 0; c < C; c++) {
          y[r * C + c] = normed[c]! * gain[group + c]! + bias[group + c]!;
          dx[r * C + c] = (gained[c]! - across - normed[c]! * along) * scale;
          dGain[group + c]! += dy[r * C + c]! * normed[c]!;
          dBias[group + c]! += dy[r * C + c]!;
        }
      }
      const given = { gain: tensor(gain, [groups, 1, C]), bias: tensor(bias, [groups, 1, C]) };
      const input = tensor(x, [groups, count / groups, C]);
      const { y: found, ...statistics } = kernels.affineNorm(input, given, epsilon);
      expect(found.shape).toEqual(input.shape);
      expectNear(found, y, 3e-5); // 300 is rounded to 3e-5
      const gradients = kernels.affineNormGradient(
        { x: input, gain: given.gain, ...statistics },
        tensor(dy, input.shape),
      );
      expectNear(gradients.x, dx, 3e-5);
      expectNear(gradients.gain, dGain, 3e-5);
      expectNear(gradients.bias, dBias, 3e-6);
      expect(gradients.gain.shape).toEqual(given.gain.shape);
    },
  );

  each(
    "rotations and their gradients",
    [
      [1, 1, 1, 2, 1],
      [2, 3, 5, 14, 3],
      [3, 2, 7, 32, 1],
      [2, 4, 129, 66, 4],
    ],
    (kernels, shape) => {
      const [B, H, N, D, tables] = shape as [number, number, number, number, number];
      const P = D / 2;
      const [x, dy, angle] = [drawn([B, H, N, D]), drawn([B, H, N, D]), drawn([tables, N, P])];
      const [cos, sin] = [angle.map(Math.cos), angle.map(Math.sin)];
      const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
      const [dCos, dSin] = [new Float64Array(cos.length), new Float64Array(cos.length)];
      for (let row = 0; row < B * H * N; row++) {
        const table = (row % (H * N)) % (tables * N);
        for (let p = 0; p < P; p++) {
          const [i, j, t] = [row * D + p, row * D + P + p, table * P + p];
          y[i] = x[i]! * cos[t]! - x[j]! * sin[t]!;
          y[j] = x[j]! * cos[t]! + x[i]! * sin[t]!;
          dx[i] = dy[i]! * cos[t]! + dy[j]! * sin[t]!;
          dx[j] = dy[j]! * cos[t]! - dy[i]! * sin[t]!;
          dCos[t]! += x[i]! * dy[i]! + x[j]! * dy[j]!;
          dSin[t]! += x[i]! * dy[j]! - x[j]! * dy[i]!;
        }
      }
      const given = { cos: tensor(cos, [1, tables, N, P]), sin: tensor(sin, [1, tables, N, P]) };
      const [input, cotangent] = [tensor(x, [B, H, N, D]), tensor(dy, [B, H, N, D])];
      expectNear(kernels.rotate(input, given), y, 1e-6);
      const trained = kernels.rotateGradient({ x: input, ...given }, cotangent, true);
      expectNear(trained.x, dx, 1e-6);
      expectNear(trained.cos!, dCos, 4e-6);
      expectNear(trained.sin!, dSin, 4e-6);
      const fixed = kernels.rotateGradient({ x: input, ...given }, cotangent, false);
      expectNear(fixed.x, dx, 1e-6);
      expect(fixed.cos).toBeUndefined();
    },
  );

  each(
    "nats of rows and their gradient",
    [
      [1, 1],
      [5, 3],
      [9, 17],
      [4, 64],
      [700, 131],
    ],
    (kernels, shape) => {
      const [R, V] = shape as [number, number];
      const logits = drawn(shape).map((value, i) => (i < V ? 3000 * value : value)); // a row whose exponentials overflow
      const targets = Int32Array.from({ length: R }, (_, r) => (r % 4 === 3 ? -1 : (7 * r) % V));
      const dy = drawn([R]);
      for (const smoothing of [0, 0.1]) {
        const [nats, gradient] = [new Float64Array(R), new Float64Array(R * V)];
        targets.forEach((target, r) => {
          if (target < 0) return;
          const row = logits.subarray(r * V, (r + 1) * V);
          const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
          const lse = top + Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0));
          row.forEach((value, c) => {
            const wanted = (c === target ? 1 - smoothing : 0) + smoothing / V;
            nats[r]! += wanted * (lse - value);
            gradient[r * V + c] = (Math.exp(value - lse) - wanted) * dy[r]!;
          });
        });
        const given = { logits: tensor(logits, shape), targets: tf.tensor1d(targets, "int32"), smoothing };
        const { nats: found, ...statistics } = kernels.nats(given);
        expectNear(found, nats, 2e-6);
        expectNear(kernels.natsGradient(given, statistics, tensor(dy, [R])), gradient, 4e-6);
      }
    },
  );

  each("steps of AdamW", [[1], [13], [70_001]], (kernels, shape) => {
    const [weights, first, gradient] = [drawn(shape), drawn(shape), drawn(shape)];
    const [second, decayed] = [
      drawn(shape).map((value) => value * value),
      drawn(shape).map((value) => Number(value > 0)),
    ];
    const by = { beta1: 0.9, beta2: 0.95, rate: 0.03, secondScale: 1.7, epsilon: 1e-8, decay: 0.01 };
    const norm = Math.hypot(...gradient);
    const vectors = {
      weights: tensor(weights, shape) as tf.Tensor1D,
      firstMoment: tensor(first, shape) as tf.Tensor1D,
      secondMoment: tensor(second, shape) as tf.Tensor1D,
      decayed: tensor(decayed, shape) as tf.Tensor1D,
    };
    for (const [clipNorm, averageDecay] of [
      [undefined, undefined],
      [0.5, 0.99],
      [1e9, undefined],
    ] as const) {
      const factor = Math.min(1, (clipNorm ?? Infinity) / (norm + 1e-6));
      const m = first.map((value, i) => 0.9 * value + 0.1 * factor * gradient[i]!);
      const v = second.map((value, i) => 0.95 * value + 0.05 * (factor * gradient[i]!) ** 2);
      const w = weights.map(
        (value, i) => value - (0.03 * m[i]!) / (Math.sqrt(1.7 * v[i]!) + 1e-8) - 0.01 * decayed[i]! * value,
      );
      const average = averageDecay === undefined ? undefined : vectors.weights;
      const found = kernels.adamW({ ...vectors, average }, tensor(gradient, shape) as tf.Tensor1D, {
        ...by,
        clipNorm,
        averageDecay,
      });
      expect(found.norm.dataSync()[0]! / norm).toBeCloseTo(1, 5);
      expectNear(found.firstMoment, m, 1e-6);
      expectNear(found.secondMoment, v, 1e-6);
      expectNear(found.weights, w, 2e-6);
      if (averageDecay === undefined) expect(found.average).toBeUndefined();
      else
        expectNear(
          found.average!,
          weights.map((value, i) => 0.99 * value + 0.01 * w[i]!),
          1e-6,
        );
    }
  });

  each(
    "heads out of channels and back",
    [
      [1, 1, 1, 1],
      [2, 3, 5, 7],
      [3, 50, 4, 32],
    ],
    (kernels, shape) => {
      const [B, N, H, D] = shape as [number, number, number, number];
      const x = tensor(drawn(shape), [B, N, H * D]);
      const split = kernels.splitHeads(x, H, N);
      expect(split.shape).toEqual([B, H, N, D]);
      const expected = tf.transpose(tf.reshape(x, [B, N, H, D]), [0, 2, 1, 3]);
      expect([...split.dataSync()]).toEqual([...expected.dataSync()]);
      const rowsOfX = tf.reshape(x, [B * N, H * D]);
      expect([...kernels.splitHeads(rowsOfX, H, N).dataSync()]).toEqual([...expected.dataSync()]);
      const flat = kernels.mergeHeads(split, 2);
      expect(flat.shape).toEqual([B * N, H * D]);
      expect([...flat.dataSync()]).toEqual([...x.dataSync()]);
      const merged = kernels.mergeHeads(split, 3);
      expect(merged.shape).toEqual([B, N, H * D]);
      expect([...merged.dataSync()]).toEqual([...x.dataSync()]);
    },
  );

  test("inputs that do not fit together are refused with their names", async ({ skip }) => {
    if (engine().kernels.rows === undefined) skip(`engine ${id} has no kernels for rows`);
    await expectNoLeak(engine(), () => {
      tf.tidy(() => {
        const x = tf.zeros([4, 6]);
        const one = tf.zeros([6]);
        expect(() => rows().gate(x, one, "silu")).toThrow(/b must be \[4 6 \], got \[6 \]/);
        expect(() => rows().affineNorm(x, { gain: tf.zeros([5]), bias: tf.zeros([5]) }, 1e-6)).toThrow(/gain must/);
        expect(() => rows().affineNorm(x, { gain: tf.zeros([3, 6]), bias: tf.zeros([3, 6]) }, 1e-6)).toThrow(
          /gain must/,
        );
        expect(() => rows().splitHeads(tf.zeros([1, 2, 6]), 4, 2)).toThrow(/multiple of the heads/);
        expect(() => rows().splitHeads(tf.zeros([5, 6]), 2, 2)).toThrow(/multiple of the tokens/);
        const tables = { cos: tf.zeros([1, 2, 3, 2]), sin: tf.zeros([1, 2, 3, 2]) };
        expect(() => rows().rotate(tf.zeros([1, 2, 3, 6]), tables)).toThrow(/cos must be/);
        const targets = tf.tensor1d([0, 1, 6, 2], "int32");
        expect(() => rows().nats({ logits: x, targets, smoothing: 0 })).toThrow(/beyond the classes/);
      });
    });
  });
});
