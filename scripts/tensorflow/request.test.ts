import { expect, test } from "vitest";
import { TENSORFLOW_VERSION } from "./pins.ts";
import { parseRequest } from "./request.ts";

const SHA = "ab".repeat(32);

test("without options: the tested version from PyPI, for the CPU, beside the package", () => {
  expect(parseRequest([], {})).toEqual({
    action: "install",
    prefix: expect.stringMatching(/\.tensorflow$/) as string,
    optional: false,
    source: { kind: "pip", version: TENSORFLOW_VERSION, gpu: false },
  });
});

test("version, CUDA, place and leave to fail", () => {
  expect(parseRequest(["--gpu", "--version", "2.20.0", "--prefix", "/opt/tf", "--optional"], {})).toEqual({
    action: "install",
    prefix: "/opt/tf",
    optional: true,
    source: { kind: "pip", version: "2.20.0", gpu: true },
  });
  expect(parseRequest([], { LIGHTNET_BENCH_TENSORFLOW: "/srv/tf" })).toMatchObject({ prefix: "/srv/tf" });
  expect(parseRequest(["--uninstall", "--prefix", "/opt/tf"], {})).toEqual({ action: "uninstall", prefix: "/opt/tf" });
  expect(parseRequest(["--help"], {})).toEqual({ action: "help" });
});

test("a library that is there is used, and names its own version", () => {
  expect(parseRequest(["--library", "/opt/lib", "--gpu"], {})).toMatchObject({
    source: { kind: "library", folder: "/opt/lib", gpu: true },
  });
  expect(() => parseRequest(["--library", "/opt/lib", "--version", "2.9.1"], {})).toThrow(/leave --version out/);
});

test("the package's own mirror variables are obeyed, but not without a checksum", () => {
  expect(parseRequest(["--sha256", SHA], { TFJS_NODE_CDN_STORAGE: "https://mirror.test" }, "x64")).toMatchObject({
    source: {
      kind: "mirror",
      url: "https://mirror.test/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz",
      sha256: SHA,
    },
  });
  const base = { TFJS_NODE_BASE_URI: "https://mirror.test/lib-", TFJS_NODE_CDN_STORAGE: "https://other.test" };
  expect(parseRequest(["--sha256", SHA.toUpperCase(), "--version", "2.18.0", "--gpu"], base, "x64")).toMatchObject({
    source: { kind: "mirror", url: "https://mirror.test/lib-gpu-linux-x86_64-2.18.0.tar.gz", sha256: SHA },
  });
  expect(() => parseRequest([], { CDN_STORAGE: "https://mirror.test/" })).toThrow(
    /CDN_STORAGE names a mirror.*--sha256/,
  );
  expect(() => parseRequest(["--sha256", "12"], { CDN_STORAGE: "https://mirror.test/" })).toThrow(
    /64 hexadecimal digits/,
  );
});

test("unknown options and malformed versions are refused before any work", () => {
  expect(() => parseRequest(["--cuda"], {})).toThrow(/--cuda/);
  expect(() => parseRequest(["now"], {})).toThrow(/now/);
  expect(() => parseRequest(["--version", "latest"], {})).toThrow(/must be a release like/);
  expect(() => parseRequest(["--version", "2.21.0; rm"], {})).toThrow(/must be a release like/);
});
