import { expect, test } from "vitest";
import { Random } from "#base/random";
import { saturationSlopes } from "./saturation.ts";

const [B, N, D] = [2, 256, 3];

/** Logits [B, H, N, D] by head and token. */
function logits(...heads: readonly ((t: number) => number)[]): Float64Array {
  const H = heads.length;
  return Float64Array.from({ length: B * H * N * D }, (_, i) =>
    heads[Math.floor(i / (N * D)) % H]!(Math.floor(i / D) % N),
  );
}

test("equal logits are a running average, slope −1", () => {
  expect(
    saturationSlopes(
      logits(() => 7),
      [B, 1, N, D],
    )[0],
  ).toBeCloseTo(-1, 10);
});

test("logits that rise by a constant forget at a fixed rate, slope 0, however large they grow", () => {
  const [slow, fast] = saturationSlopes(
    logits(
      (t) => 0.7 * t,
      (t) => 5 * t,
    ),
    [B, 2, N, D],
  );
  expect(slow).toBeCloseTo(0, 1);
  expect(fast).toBeCloseTo(0, 3);
});

test("logits of a power t^p enter as (p + 1)/t: slope −1 again, and falling ones fade faster", () => {
  const [power, falling] = saturationSlopes(
    logits(
      (t) => 2 * Math.log(t + 1),
      (t) => -2 * Math.log(t + 1),
    ),
    [B, 2, N, D],
  );
  expect(Math.abs(power! + 1)).toBeLessThan(0.15);
  expect(falling!).toBeLessThan(-1.9);
});

test("random stationary logits have slope −1, nearly", () => {
  const random = new Random(4);
  const noise = random.normals(8 * N * 16);
  expect(Math.abs(saturationSlopes(noise, [8, 1, N, 16])[0]! + 1)).toBeLessThan(0.1);
});

test("too short a sequence gives no slope", () => {
  expect(saturationSlopes(logits(() => 1).subarray(0, 4), [1, 1, 4, 1])).toEqual([]);
});
