// What bench-kernels times: products, operators forward and with backward, one training step. Ours and stock's.

import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { createImageClassifier } from "#tasks/image-classification/head";
import type { InputName, Strategy } from "#ops/operator";
import { operators } from "#ops/registry";
import { Random } from "#base/random";
import type { ModelSpec, OperatorSpec } from "#case/case";
import { shapeOf } from "#case/shape";
import { AdamW } from "#training/adamw";

/** What the rival process is told; see rival.py. */
export interface RivalWork {
  readonly kind: "matmul" | "additive-global" | "additive-causal" | "vector-causal" | "softmax" | "training";
  readonly backward: boolean;
  readonly n?: number;
  readonly a?: readonly number[];
  readonly b?: readonly number[];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** One call of a work with everything it needs made; `dispose` frees that. */
export interface Runnable {
  call(): void;
  dispose(): void;
}

export interface Work {
  readonly name: string;
  readonly rival: RivalWork;
  /** operations of one call by the work's own formula, a multiply-add counted as two */
  readonly flops: number;
  /** left out by --quick */
  readonly slow: boolean;
  /** on the engine's own kernels where it has them, else by the fastest of the plain strategies */
  ours(engine: RunningEngine): Promise<Runnable>;
  /** on tfjs-backend-wasm as it is; its kernels are current when this is called and timed */
  stock(engine: RunningEngine): Promise<Runnable>;
}

interface Product {
  readonly batch: number;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transposes: "NN" | "TN" | "NT";
}

function product({ batch, M, N, K, transposes }: Product): Work {
  const [transposeA, transposeB] = [transposes === "TN", transposes === "NT"];
  const a = [...(batch === 1 ? [] : [batch]), ...(transposeA ? [K, M] : [M, K])];
  const b = [...(batch === 1 ? [] : [batch]), ...(transposeB ? [N, K] : [K, N])];
  const make = () => {
    const random = new Random(1);
    const [left, right] = [a, b].map((shape) => tf.tensor(random.normals(shape.reduce((x, y) => x * y, 1)), shape));
    return Promise.resolve({
      call: () => tf.matMul(left!, right!, transposeA, transposeB).dispose(),
      dispose: () => tf.dispose([left!, right!]),
    });
  };
  return {
    name: `matMul ${batch === 1 ? "" : `${batch}×`}[${a.slice(-2).join(",")}]·[${b.slice(-2).join(",")}] ${transposes}`,
    rival: { kind: "matmul", backward: false, a, b, transposeA, transposeB },
    flops: 2 * batch * M * N * K,
    slow: false,
    ours: make,
    stock: make,
  };
}

interface OperatorWork {
  readonly kind: Exclude<RivalWork["kind"], "matmul" | "training">;
  readonly spec: OperatorSpec;
  readonly N: number;
  readonly backward: boolean;
  /** the tfjs strategies of which stock's fastest is timed */
  readonly stockStrategies: readonly string[];
  readonly slow?: boolean;
}

function operatorWork({ kind, spec, N, backward, stockStrategies, slow = false }: OperatorWork): Work {
  const shape = shapeOf({ grid: [N] }); // B1 H4 D64 E64
  const declaration = operators.get(spec.op);
  const runnable = async (engine: RunningEngine, id: string): Promise<Runnable> => {
    const { strategies } = await declaration.load();
    const strategy = strategies.find((candidate) => candidate.id === id)!;
    return prepared({ strategy, spec, shape, engine, backward });
  };
  const chosen = async (engine: RunningEngine) => (await declaration.load()).choose(spec, shape, engine);
  const fastest = async (engine: RunningEngine): Promise<Runnable> => {
    const candidates: { run: Runnable; seconds: number }[] = [];
    for (const id of stockStrategies) {
      const run = await runnable(engine, id);
      const begin = performance.now();
      run.call();
      candidates.push({ run, seconds: performance.now() - begin });
    }
    const [best, ...others] = candidates.sort((x, y) => x.seconds - y.seconds);
    for (const { run } of others) run.dispose();
    return best!.run;
  };
  return {
    name: `${kind} N ${N}${backward ? " forward+backward" : " forward"}`,
    rival: { kind, n: N, backward },
    flops: declaration.work(spec, shape, backward ? "forward+backward" : "forward", "fused").flops,
    slow,
    ours: async (engine) => ((await chosen(engine)) === "fused" ? runnable(engine, "fused") : fastest(engine)),
    stock: fastest,
  };
}

interface Preparation {
  readonly strategy: Strategy;
  readonly spec: OperatorSpec;
  readonly shape: ReturnType<typeof shapeOf>;
  readonly engine: RunningEngine;
  readonly backward: boolean;
}

function prepared({ strategy, spec, shape, engine, backward }: Preparation): Runnable {
  const random = new Random(1);
  const shapes = Object.entries(operators.get(spec.op).inputShapes(spec, shape)) as [InputName, readonly number[]][];
  const names = shapes.map(([name]) => name);
  const inputs = shapes.map(([name, dims]) => {
    const values = random.normals(dims.reduce((x, y) => x * y, 1));
    return tf.tensor(name === "logDecay" ? values.map((x) => -0.1 * Math.abs(x)) : values, [...dims]);
  });
  const reason = strategy.unsupported(spec, shape, engine, names);
  if (reason !== undefined) throw new Error(`${spec.op} by ${strategy.id}: ${reason}`);
  const run = (...tensors: tf.Tensor[]) =>
    strategy.run(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])), spec, shape, engine).out;
  const cotangent = tf.ones([shape.B, shape.H, shape.N, shape.E]);
  const gradients = tf.grads(run);
  return {
    call: () => void tf.tidy(() => void (backward ? gradients(inputs, cotangent) : run(...inputs))),
    dispose: () => tf.dispose([...inputs, cotangent]),
  };
}

const CLASSIFIER: ModelSpec = {
  variant: "bench-kernels",
  width: 128,
  depth: 4,
  heads: 2,
  gluWidth: 256,
  patch: [4, 4],
  mixer: { operator: { op: "additive", causal: false }, encoding: "none" },
  localMixing: "none",
};
const BATCH = 8;
const TOKENS = 256;

async function trainingStep(engine: RunningEngine): Promise<Runnable> {
  const model = await createImageClassifier(CLASSIFIER, { imageShape: [64, 64, 3], classes: 10 }, { seed: 1, engine });
  const optimiser = new AdamW(model.parameters, { weightDecay: 0.05, clipNorm: 1 });
  const pixels = tf.tensor(new Random(1).normals(BATCH * TOKENS * 48), [BATCH, TOKENS, 48]);
  const labels = tf.tidy(() => tf.cast(tf.oneHot(tf.range(0, BATCH, 1, "int32"), 10), "float32"));
  const weights = model.parameters.list();
  let step = 0;
  return {
    call() {
      const gradient = tf.tidy(() => {
        const loss = () =>
          tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(model.forward(pixels))), -1))) as tf.Scalar;
        const { grads } = tf.variableGrads(loss, [...weights]);
        return optimiser.flatten(weights.map(({ name }) => grads[name]!));
      });
      tf.dispose([optimiser.update(gradient, step++, 1e-3), gradient]);
    },
    dispose() {
      optimiser.dispose();
      model.parameters.dispose();
      tf.dispose([pixels, labels]);
    },
  };
}

/** Products of the dense layers: 6 C² and the gate's 2·C·C/H per token and layer, the GLU's 3·C·hidden, three times for the step. */
function trainingFlops(): number {
  const { width: C, heads, gluWidth, depth } = CLASSIFIER;
  const perToken = depth * (4 * C * C + (2 * C * C) / heads + 3 * C * gluWidth + 2 * C * (C / heads)) + 48 * C;
  return 3 * 2 * perToken * BATCH * TOKENS;
}

const training: Work = {
  name: "training step, LightNet classifier C 128, 4 layers, 256 tokens, batch 8",
  rival: { kind: "training", backward: true },
  flops: trainingFlops(),
  slow: false,
  ours: trainingStep,
  stock: (engine) => trainingStep({ ...engine, kernels: {} }),
};

const both = (options: Omit<OperatorWork, "backward">): Work[] =>
  [false, true].map((backward) => operatorWork({ ...options, backward }));

/** Every row of the table. */
export function allWorks(): Work[] {
  const transposes = ["NN", "TN", "NT"] as const;
  const additive: OperatorSpec = { op: "additive", causal: false };
  const additiveCausal: OperatorSpec = { op: "additive", causal: true };
  const vector: OperatorSpec = { op: "multiplicative", causal: true, decay: "vector" };
  const softmax: OperatorSpec = { op: "softmax", causal: false };
  return [
    ...transposes.map((each) => product({ batch: 1, M: 512, N: 512, K: 512, transposes: each })),
    product({ batch: 4, M: 64, N: 64, K: 4096, transposes: "TN" }),
    product({ batch: 4, M: 64, N: 64, K: 4096, transposes: "NN" }),
    product({ batch: 4, M: 4096, N: 64, K: 64, transposes: "NN" }),
    product({ batch: 4, M: 4096, N: 64, K: 64, transposes: "NT" }),
    product({ batch: 4, M: 1024, N: 1024, K: 64, transposes: "NT" }),
    product({ batch: 4, M: 1024, N: 64, K: 1024, transposes: "NN" }),
    ...both({ kind: "additive-global", spec: additive, N: 4096, stockStrategies: ["global"] }),
    ...both({ kind: "additive-global", spec: additive, N: 16384, stockStrategies: ["global"], slow: true }),
    ...both({ kind: "additive-causal", spec: additiveCausal, N: 4096, stockStrategies: ["chunked"] }),
    ...both({ kind: "vector-causal", spec: vector, N: 4096, stockStrategies: ["chunked"] }),
    ...both({ kind: "softmax", spec: softmax, N: 1024, stockStrategies: ["tiled", "materialised"] }),
    ...both({ kind: "softmax", spec: softmax, N: 4096, stockStrategies: ["tiled", "materialised"], slow: true }),
    training,
  ];
}
