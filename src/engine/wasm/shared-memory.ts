// Memory that several threads see. The build of tfjs-backend-wasm for one thread says of its memory only that it is not shared;
// with that one bit changed it runs as before, its memory is a SharedArrayBuffer, and kernels of our own work on its tensors in place
// from any thread. No code of either module changes, and nothing is copied. (The build of tfjs for several threads does not start in Node.)

import { HarnessError } from "#base/errors";

type Bytes = Uint8Array<ArrayBuffer>;

/** Also where a page has no SharedArrayBuffer to compare with. */
export function isShared({ buffer }: WebAssembly.Memory): boolean {
  return Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
}

const IMPORTS = 2;
const MEMORIES = 5;
/** Kinds of what a module imports. */
const [FUNCTION, TABLE, MEMORY] = [0, 1, 2] as const;
/** Flags of a memory's limits. */
const [HAS_LARGEST, HAS_LARGEST_AND_IS_SHARED] = [1, 3] as const;

/** Reads the binary format of WebAssembly, from a place on. */
class Reader {
  readonly #bytes: Bytes;
  at: number;

  constructor(bytes: Bytes, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  /** an unsigned number in LEB128 */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  skipName(): void {
    const length = this.number();
    this.at += length;
  }

  skipLimits(): void {
    const flags = this.number();
    this.number();
    if ((flags & 1) !== 0) this.number();
  }
}

/**
 * A copy of a module that declares the memory it has or imports as shared.
 *
 * @throws {HarnessError} `E_WASM` it has no memory of a kind that can be shared: one with a largest size, not shared already
 */
export function withSharedMemory(module: Bytes): Bytes {
  const at = flagsOfMemory(module);
  if (at === undefined || module[at] !== HAS_LARGEST)
    throw new HarnessError(
      "E_WASM",
      `a WebAssembly module that threads are to share must have one memory with a largest size, not shared yet; it has ${at === undefined ? "none" : `one with flags ${module[at]}`}. Is it another version of its package?`,
    );
  const copy = module.slice();
  copy[at] = HAS_LARGEST_AND_IS_SHARED;
  return copy;
}

/** Where the flags of the module's memory are. */
function flagsOfMemory(module: Bytes): number | undefined {
  const reader = new Reader(module, 8);
  while (!reader.isAtEnd) {
    const section = reader.number();
    const length = reader.number();
    const end = reader.at + length;
    const found = section === IMPORTS ? importedMemory(reader) : section === MEMORIES ? ownMemory(reader) : undefined;
    if (found !== undefined) return found;
    reader.at = end;
  }
  return undefined;
}

function ownMemory(reader: Reader): number | undefined {
  return reader.number() === 0 ? undefined : reader.at;
}

function importedMemory(reader: Reader): number | undefined {
  for (let left = reader.number(); left > 0; left--) {
    reader.skipName();
    reader.skipName();
    const kind = reader.number();
    if (kind === MEMORY) return reader.at;
    if (kind === FUNCTION) reader.number();
    else {
      reader.number(); // the type of a table's elements, or of a global
      if (kind === TABLE) reader.skipLimits();
      else reader.number();
    }
  }
  return undefined;
}
