// A contender for lightnet-bench in plain JavaScript: order-free linear attention, o_t = (Σ_j k_j v_jᵀ)ᵀ q_t.
// Replace `forward` and `backward` by your kernel. The protocol is told in docs/contenders.md.

import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const say = (reply) => process.stdout.write(`lightnet-bench ${JSON.stringify(reply)}\n`);
let prepared; // { shape, pass, sets, outputs }

const answers = {
  hello: () => say({ type: "hello", protocol: 1, name: "my-node-kernel", version: "1.0.0", device: "cpu" }),
  prepare({ case: { spec, shape, pass }, sets }) {
    if (spec.op !== "multiplicative" || spec.decay !== "none" || spec.causal)
      return say({ type: "unsupported", reason: `this program computes order-free linear attention only` });
    prepared = { shape, pass, sets: sets.map(readTensors), outputs: undefined };
    say({ type: "ready", strategy: "loops" });
  },
  run({ set, repeats }) {
    const seconds = [];
    for (let i = 0; i < repeats; i++) {
      const start = process.hrtime.bigint();
      prepared.outputs = compute(prepared.sets[(set + i) % prepared.sets.length]);
      seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
    say({ type: "ran", seconds });
  },
  fetch({ file }) {
    writeTensors(file, prepared.outputs);
    say({ type: "fetched" });
  },
  memory: () => say({ type: "memory" }),
  release() {
    prepared = undefined;
    say({ type: "released" });
  },
  bye: () => process.exit(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    answers[request.type](request);
  } catch (error) {
    say({ type: "error", message: String(error.message) });
  }
}

/** q, k [B,H,N,D]; v, cotangent and out [B,H,N,E]. */
function compute({ q, k, v, cotangent }) {
  const { B, H, N, D, E } = prepared.shape;
  const backward = prepared.pass === "forward+backward";
  const result = { out: new Float32Array(B * H * N * E) };
  if (backward) for (const name of ["q", "k", "v"]) result[`grad.${name}`] = new Float32Array({ q, k, v }[name].length);
  for (let head = 0; head < B * H; head++) {
    const part = (array, width) => array.subarray(head * N * width, (head + 1) * N * width);
    const state = outerSum(part(k, D), part(v, E), D, E);
    multiply(part(q, D), state, part(result.out, E), [D, E]);
    if (!backward) continue;
    const ofState = outerSum(part(q, D), part(cotangent, E), D, E); // d(state) = Σ q_t do_tᵀ
    multiply(part(cotangent, E), transpose(state, D, E), part(result["grad.q"], D), [E, D]);
    multiply(part(v, E), transpose(ofState, D, E), part(result["grad.k"], D), [E, D]);
    multiply(part(k, D), ofState, part(result["grad.v"], E), [D, E]);
  }
  return result;
}

/** Σ_t a_t b_tᵀ, [D,E]. */
function outerSum(a, b, D, E) {
  const sum = new Float64Array(D * E);
  for (let t = 0; t < a.length / D; t++)
    for (let d = 0; d < D; d++) for (let e = 0; e < E; e++) sum[d * E + e] += a[t * D + d] * b[t * E + e];
  return sum;
}

/** out_t = matrixᵀ a_t for every row t; matrix [I,O]. */
function multiply(a, matrix, out, [I, O]) {
  for (let t = 0; t < a.length / I; t++)
    for (let o = 0; o < O; o++) {
      let sum = 0;
      for (let i = 0; i < I; i++) sum += a[t * I + i] * matrix[i * O + o];
      out[t * O + o] = sum;
    }
}

/** [D,E] → [E,D]. */
function transpose(matrix, D, E) {
  return matrix.map((_, i) => matrix[(i % D) * E + Math.floor(i / D)]);
}

/** A safetensors file: 8 bytes of header length, a JSON header, float32 data. Copied, as the data may not be aligned. */
function readTensors(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  delete header.__metadata__;
  const data = (begin, end) =>
    new Float32Array(new Uint8Array(bytes.subarray(8 + length + begin, 8 + length + end)).buffer);
  return Object.fromEntries(Object.entries(header).map(([name, { data_offsets }]) => [name, data(...data_offsets)]));
}

function writeTensors(file, tensors) {
  let offset = 0;
  const header = {};
  for (const [name, values] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape: [values.length], data_offsets: [offset, (offset += values.byteLength)] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(
    file,
    Buffer.concat([
      length,
      text,
      ...Object.values(tensors).map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength)),
    ]),
  );
}
