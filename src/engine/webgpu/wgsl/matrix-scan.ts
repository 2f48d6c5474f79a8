// One scan of a matrix state through a segment of the tokens, state in registers:
//   S_t = λ_t ∘ S_{t−1} + x_t y_tᵀ,   out_t(column) = Σ_row w_t(row) S_t(row, column)
// with λ on the rows, on the columns, or one for all; forwards or backwards; with or without the token's own product.
// The forward pass and all three gradients of every decay rule are this one program with other operands.
//
// Exact for any decay: no quotient of cumulated decays appears. Per token and state entry 3 instructions; a thread holds 32 rows of
// 2 columns (64 registers) and reads x, w and λ four rows at a time, the same for all threads of a subgroup: three
// reads for 24 instructions. The state leaves the registers once a segment.

import { eachEntry, stateTile, stateVariables, type StateTile } from "./register-state.ts";
import { fixedWidth, oneOf, quadReader, unroll } from "./text.ts";

export type DecayOf = "none" | "constant" | "scalar" | "rows" | "columns";

export interface MatrixScan {
  readonly rows: number;
  readonly columns: number;
  readonly decay: DecayOf;
  readonly reverse: boolean;
  /** what to write: outputs with or without the token's own product, or none (only the state at the end) */
  readonly output: "inclusive" | "exclusive" | "none";
  readonly ordered: boolean;
  readonly started: boolean;
  /** whether states in memory, [D, E], have the rows first */
  readonly rowsFirst: boolean;
  /** whether to write the state at the segment's end */
  readonly ending: boolean;
  /** buffers stored as float16 */
  readonly halves: ReadonlySet<string>;
}

/** How threads share a state, and how many tokens they load at once. */
export interface ScanTile extends StateTile {
  readonly tokens: number;
}

const MOST_THREADS = 256;
/** Workgroup memory that every device has (bytes), in floats. */
const SHARED_FLOATS = 16384 / 4;

export function scanTile(rows: number, columns: number): ScanTile {
  const tile = stateTile(rows, columns, MOST_THREADS);
  const floatsOfToken = 3 * tile.rows * tile.parts + (2 + tile.parts) * tile.columns;
  return { ...tile, tokens: Math.max(1, Math.min(16, Math.floor(SHARED_FLOATS / floatsOfToken))) };
}

/**
 * Buffers x, w [G, N, rows], y [G, N, columns], decay (logs), order [N], start [G, segments, D, E]; out [G, N, columns], ending like
 * start. Params N, segments, length. Grid: column tiles, segments, G.
 */
export function matrixScanProgram(scan: MatrixScan): string {
  const { rows, columns, decay, reverse, output, ordered, started, rowsFirst, ending, halves } = scan;
  const tile = scanTile(rows, columns);
  const quads = tile.rows / 4;
  const pitch = quads * tile.parts;
  const pairs = tile.columns / 2;
  const reads = output !== "none";
  const each = (body: (i: number) => string) => unroll(quads, body);
  const forEntry = (body: (entry: string, at: string) => string) =>
    eachEntry({ quads, rows, columns, rowsFirst }, (entry, place) => body(entry, `state0 + ${place}`));
  const lambda = (side: "A" | "B", i: number) => (decay === "rows" ? `l${i}` : decay === "columns" ? `l${side}` : "l");
  const both = (body: (side: "A" | "B", i: number) => string) => each((i) => `${body("A", i)} ${body("B", i)}`);
  const decayAll = decay === "none" ? "" : both((side, i) => `s${side}${i} *= ${lambda(side, i)};`);
  const add = both((side, i) => `s${side}${i} += x${i} * y${side};`);
  const read = reads ? both((side, i) => `o${side} += w${i} * s${side}${i};`) : "";
  const steps = [
    reverse ? "" : decayAll,
    output === "exclusive" ? read : "",
    add,
    output === "inclusive" ? read : "",
    reverse ? decayAll : "",
  ];
  const decayRow = { none: "0", constant: "g", scalar: "g * params.N + token", rows: "", columns: "" }[decay];
  return `
${quadReader("readX", "x", fixedWidth(rows, halves.has("x")))}
${reads ? quadReader("readW", "w", fixedWidth(rows, halves.has("w"))) : ""}
${decay === "rows" ? quadReader("readDecay", "decay", fixedWidth(rows, halves.has("decay"))) : ""}
fn tokenAt(i: i32) -> i32 { return ${ordered ? "order[i]" : "i"}; }
var<workgroup> tileX: array<vec4<f32>, ${tile.tokens * pitch}>;
${reads ? `var<workgroup> tileW: array<vec4<f32>, ${tile.tokens * pitch}>;\nvar<workgroup> sums: array<f32, ${tile.tokens * tile.parts * tile.columns}>;` : ""}
${
  reads
    ? `fn sumOfParts(step: i32, column: i32) -> f32 {
  var total = 0.0;
  for (var j = 0; j < ${tile.parts}; j++) { total += sums[(step * ${tile.parts} + j) * ${tile.columns} + column]; }
  return total;
}`
    : ""
}
var<workgroup> tileY: array<f32, ${tile.tokens * tile.columns}>;
${decay === "rows" ? `var<workgroup> tileL: array<vec4<f32>, ${tile.tokens * pitch}>;` : ""}
${decay === "columns" ? `var<workgroup> tileL: array<f32, ${tile.tokens * tile.columns}>;` : ""}
${decay === "constant" || decay === "scalar" ? `var<workgroup> tileL: array<f32, ${tile.tokens}>;` : ""}
@compute @workgroup_size(${tile.threads})
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let thread = i32(index);
  let pair = thread % ${pairs};
  let part = thread / ${pairs}; // neighbours share it: they read the same x, w and decays
  let column0 = i32(workgroup.x) * ${tile.columns};
  let columnA = column0 + pair;
  let columnB = columnA + ${pairs};
  let row0 = part * ${tile.rows};
  let segment = i32(workgroup.y);
  let g = i32(workgroup.z);
  let state0 = (g * params.segments + segment) * ${rows * columns};
  ${stateVariables(quads)}
  ${started ? forEntry((entry, at) => `${entry} = start[${at}];`) : ""}
  let first = segment * params.length;
  let last = min(first + params.length, params.N);
  for (var done = 0; done < last - first; done += ${tile.tokens}) {
    let count = min(${tile.tokens}, last - first - done);
    for (var at = thread; at < ${tile.tokens * pitch}; at += ${tile.threads}) {
      let step = at / ${pitch};
      let row = 4 * (at % ${pitch});
      if (step < count) {
        let token = tokenAt(${reverse ? "last - 1 - done - step" : "first + done + step"});
        tileX[at] = readX(g * params.N + token, row);
        ${reads ? "tileW[at] = readW(g * params.N + token, row);" : ""}
        ${decay === "rows" ? "tileL[at] = exp(readDecay(g * params.N + token, row));" : ""}
      }
    }
    for (var at = thread; at < ${tile.tokens * tile.columns}; at += ${tile.threads}) {
      let step = at / ${tile.columns};
      let column = column0 + at % ${tile.columns};
      if (step < count) {
        let token = tokenAt(${reverse ? "last - 1 - done - step" : "first + done + step"});
        let from_ = (g * params.N + token) * ${columns} + column;
        tileY[at] = 0.0;
        if (column < ${columns}) { tileY[at] = ${oneOf("y", "from_", halves.has("y"))}; }
        ${decay === "columns" ? `tileL[at] = 1.0;\n        if (column < ${columns}) { tileL[at] = exp(${oneOf("decay", "from_", halves.has("decay"))}); }` : ""}
        ${decay === "constant" || decay === "scalar" ? `if (at % ${tile.columns} == 0) { tileL[step] = exp(decay[${decayRow}]); }` : ""}
      }
    }
    workgroupBarrier();
    for (var step = 0; step < count; step++) {
      let yA = tileY[step * ${tile.columns} + pair];
      let yB = tileY[step * ${tile.columns} + ${pairs} + pair];
      let at = step * ${pitch} + part * ${quads};
      ${each((i) => `let x${i} = tileX[at + ${i}];${reads ? ` let w${i} = tileW[at + ${i}];` : ""}${decay === "rows" ? ` let l${i} = tileL[at + ${i}];` : ""}`)}
      ${decay === "columns" ? `let lA = tileL[step * ${tile.columns} + pair]; let lB = tileL[step * ${tile.columns} + ${pairs} + pair];` : ""}
      ${decay === "constant" || decay === "scalar" ? "let l = tileL[step];" : ""}
      ${reads ? "var oA = vec4<f32>(0.0); var oB = vec4<f32>(0.0);" : ""}
      ${steps.filter((text) => text !== "").join("\n")}
      ${
        reads
          ? `sums[(step * ${tile.parts} + part) * ${tile.columns} + pair] = dot(oA, vec4<f32>(1.0));
      sums[(step * ${tile.parts} + part) * ${tile.columns} + ${pairs} + pair] = dot(oB, vec4<f32>(1.0));`
          : ""
      }
    }
    workgroupBarrier();
    ${reads ? writeOutputs(scan, tile) : ""}
  }
  ${ending ? forEntry((entry, at) => `ending[${at}] = ${entry};`) : ""}
}`;
}

/** Adds up the parts of a column and writes it; of halves, two columns at a time. */
function writeOutputs({ columns, reverse, halves }: MatrixScan, tile: ScanTile): string {
  const isHalf = halves.has("out");
  const width = isHalf ? tile.columns / 2 : tile.columns; // of a token in elements
  const value = isHalf
    ? "pack2x16float(vec2<f32>(sumOfParts(step, column), sumOfParts(step, column + 1)))"
    : "sumOfParts(step, column)";
  return `for (var at = thread; at < count * ${width}; at += ${tile.threads}) {
      let step = at / ${width};
      let column = ${isHalf ? "2 * " : ""}(at % ${width});
      let token = tokenAt(${reverse ? "last - 1 - done - step" : "first + done + step"});
      let place = (g * params.N + token) * ${columns} + column0 + column;
      if (column0 + column < ${columns}) { out[place${isHalf ? " / 2" : ""}] = ${value}; }
    }`;
}
