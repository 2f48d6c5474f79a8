// Sums and maxima of [outer, count, inner] over the middle axis, and sums by segment.

import { loadUpTo, storeUpTo } from "./lanes";
import { sumLanes } from "./simd";

/** Rows summed before their sum is added to the total: one long float32 sum loses digits with every term. */
const BLOCK: i32 = 64;

function sumRow(x: usize, count: i32): f32 {
  let total: f32 = 0;
  while (count > 0) {
    // 16 partial sums of at most 64 terms each
    const end = min(count, 16 * BLOCK);
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let i = 0;
    for (; i + 16 <= end; i += 16) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
      x += 64;
    }
    for (; i < end; i += 4) {
      s0 = f32x4.add(s0, loadUpTo(x, end - i));
      x += 16;
    }
    total += sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    count -= end;
  }
  return total;
}

/** Sum of up to four columns over `rows` rows. */
function sumColumns(x: usize, line: usize, rows: i32, lanes: i32): v128 {
  let sum = f32x4.splat(0);
  if (lanes >= 4) {
    for (; rows > 0; --rows) {
      sum = f32x4.add(sum, v128.load(x));
      x += line;
    }
    return sum;
  }
  for (; rows > 0; --rows) {
    sum = f32x4.add(sum, loadUpTo(x, lanes));
    x += line;
  }
  return sum;
}

/** out[o, i] = factor · Σ_c x[o, c, i] */
export function reduceSum(x: usize, out: usize, outer: i32, count: i32, inner: i32, factor: f32): void {
  const line = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    if (inner === 1) f32.store(out, factor * sumRow(x, count));
    for (let i = inner === 1 ? 1 : 0; i < inner; i += 4) {
      let total = f32x4.splat(0);
      for (let c = 0; c < count; c += BLOCK) {
        const from = x + <usize>c * line + (<usize>i << 2);
        total = f32x4.add(total, sumColumns(from, line, min(BLOCK, count - c), inner - i));
      }
      storeUpTo(out + (<usize>i << 2), f32x4.mul(total, f32x4.splat(factor)), inner - i);
    }
    x += <usize>count * line;
    out += line;
  }
}

/** out[o, i] = max_c x[o, c, i]; NaN where there is one, −∞ where count is 0 */
export function reduceMax(x: usize, out: usize, outer: i32, count: i32, inner: i32): void {
  const line = <usize>inner << 2;
  const lowest = f32x4.splat(-Infinity);
  for (let o = 0; o < outer; o++) {
    if (inner === 1) {
      let top = lowest;
      let c = 0;
      for (; c + 4 <= count; c += 4) top = f32x4.max(top, v128.load(x + (<usize>c << 2)));
      let highest = maxOf(top);
      for (; c < count; c++) highest = max(highest, f32.load(x + (<usize>c << 2)));
      f32.store(out, highest);
    }
    for (let i = inner === 1 ? 1 : 0; i < inner; i += 4) {
      let top = lowest;
      let from = x + (<usize>i << 2);
      for (let c = 0; c < count; c++) {
        top = f32x4.max(top, loadUpTo(from, inner - i));
        from += line;
      }
      storeUpTo(out + (<usize>i << 2), top, inner - i);
    }
    x += <usize>count * line;
    out += line;
  }
}

function maxOf(x: v128): f32 {
  return max(max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)), max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)));
}

/** out[segments[r], :] += x[r, :]; rows with a negative or too large segment are left out. out is zeros before. */
export function segmentSum(x: usize, segments: usize, out: usize, rows: i32, width: i32, count: i32): void {
  const line = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    const segment = load<i32>(segments + (<usize>r << 2));
    if (segment < 0 || segment >= count) continue;
    const from = x + <usize>r * line;
    const to = out + <usize>segment * line;
    for (let i = 0; i < width; i += 4) {
      const at = <usize>i << 2;
      storeUpTo(to + at, f32x4.add(loadUpTo(to + at, width - i), loadUpTo(from + at, width - i)), width - i);
    }
  }
}
