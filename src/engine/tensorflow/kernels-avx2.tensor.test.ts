import { vi } from "vitest";

vi.stubEnv("LIGHTNET_BENCH_TENSORFLOW_KERNELS", "avx2"); // before the engine is loaded, in a process of its own
const { describeTensorflowKernels } = await import("#testing/tensorflow-kernels");

describeTensorflowKernels("avx2");
