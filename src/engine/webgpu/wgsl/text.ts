// Pieces of WGSL text. Register tiles must be written out: arrays that a loop indexes may end up in memory.

/** `body` for 0 … count − 1, a line each. */
export function unroll(count: number, body: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => body(i)).join("\n");
}

/** The components of a vec4. */
export const XYZW = ["x", "y", "z", "w"] as const;

/** Whether rows of this many floats can be read four at a time. */
export function inQuads(width: number): boolean {
  return width % 4 === 0;
}

/** The width of a buffer's rows: WGSL for it, so that one program serves many widths, and whether it is a multiple of four. */
export interface Width {
  readonly text: string;
  readonly quads: boolean;
}

/** A width that is written into the program. */
export function fixedWidth(width: number): Width {
  return { text: String(width), quads: inQuads(width) };
}

/**
 * Function `name(row, column) -> vec4<f32>`: four neighbours of a row-major buffer, zeros beyond the width and where
 * `row` is negative. The buffer's binding is in quads if the width is.
 */
export function quadReader(name: string, buffer: string, { text, quads }: Width): string {
  const one = (i: number) => `select(0.0, ${buffer}[at + ${i}], column + ${i} < ${text})`;
  const read = quads ? `return ${buffer}[(row * ${text} + column) / 4];` : `let at = row * ${text} + column;\n  return vec4<f32>(${[0, 1, 2, 3].map(one).join(", ")});`;
  return `fn ${name}(row: i32, column: i32) -> vec4<f32> {
  if (row < 0 || column >= ${text}) { return vec4<f32>(0.0); }
  ${read}
}`;
}
