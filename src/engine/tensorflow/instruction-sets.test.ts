import { expect, test } from "vitest";
import { instructionSetOf, kernelsFile } from "./instruction-sets.ts";

const cpu = (flags: string) => `processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: ${flags}\nbugs\t\t: none\n`;

test("the widest instruction set that a processor has whole", () => {
  expect(instructionSetOf(cpu("fpu sse2 avx avx2 fma avx512f avx512bw avx512dq avx512vl"))).toBe("avx512");
  expect(instructionSetOf(cpu("fpu sse2 avx avx2 fma avx512f"))).toBe("avx2");
  expect(instructionSetOf(cpu("fpu sse2 avx avx2"))).toBeUndefined();
});

test("no instruction set where Linux lists none", () => {
  expect(instructionSetOf("processor\t: 0\nFeatures\t: fp asimd\n")).toBeUndefined();
  expect(instructionSetOf("")).toBeUndefined();
});

test("files of different instruction sets lie beside each other", () => {
  expect(kernelsFile("/t", "avx2")).toMatch(/^\/t\/kernels\/lightnet-kernels-\d+-avx2\.node$/);
});
