// Four-lane building blocks. All kernels are written against these, so that the SIMD and the relaxed SIMD
// build come from the same sources.

/** a * b + c: one fused instruction in the relaxed build, two roundings in the plain one. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** One float in all four lanes. */
// @ts-ignore: decorator
@inline
export function spread(address: usize): v128 {
  return v128.load_splat<f32>(address);
}

/** x[0] + x[1] + x[2] + x[3] */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest lane. */
// @ts-ignore: decorator
@inline
export function maxLanes(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** 1.5 · 2²³: adding it rounds a float to an integer, which then stands in its lowest bits. */
const ROUNDER: f32 = 12582912;

/**
 * e^x, or e^x − 1, in four lanes: x = n ln 2 + r, |r| ≤ ln 2 / 2, e^r − 1 by a polynomial of degree 6, and 2^n put together in the
 * exponent bits. `minusOne` is known when it is compiled, and leaves one of the two ends.
 */
// @ts-ignore: decorator
@inline
function exponential4(x: v128, minusOne: bool): v128 {
  const low = f32x4.splat(-87.33654);
  const clamped = f32x4.pmin(f32x4.pmax(x, low), f32x4.splat(88.3762));
  const shifted = madd(clamped, f32x4.splat(1.44269504), f32x4.splat(ROUNDER));
  const n = f32x4.sub(shifted, f32x4.splat(ROUNDER));
  // ln 2 in two parts keeps r exact where n is large
  let r = madd(n, f32x4.splat(-0.693359375), clamped);
  r = madd(n, f32x4.splat(2.12194440e-4), r);
  let y = madd(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3));
  y = madd(y, r, f32x4.splat(8.3334519073e-3));
  y = madd(y, r, f32x4.splat(4.1665795894e-2));
  y = madd(y, r, f32x4.splat(1.6666665459e-1));
  y = madd(y, r, f32x4.splat(5.0000001201e-1));
  const small = madd(f32x4.mul(r, r), y, r); // e^r − 1
  // the bits of ROUNDER above n fall off to the left
  const power = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(0x3f800000));
  return minusOne
    ? madd(small, power, f32x4.sub(power, f32x4.splat(1)))
    : v128.andnot(f32x4.mul(f32x4.add(small, f32x4.splat(1)), power), f32x4.lt(x, low));
}

/**
 * e^x in four lanes, to 2 units in the last place. Below −87.3 (also −∞) the result is exactly 0, so that masked entries vanish;
 * above 88.3 it saturates near the largest float.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  return exponential4(x, false);
}

/** e^x − 1 in four lanes, with its digits near 0: as exp4, but 2^n (e^r − 1) + (2^n − 1). */
// @ts-ignore: decorator
@inline
export function expMinusOne4(x: v128): v128 {
  return exponential4(x, true);
}

/** e^x of one float, as exp4. */
// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/**
 * ln x in four lanes, for x ≥ 0, to 2 units in the last place: x = 2^n f with f in [√½, √2), a polynomial of
 * degree 8 in f − 1. ln 0 is −∞.
 */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const normal = f32x4.pmax(x, f32x4.splat(1.17549435e-38));
  let n = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(normal, 23), i32x4.splat(126)));
  // the mantissa as a float in [½, 1)
  let f = v128.or(v128.and(normal, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const small = f32x4.lt(f, f32x4.splat(0.707106781));
  n = f32x4.sub(n, v128.and(small, f32x4.splat(1)));
  f = f32x4.sub(f32x4.add(f, v128.and(small, f)), f32x4.splat(1));
  const square = f32x4.mul(f, f);
  let y = madd(f32x4.splat(7.0376836292e-2), f, f32x4.splat(-1.1514610310e-1));
  y = madd(y, f, f32x4.splat(1.1676998740e-1));
  y = madd(y, f, f32x4.splat(-1.2420140846e-1));
  y = madd(y, f, f32x4.splat(1.4249322787e-1));
  y = madd(y, f, f32x4.splat(-1.6668057665e-1));
  y = madd(y, f, f32x4.splat(2.0000714765e-1));
  y = madd(y, f, f32x4.splat(-2.4999993993e-1));
  y = madd(y, f, f32x4.splat(3.3333331174e-1));
  y = f32x4.mul(f32x4.mul(y, f), square);
  y = madd(n, f32x4.splat(-2.12194440e-4), y);
  y = madd(f32x4.splat(-0.5), square, y);
  const result = madd(n, f32x4.splat(0.693359375), f32x4.add(f, y));
  return v128.bitselect(result, f32x4.splat(-Infinity), f32x4.gt(x, f32x4.splat(0)));
}
