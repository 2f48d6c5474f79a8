import { describeTensorflowKernels } from "#testing/tensorflow-kernels";

describeTensorflowKernels("avx512");
