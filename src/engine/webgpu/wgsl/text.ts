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
  /** numbers are stored as float16, four in two u32; the width is then a multiple of four */
  readonly halves?: boolean;
}

/** A width that is written into the program. */
export function fixedWidth(width: number, halves = false): Width {
  return { text: String(width), quads: inQuads(width), halves };
}

/** One number of a buffer; of halves, two in a u32. */
export function oneOf(buffer: string, at: string, halves = false): string {
  return halves ? `unpack2x16float(${buffer}[(${at}) / 2])[(${at}) % 2]` : `${buffer}[${at}]`;
}

/** Four halves as they are stored, vec2<u32>, of a vec4<f32>. */
export function asHalves(quad: string): string {
  return `vec2<u32>(pack2x16float(${quad}.xy), pack2x16float(${quad}.zw))`;
}

/** The vec4<f32> of four stored halves. */
export function fromHalves(stored: string): string {
  return `vec4<f32>(unpack2x16float(${stored}.x), unpack2x16float(${stored}.y))`;
}

/**
 * Function `name(row, column) -> vec4<f32>`: four neighbours of a row-major buffer, zeros beyond the width and where
 * `row` is negative. The buffer's binding is in quads if the width is, or in quads of halves.
 */
export function quadReader(name: string, buffer: string, { text, quads, halves = false }: Width): string {
  const one = (i: number) => `select(0.0, ${buffer}[at + ${i}], column + ${i} < ${text})`;
  const place = `${buffer}[(row * ${text} + column) / 4]`;
  const read = halves
    ? `let stored = ${place};\n  return ${fromHalves("stored")};`
    : quads
      ? `return ${place};`
      : `let at = row * ${text} + column;\n  return vec4<f32>(${[0, 1, 2, 3].map(one).join(", ")});`;
  return `fn ${name}(row: i32, column: i32) -> vec4<f32> {
  if (row < 0 || column >= ${text}) { return vec4<f32>(0.0); }
  ${read}
}`;
}
