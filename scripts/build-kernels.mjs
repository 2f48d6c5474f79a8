// Compiles the kernels of the wasm engine (AssemblyScript) into dist/kernels, in two builds: plain and
// relaxed SIMD. Reproducible: the same sources and compiler give the same bytes.
//
//   node scripts/build-kernels.mjs [folder]      (default: dist/kernels)

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const entry = "src/engine/wasm/assembly/index.ts";
// The largest memory is that of tfjs-backend-wasm: without it the import could not be declared as shared for threads.
const MEMORY = ["--importMemory", "--initialMemory", "0", "--maximumMemory", "65536"];
const COMMON = [...MEMORY, "--runtime", "stub", "--enable", "simd", "-O3", "--noAssert"];
const BUILDS = [
  { name: "simd", flags: [] },
  { name: "relaxed", flags: ["--enable", "relaxed-simd"] },
];

/** Number of data segments of a wasm module: section 11 holds them. */
function dataSegments(bytes) {
  let at = 8;
  const readUnsigned = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const length = readUnsigned();
    if (section === 11) return readUnsigned();
    at += length;
  }
  return 0;
}

process.chdir(root);
const folder = process.argv[2] ?? "dist/kernels";
mkdirSync(folder, { recursive: true });
for (const { name, flags } of BUILDS) {
  const file = `${folder}/${name}.wasm`;
  const { error, stderr } = await asc.main([entry, "-o", file, ...COMMON, ...flags]);
  if (error) {
    console.error(`${entry} (${name}): ${error.message}\n${stderr.toString()}`);
    process.exit(1);
  }
  const bytes = readFileSync(file);
  if (dataSegments(bytes) > 0) {
    console.error(
      `${file}: the module has static data, which would overwrite the memory of TensorFlow.js. Use no static arrays or strings.`,
    );
    process.exit(1);
  }
  const digest = createHash("sha256").update(bytes).digest("hex");
  writeFileSync(`${file}.sha256`, `${digest}\n`);
  console.log(`${file}  ${bytes.length} bytes  sha256 ${digest.slice(0, 16)}`);
}
