// The most that this machine's vector unit does in one thread of WebAssembly: multiply-adds between registers.

import { madd } from "./simd";

/** Ten independent sums of four lanes, `rounds` multiply-adds each: 80 · rounds operations. Returns a value so that nothing is left out. */
export function peakRounds(rounds: i32): f32 {
  const x = f32x4.splat(0.999), y = f32x4.splat(0.001);
  let a = f32x4.splat(0), b = f32x4.splat(1), c = f32x4.splat(2), d = f32x4.splat(3), e = f32x4.splat(4), f = f32x4.splat(5);
  let g = f32x4.splat(6), h = f32x4.splat(7), i = f32x4.splat(8), j = f32x4.splat(9);
  for (; rounds > 0; --rounds) {
    a = madd(a, x, y);
    b = madd(b, x, y);
    c = madd(c, x, y);
    d = madd(d, x, y);
    e = madd(e, x, y);
    f = madd(f, x, y);
    g = madd(g, x, y);
    h = madd(h, x, y);
    i = madd(i, x, y);
    j = madd(j, x, y);
  }
  const sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(f32x4.add(sum, f32x4.add(i, j)), 0);
}
