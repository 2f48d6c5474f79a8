// What follows a product: bias and activation, in place over C [rows, columns].

import { exp4, madd } from "./simd";

export const LINEAR: i32 = 0;
export const RELU: i32 = 1;
export const RELU6: i32 = 2;
export const SIGMOID: i32 = 3;
export const ELU: i32 = 4;
export const LEAKY_RELU: i32 = 5;
export const PRELU: i32 = 6;

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

function activate(x: v128, activation: i32, slope: v128): v128 {
  const zero = f32x4.splat(0);
  switch (activation) {
    case RELU: return f32x4.max(x, zero);
    case RELU6: return f32x4.min(f32x4.max(x, zero), f32x4.splat(6));
    case SIGMOID: return sigmoid4(x);
    case ELU: return v128.bitselect(x, f32x4.sub(exp4(x), f32x4.splat(1)), f32x4.ge(x, zero));
    case LEAKY_RELU:
    case PRELU: return v128.bitselect(x, f32x4.mul(slope, x), f32x4.ge(x, zero));
    default: return x;
  }
}

/** @param bias address of [columns], or 0; @param slopes address of [columns] (prelu), or 0; @param slope leaky ReLU's */
export function epilogue(c: usize, rows: i32, columns: i32, bias: usize, activation: i32, slopes: usize, slope: f32): void {
  for (let i = 0; i < rows; i++) {
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      const at = <usize>(j << 2);
      let x = v128.load(c + at);
      if (bias) x = f32x4.add(x, v128.load(bias + at));
      v128.store(c + at, activate(x, activation, slopes ? v128.load(slopes + at) : f32x4.splat(slope)));
    }
    for (; j < columns; j++) {
      const at = <usize>(j << 2);
      let x = f32.load(c + at);
      if (bias) x += f32.load(bias + at);
      const y = activate(f32x4.splat(x), activation, f32x4.splat(slopes ? f32.load(slopes + at) : slope));
      f32.store(c + at, f32x4.extract_lane(y, 0));
    }
    c += <usize>columns << 2;
  }
}
