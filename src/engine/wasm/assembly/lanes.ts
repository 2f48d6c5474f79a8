// Reading and writing the last few floats of a row, where four at once would reach beyond it.

/** Four floats, or the `count` that exist and zeros. */
// @ts-ignore: decorator
@inline
export function loadUpTo(address: usize, count: i32): v128 {
  return count >= 4 ? v128.load(address) : loadFew(address, count);
}

function loadFew(address: usize, count: i32): v128 {
  let x = f32x4.splat(0);
  if (count > 0) x = f32x4.replace_lane(x, 0, f32.load(address));
  if (count > 1) x = f32x4.replace_lane(x, 1, f32.load(address, 4));
  if (count > 2) x = f32x4.replace_lane(x, 2, f32.load(address, 8));
  return x;
}

/** Writes the first `count` lanes, at most four. */
// @ts-ignore: decorator
@inline
export function storeUpTo(address: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(address, x);
  else storeFew(address, x, count);
}

function storeFew(address: usize, x: v128, count: i32): void {
  if (count > 0) f32.store(address, f32x4.extract_lane(x, 0));
  if (count > 1) f32.store(address, f32x4.extract_lane(x, 1), 4);
  if (count > 2) f32.store(address, f32x4.extract_lane(x, 2), 8);
}

/** Copies a row of floats; memory.copy is a call out of the module, dear for a few hundred bytes. */
export function copyRow(from: usize, to: usize, size: i32): void {
  for (; size >= 16; size -= 16, from += 64, to += 64) {
    const x0 = v128.load(from), x1 = v128.load(from, 16), x2 = v128.load(from, 32), x3 = v128.load(from, 48);
    v128.store(to, x0);
    v128.store(to, x1, 16);
    v128.store(to, x2, 32);
    v128.store(to, x3, 48);
  }
  for (; size > 0; size -= 4, from += 16, to += 16) storeUpTo(to, loadUpTo(from, size), size);
}

/** to[i] += from[i] */
export function addRow(from: usize, to: usize, size: i32): void {
  for (; size >= 16; size -= 16, from += 64, to += 64) {
    const x0 = f32x4.add(v128.load(to), v128.load(from)), x1 = f32x4.add(v128.load(to, 16), v128.load(from, 16));
    const x2 = f32x4.add(v128.load(to, 32), v128.load(from, 32)), x3 = f32x4.add(v128.load(to, 48), v128.load(from, 48));
    v128.store(to, x0);
    v128.store(to, x1, 16);
    v128.store(to, x2, 32);
    v128.store(to, x3, 48);
  }
  for (; size > 0; size -= 4, from += 16, to += 16) storeUpTo(to, f32x4.add(loadUpTo(to, size), loadUpTo(from, size)), size);
}

/** Zeros `bytes`, a multiple of 16. */
// @ts-ignore: decorator
@inline
export function clear(address: usize, bytes: usize): void {
  const end = address + bytes;
  for (let at = address; at < end; at += 16) v128.store(at, f32x4.splat(0));
}

/** to[i] = a[i] b[i] */
export function multiplyInto(to: usize, a: usize, b: usize, size: i32): void {
  for (let i = 0; i < size; i += 4) {
    const at = <usize>i << 2;
    storeUpTo(to + at, f32x4.mul(loadUpTo(a + at, size - i), loadUpTo(b + at, size - i)), size - i);
  }
}
