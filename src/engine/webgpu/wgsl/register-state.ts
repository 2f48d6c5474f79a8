// A matrix state in the registers of a workgroup's threads: how rows and columns are shared out, and WGSL for its entries.

import { unroll, XYZW } from "./text.ts";

/** Rows of a thread at most: with two columns they fill 64 registers. */
const MOST_ROWS = 32;

/** How threads share a state [rows, columns]: each holds `rows` rows of two columns. */
export interface StateTile {
  /** rows of a thread, a multiple of 4 */
  readonly rows: number;
  readonly parts: number;
  /** columns of a workgroup: two a thread */
  readonly columns: number;
  readonly tiles: number;
  readonly threads: number;
}

export function stateTile(rows: number, columns: number, mostThreads: number): StateTile {
  const own = Math.min(MOST_ROWS, 4 * Math.ceil(rows / 4));
  const parts = Math.ceil(rows / own);
  const pairs = Math.max(1, Math.min(Math.ceil(columns / 2), Math.floor(mostThreads / parts)));
  return { rows: own, parts, columns: 2 * pairs, tiles: Math.ceil(columns / (2 * pairs)), threads: pairs * parts };
}

/** Declares a thread's part of a state, zeros: `sA0` … and `sB0` …, four rows each, of its columns A and B. */
export function stateVariables(quads: number): string {
  return unroll(quads, (i) => `var sA${i} = vec4<f32>(0.0); var sB${i} = vec4<f32>(0.0);`);
}

export interface Entries {
  readonly quads: number;
  readonly rows: number;
  readonly columns: number;
  /** whether the state in memory has the rows first */
  readonly rowsFirst: boolean;
}

/** `body` for every entry of a thread that is inside of the state: its variable and WGSL for its place in [rows, columns]. Needs `row0`, `columnA`, `columnB`. */
export function eachEntry(
  { quads, rows, columns, rowsFirst }: Entries,
  body: (entry: string, place: string) => string,
): string {
  const place = (row: string, column: string) =>
    rowsFirst ? `${row} * ${columns} + ${column}` : `${column} * ${rows} + ${row}`;
  return unroll(4 * quads, (i) => {
    const row = `(row0 + ${i})`;
    return unroll(2, (side) => {
      const column = side === 0 ? "columnA" : "columnB";
      return `if (${row} < ${rows} && ${column} < ${columns}) { ${body(`s${"AB"[side]!}${Math.floor(i / 4)}.${XYZW[i % 4]!}`, place(row, column))} }`;
    });
  });
}
