// TensorFlow.js as a contender: its own wasm backend and operations, none of this harness's kernels.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { formOf } from "./formulas.mjs";

const cache = process.argv[2];
const require = createRequire(join(cache, "package.json"));
const tf = require("@tensorflow/tfjs");
const { setWasmPaths } = require("@tensorflow/tfjs-backend-wasm");
setWasmPaths(join(cache, "node_modules", "@tensorflow", "tfjs-backend-wasm", "dist", "/"));
await tf.setBackend("wasm");

const say = (reply) => process.stdout.write(`\nlightnet-bench ${JSON.stringify(reply)}\n`);
const version = tf.version_core;
let prepared;

const answers = {
  hello() {
    const libraries = { "@tensorflow/tfjs": version, "@tensorflow/tfjs-backend-wasm": version };
    say({ type: "hello", protocol: 1, name: "tfjs-stock", version, device: "cpu, one thread", libraries });
  },
  prepare({ case: { spec, shape, pass, precision }, sets }) {
    const form = formOf(tf, spec);
    if (form === undefined || precision !== "float32")
      return say({ type: "unsupported", reason: "float32, and the operators in formulas.mjs" });
    prepared = { form, spec, shape, backward: pass === "forward+backward", sets: sets.map(readTensors), result: {} };
    say({ type: "ready", strategy: form.strategy });
  },
  run({ set, repeats }) {
    const seconds = [];
    for (let i = 0; i < repeats; i++) {
      tf.dispose(prepared.result);
      const start = process.hrtime.bigint();
      prepared.result = tf.tidy(() => compute(prepared, prepared.sets[(set + i) % prepared.sets.length]));
      seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
    say({ type: "ran", seconds });
  },
  fetch({ file }) {
    writeTensors(file, prepared);
    say({ type: "fetched" });
  },
  memory: () => say({ type: "memory" }),
  release() {
    tf.dispose([prepared?.sets, prepared?.result]);
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

/** The wasm backend computes at once, so that nothing is left to wait for. */
function compute({ form, backward }, set) {
  const inputs = form.inputs.map((name) => set[name]);
  const run = form.make(set);
  if (!backward) return { out: run(...inputs) };
  let out;
  const gradients = tf.grads((...tensors) => {
    const result = run(...tensors);
    out = tf.keep(tf.clone(result));
    return result;
  })(inputs, set.cotangent);
  return { out, ...Object.fromEntries(form.inputs.map((name, i) => [`grad.${name}`, gradients[i]])) };
}

/** Tensors with B and H merged; a decay per head, [H], as [B·H,1,1], and one per token, [B,H,N], as [B·H,N,1]. */
function readTensors(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  delete header.__metadata__;
  const B = (header.q ?? header.a).shape[0];
  const merged = ([
    name,
    {
      shape,
      data_offsets: [begin, end],
    },
  ]) => {
    const data = new Float32Array(new Uint8Array(bytes.subarray(8 + length + begin, 8 + length + end)).buffer);
    if (shape.length === 1) return [name, tf.tile(tf.tensor(data, [shape[0], 1, 1]), [B, 1, 1])];
    return [name, tf.tensor(data, [shape[0] * shape[1], shape[2], shape[3] ?? 1])];
  };
  return Object.fromEntries(Object.entries(header).map(merged));
}

function writeTensors(file, { spec, shape: { B, H, N, D, E }, result }) {
  const decays = { constant: [H], scalar: [B, H, N], vector: [B, H, N, D] };
  const values = [B, H, N, E];
  const shapes = { out: values, "grad.v": values, "grad.b": [B, H, D, E], "grad.logDecay": decays[spec.decay] };
  const parts = [];
  const header = {};
  let offset = 0;
  for (const [name, tensor] of Object.entries(result)) {
    const shape = shapes[name] ?? [B, H, N, D];
    // A decay per head is one number for all entries of the batch.
    const data = (shape.length === 1 ? tf.tidy(() => tf.sum(tf.reshape(tensor, [B, H]), 0)) : tensor).dataSync();
    header[name] = { dtype: "F32", shape, data_offsets: [offset, (offset += data.byteLength)] };
    parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([length, text, ...parts]));
}
