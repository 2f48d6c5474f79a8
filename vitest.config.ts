// Three projects by what a test needs, read from the file's name. `pure` needs nothing but Node and answers in seconds;
// `tensor` needs an engine on the CPU, the built command, or long simulations (`x.long.test.ts`); `device` a browser, a GPU
// or TensorFlow, and skips by name what is not here.

import { defineConfig } from "vitest/config";

const conditions = ["source", "node", "import", "default"];
const TESTS = "{src,suites,scripts}/**";
const DEVICE = [
  `${TESTS}/*.{device,browser}.test.ts`,
  `${TESTS}/*webgpu*.test.ts`,
  "src/engine/{webgpu,tensorflow}/**/*.test.ts",
];
const TENSOR = [`${TESTS}/*.{tensor,e2e,long}.test.ts`];

const common = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};
const patient = { testTimeout: 180_000, hookTimeout: 180_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      // Its files share a module graph: loading it anew for each of a hundred files would take most of the time.
      {
        ...common,
        test: {
          name: "pure",
          include: [`${TESTS}/*.test.ts`],
          exclude: [...TENSOR, ...DEVICE],
          isolate: false,
          ...patient,
        },
      },
      { ...common, test: { name: "tensor", include: TENSOR, exclude: DEVICE, ...patient } },
      { ...common, test: { name: "device", include: DEVICE, ...patient } },
    ],
  },
});
