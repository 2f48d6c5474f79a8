// The safetensors format: 8 bytes of header length, a JSON header, then the raw little-endian data.
// Nothing read is trusted: every size is checked before memory is taken.

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { z } from "zod";
import { DataError, describeError } from "./errors.ts";

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}

const HEADER_LIMIT = 100 * 2 ** 20; // the limit of the reference implementation

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/**
 * Reads a safetensors file of float32 tensors.
 *
 * @throws {DataError} missing, truncated, malformed, overlapping offsets, or another dtype than F32
 */
export function readSafetensors(path: string): SafetensorsFile {
  return withFile(path, (file, size) => parse(path, file, size));
}

/** Bytes of a file from a position on. @throws {DataError} it ends before */
export function readBytes(path: string, position: number, length: number): Buffer {
  return withFile(path, (file) => read(path, file, position, length));
}

function withFile<T>(path: string, use: (file: number, size: number) => T): T {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe without a writer would block
  } catch (error) {
    throw new DataError(path, `cannot be opened (${describeError(error)})`, {}, { cause: error });
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw new DataError(path, "is no regular file");
    return use(file, status.size);
  } finally {
    closeSync(file);
  }
}

/** Where a tensor lies in a file. */
export interface StoredTensor {
  readonly dtype: keyof typeof BYTES;
  readonly shape: readonly number[];
  /** of its first byte, from the start of the file */
  readonly position: number;
}

/** What is read of the format's types. */
const BYTES = { F32: 4, I32: 4, I64: 8 } as const;

/**
 * The tensors of a file by name, without reading them: for files that do not fit into memory.
 *
 * @throws {DataError} as `readSafetensors`; types other than F32, I32 and I64
 */
export function indexSafetensors(path: string): {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
} {
  return withFile(path, (file, size) => {
    const { metadata, entries, start } = describe(path, file, size);
    return {
      metadata,
      tensors: new Map(
        entries.map(([name, { dtype, shape, data_offsets }]) => [
          name,
          { dtype: knownType(path, name, dtype), shape, position: start + data_offsets[0] },
        ]),
      ),
    };
  });
}

function knownType(path: string, name: string, dtype: string): keyof typeof BYTES {
  if (!(dtype in BYTES))
    throw new DataError(path, `tensor "${name}" is ${dtype}; ${Object.keys(BYTES).join(", ")} are read`);
  return dtype as keyof typeof BYTES;
}

/** The header, checked against the size of the file, and where the data start. */
function describe(path: string, file: number, size: number) {
  if (size < 8) throw new DataError(path, `not a safetensors file: ${size} bytes, at least 8 expected`);
  const headerLength = Number(read(path, file, 0, 8).readBigUInt64LE());
  if (headerLength > Math.min(HEADER_LIMIT, size - 8)) {
    throw new DataError(path, `header of ${headerLength} bytes does not fit into a file of ${size} bytes`);
  }
  const { metadata, entries } = parseHeader(path, read(path, file, 8, headerLength).toString("utf8"));
  const dataSize = size - 8 - headerLength;
  let covered = 0;
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const [begin, end] = data_offsets;
    const count = shape.reduce((product, axis) => product * axis, 1);
    if (begin !== covered || end - begin !== BYTES[knownType(path, name, dtype)] * count || end > dataSize) {
      throw new DataError(
        path,
        `tensor "${name}" claims bytes ${begin} to ${end} of ${dataSize}, shape [${shape.join(", ")}]`,
      );
    }
    covered = end;
  }
  if (covered !== dataSize)
    throw new DataError(path, `holds ${dataSize} bytes of data, its header describes ${covered}`);
  return { metadata, entries, start: 8 + headerLength };
}

function parse(path: string, file: number, size: number): SafetensorsFile {
  const { metadata, entries, start } = describe(path, file, size);
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    if (dtype !== "F32") throw new DataError(path, `tensor "${name}" is ${dtype}; only F32 is read`);
    const [begin, end] = data_offsets;
    const bytes = read(path, file, start + begin, end - begin);
    const data = new Float32Array((end - begin) / 4);
    for (let i = 0; i < data.length; i++) data[i] = bytes.readFloatLE(4 * i);
    tensors.set(name, { shape, data });
  }
  return { metadata, tensors };
}

function parseHeader(path: string, text: string) {
  try {
    const header = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    const twice = repeatedKey(text);
    if (twice !== undefined) throw new Error(`the name "${twice}" stands in it twice`);
    const metadata = z.record(z.string(), z.string()).parse(header["__metadata__"] ?? {});
    const entries = Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(([name, entry]) => [name, entrySchema.parse(entry)] as const)
      .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
    return { metadata, entries };
  } catch (error) {
    throw new DataError(path, `its safetensors header is not valid (${describeError(error)})`, {}, { cause: error });
  }
}

/** A key that one object of this valid JSON has twice: of two tensors of a name JSON.parse keeps the last in silence. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  let last: string | undefined;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}:]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token !== ":") last = JSON.parse(token) as string;
    else {
      const keys = open.at(-1)!;
      if (keys.has(last!)) return last;
      keys.add(last!);
    }
  }
  return undefined;
}

function read(path: string, file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const found = readSync(file, buffer, 0, length, position);
  if (found !== length) throw new DataError(path, `truncated: ${length} bytes expected at ${position}, ${found} found`);
  return buffer;
}

/** The bytes of a safetensors file; tensors are stored in the order given. */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, NamedTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + bytes.length] };
    parts.push(bytes);
    offset += bytes.length;
  }
  const json = JSON.stringify(header);
  const padding = " ".repeat((8 - (Buffer.byteLength(json) % 8)) % 8); // data starts at a multiple of 8
  const text = Buffer.from(json + padding, "utf8");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...parts]);
}
