// ONNX Runtime as a contender: its CPU provider through the npm package onnxruntime-node.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { encodeModel } from "./onnx.mjs";
import { graphOf } from "./graphs.mjs";

const require = createRequire(join(process.argv[2], "package.json"));
const ort = require("onnxruntime-node");
const { Writer } = require("protobufjs/minimal");

/** Range of logits within which every weight beside the largest keeps float32's precision. */
const MILD = 30;

const say = (reply) => process.stdout.write(`\nlightnet-bench ${JSON.stringify(reply)}\n`);
const version = require("onnxruntime-node/package.json").version;
let threads = 1;
let prepared;

const answers = {
  hello(request) {
    threads = request.threads;
    say({
      type: "hello",
      protocol: 1,
      name: "onnxruntime",
      version,
      device: "cpu",
      libraries: { "onnxruntime-node": version },
    });
  },
  async prepare({ case: { spec, shape, pass, precision }, sets }) {
    const isExtreme = spec.op === "additive" && sets.some((file) => rangeOf(readTensors(file).g.data) > MILD);
    const graph = graphOf(spec, shape, isExtreme);
    if (graph === undefined || pass !== "forward" || precision !== "float32")
      return say({ type: "unsupported", reason: "forward passes in float32 of the operators in graphs.mjs" });
    const model = encodeModel(Writer, { ...graph, outputs: ["out"] });
    const session = await ort.InferenceSession.create(model, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      // Threads that spin while they wait would take the core of the contender that is measured.
      extra: { session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } },
    });
    prepared = { session, graph, shape, sets: sets.map((file) => feedsOf(file, graph, shape)), out: undefined };
    say({ type: "ready", strategy: graph.strategy });
  },
  async run({ set, repeats }) {
    const seconds = [];
    for (let i = 0; i < repeats; i++) {
      const start = process.hrtime.bigint();
      prepared.out = (await prepared.session.run(prepared.sets[(set + i) % prepared.sets.length], ["out"])).out;
      seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
    say({ type: "ran", seconds });
  },
  fetch({ file }) {
    const { graph, shape, out } = prepared;
    const { B, H, N, E } = shape;
    const data = graph.packed.includes("out") ? unpack(out.data, [B, H, N, E]) : out.data;
    writeFileSync(file, encodeTensor("out", [B, H, N, E], data));
    say({ type: "fetched" });
  },
  memory: () => say({ type: "memory" }),
  async release() {
    await prepared?.session.release();
    prepared = undefined;
    say({ type: "released" });
  },
  bye: () => process.exit(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    await answers[request.type](request);
  } catch (error) {
    say({ type: "error", message: String(error.message) });
  }
}

function rangeOf(data) {
  let [least, most] = [Infinity, -Infinity];
  for (const value of data) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return most - least;
}

/** The inputs of a set as the graph takes them; packing is done here, as every contender gets its own layout. */
function feedsOf(file, { inputs, packed }, { B, H, N }) {
  const tensors = readTensors(file);
  return Object.fromEntries(
    inputs.map((name) => {
      const { shape, data } = tensors[name];
      if (!packed.includes(name)) return [name, new ort.Tensor("float32", data, shape)];
      const width = data.length / (B * H * N);
      return [name, new ort.Tensor("float32", pack(data, [B, H, N, width]), [B, N, H * width])];
    }),
  );
}

/** [B,H,N,D] → [B,N,H,D]; its own inverse with H and N exchanged. */
function pack(data, [B, H, N, D]) {
  const out = new Float32Array(data.length);
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let n = 0; n < N; n++) {
        const from = ((b * H + h) * N + n) * D;
        out.set(data.subarray(from, from + D), ((b * N + n) * H + h) * D);
      }
  return out;
}

function unpack(data, [B, H, N, E]) {
  return pack(data, [B, N, H, E]);
}

function readTensors(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  delete header.__metadata__;
  const copy = (begin, end) =>
    new Float32Array(new Uint8Array(bytes.subarray(8 + length + begin, 8 + length + end)).buffer);
  return Object.fromEntries(
    Object.entries(header).map(([name, { shape, data_offsets }]) => [name, { shape, data: copy(...data_offsets) }]),
  );
}

function encodeTensor(name, shape, data) {
  const text = Buffer.from(JSON.stringify({ [name]: { dtype: "F32", shape, data_offsets: [0, data.byteLength] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
