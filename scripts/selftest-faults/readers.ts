// Everything that reads a file which somebody else may have made, each with a sound file and the commands that read it.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { packageRoot } from "#host/package";
import { startEngine } from "#engine/registry";
import * as tf from "#engine/tf";
import { loadCheckpoint, saveCheckpoint } from "#training/checkpoint";

/** Bytes to damage, and what reads them: arguments of the command line, or a function where no command reads the file. */
export interface Reader {
  readonly name: string;
  /** Puts sound files into the folder and returns the one that is to be damaged. */
  prepare(folder: string, run: string): Promise<string> | string;
  /** in turn, one for each mutation */
  readonly readings: readonly (readonly string[] | ((path: string) => Promise<void>))[];
}

/** Readings name the run folder `run`, the data folder `data`, and write into `out`. */
const RUN_READINGS = [
  ["tables", "--run", "run"],
  ["compare", "run", "sound"],
  ["run", "--resume", "run", "--dry-run"],
  ["merge", "run", "sound", "--out", "out"],
  ["report", "--run", "run", "--out", "out"],
] as const;

export const READERS: readonly Reader[] = [
  { name: "records", prepare: copyRun("records.jsonl"), readings: RUN_READINGS },
  { name: "packed records", prepare: copyRun("records.jsonl.gz"), readings: RUN_READINGS },
  { name: "manifest", prepare: copyRun("manifest.json"), readings: RUN_READINGS },
  {
    name: "vectors",
    prepare: (folder) => {
      const path = join(folder, "vector.safetensors");
      const source = join(packageRoot(), "src", "testing", "vectors", "additive-causal-one-token.safetensors");
      writeFileSync(path, readFileSync(source));
      return path;
    },
    readings: [["verify", "--engine", "cpu", "--vectors", "vector.safetensors"]],
  },
  { name: "checkpoint", prepare: writeCheckpoint, readings: [readCheckpoint] },
  {
    name: "config",
    prepare: (folder) => put(folder, "lightnet-bench.config.json", JSON.stringify(CONFIG, undefined, 2)),
    readings: [
      ["run", "kernel-forward", "--dry-run"],
      ["data", "list"],
    ],
  },
  {
    name: "paper values",
    prepare: (folder) => put(folder, "values.csv", PAPER_VALUES),
    readings: [["paper", "import", "values.csv"]],
  },
  ...dataReaders([
    ["mnist", "idx images", "t10k-tiny-images-idx3-ubyte", idxFiles],
    ["cifar-10", "cifar batches", "test_batch-tiny.bin", cifarFiles],
    ["plain-text", "text", "train.txt", textFiles],
    ["glue", "tsv", "SST-2/dev.tiny.tsv", glueFiles],
    ["imagenet-latents", "latents", "val/a.safetensors", latentFiles],
    ["imagenette", "photographs", "val/n01440764/a.png", imageFiles],
  ]),
];

const CONFIG = {
  scale: "smoke",
  engine: "wasm",
  filter: ["N=64,128", "contender=additive-global"],
  "contender-budget": "30ms",
  jobs: 1,
  quiet: true,
};
const PAPER_VALUES = `table,model,metric,value,unit,spread,params_millions,setting,kind,source
image-classification,LightNet-T,top-1,70.1,%,,6,ImageNet-1k,,page 7
`;

function put(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A run of two suites' worth of records as `run` and, whole, as `sound`. */
function copyRun(damaged: string) {
  return (folder: string, run: string): string => {
    const manifest = readFileSync(join(run, "manifest.json"));
    const records = readFileSync(join(run, "records.jsonl"));
    for (const name of ["run", "sound"]) {
      put(folder, join(name, "manifest.json"), manifest);
      const isPacked = name === "run" && damaged.endsWith(".gz");
      put(folder, join(name, isPacked ? damaged : "records.jsonl"), isPacked ? gzipSync(records) : records);
    }
    return join(folder, "run", damaged);
  };
}

const CHECKPOINT = {
  caseId: "c".repeat(16),
  declarations: [
    { name: "a", shape: [4, 3] },
    { name: "b", shape: [5] },
  ],
} as unknown as Omit<Parameters<typeof saveCheckpoint>[0], "path">;
const VECTORS = ["weights", "first", "second"];

async function writeCheckpoint(folder: string): Promise<string> {
  await startEngine("cpu");
  const path = join(folder, "checkpoint.safetensors");
  const state = Object.fromEntries(VECTORS.map((name) => [name, tf.tensor1d(new Float32Array(17).fill(0.5))]));
  const curve: never[] = [];
  const progress = { step: 3, elapsedSeconds: 1, evaluationSeconds: 0, stepSecondsSamples: [0.1], curve, pendingLoss: { sum: 1, count: 1 } }; // prettier-ignore
  await saveCheckpoint({ path, ...CHECKPOINT }, state, progress);
  tf.dispose(state);
  return path;
}

function readCheckpoint(path: string): Promise<void> {
  tf.dispose(loadCheckpoint({ path, ...CHECKPOINT }, VECTORS)?.state ?? {});
  return Promise.resolve();
}

type DataFiles = (folder: string) => Promise<void> | void;

function dataReaders(
  sets: readonly (readonly [id: string, name: string, damaged: string, make: DataFiles])[],
): Reader[] {
  return sets.map(([id, name, damaged, make]) => ({
    name,
    prepare: async (folder) => {
      await make(join(folder, "data", id));
      return join(folder, "data", id, damaged);
    },
    readings: [["data", "check", "--data-dir", "data"], ["data", "list", "--data-dir", "data"]], // prettier-ignore
  }));
}

function idxFiles(folder: string): void {
  for (const [split, count] of [
    ["train-tiny", 12],
    ["t10k-tiny", 6],
  ] as const) {
    // prettier-ignore
    const images = Buffer.alloc(16 + count * 784, 7);
    const labels = Buffer.alloc(8 + count, 3);
    [0x803, count, 28, 28].forEach((value, i) => images.writeUInt32BE(value, 4 * i));
    [0x801, count].forEach((value, i) => labels.writeUInt32BE(value, 4 * i));
    put(folder, `${split}-images-idx3-ubyte`, images);
    put(folder, `${split}-labels-idx1-ubyte`, labels);
  }
}

function cifarFiles(folder: string): void {
  const records = Buffer.alloc(3073 * 8, 5);
  put(folder, "data_batch_1-tiny.bin", records);
  put(folder, "test_batch-tiny.bin", records);
}

function textFiles(folder: string): void {
  const text = "To be, or not to be, that is the question.\nNaïve 😀 text.\n".repeat(40);
  put(folder, "train.txt", text);
  put(folder, "test.txt", text);
}

function glueFiles(folder: string): void {
  const rows = Array.from({ length: 20 }, (_, i) => `a sentence with number ${i}\t${i % 2}\n`).join("");
  for (const split of ["train", "dev"]) put(folder, `SST-2/${split}.tiny.tsv`, `sentence\tlabel\n${rows}`);
}

function latentFiles(folder: string): void {
  const header = JSON.stringify({
    latents: { dtype: "F32", shape: [2, 4, 32, 32], data_offsets: [0, 32768] },
    labels: { dtype: "I64", shape: [2], data_offsets: [32768, 32784] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = Buffer.concat([length, Buffer.from(header), Buffer.alloc(32784)]);
  for (const split of ["train", "val"]) put(folder, `${split}/a.safetensors`, file);
}

const IMAGENETTE_CLASSES = [
  1440764, 2102040, 2979186, 3000684, 3028079, 3394916, 3417042, 3425413, 3445777, 3888257,
].map((id) => `n${String(id).padStart(8, "0")}`);

async function imageFiles(folder: string): Promise<void> {
  const noise = { create: { width: 64, height: 48, channels: 3, background: "#345", noise: { type: "gaussian", mean: 128, sigma: 40 } } } as const; // prettier-ignore
  const picture = await sharp(noise).png().toBuffer();
  for (const split of ["train", "val"])
    for (const name of IMAGENETTE_CLASSES) put(folder, `${split}/${name}/a.png`, picture);
}
