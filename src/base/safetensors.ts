// The safetensors format: 8 bytes of header length, a JSON header, then the raw little-endian data.
// Nothing read is trusted: every size is checked before memory is taken.

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

/** Bytes to read from: a file, or what stands for one. */
export interface ByteSource {
  /** names it in errors */
  readonly path: string;
  readonly size: number;
  /** @throws an error of the source when it ends before */
  read(position: number, length: number): Uint8Array<ArrayBuffer>;
}

/** Where a tensor lies in a file. */
export interface StoredTensor {
  readonly dtype: keyof typeof BYTES;
  readonly shape: readonly number[];
  /** of its first byte, from the start of the file */
  readonly position: number;
}

export interface SafetensorsIndex {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** What is read of the format's types. */
const BYTES = { F32: 4, I32: 4, I64: 8 } as const;

/**
 * The tensors of a file by name, without reading them: for files that do not fit into memory.
 *
 * @throws {DataError} as `parseSafetensors`; types other than F32, I32 and I64
 */
export function parseIndex(source: ByteSource): SafetensorsIndex {
  const { metadata, entries, start } = describe(source);
  const tensors = entries.map(
    ([name, { dtype, shape, data_offsets }]) =>
      [name, { dtype: knownType(source.path, name, dtype), shape, position: start + data_offsets[0] }] as const,
  );
  return { metadata, tensors: new Map(tensors) };
}

function knownType(path: string, name: string, dtype: string): keyof typeof BYTES {
  if (!(dtype in BYTES))
    throw new DataError(path, `tensor "${name}" is ${dtype}; ${Object.keys(BYTES).join(", ")} are read`);
  return dtype as keyof typeof BYTES;
}

/** The header, checked against the size of the file, and where the data start. */
function describe(source: ByteSource) {
  const { path, size } = source;
  if (size < 8) throw new DataError(path, `not a safetensors file: ${size} bytes, at least 8 expected`);
  const headerLength = Number(new DataView(source.read(0, 8).buffer).getBigUint64(0, true));
  if (headerLength > Math.min(HEADER_LIMIT, size - 8)) {
    throw new DataError(path, `header of ${headerLength} bytes does not fit into a file of ${size} bytes`);
  }
  const { metadata, entries } = parseHeader(path, new TextDecoder().decode(source.read(8, headerLength)));
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

/**
 * Reads float32 tensors.
 *
 * @throws {DataError} malformed, overlapping offsets, or another dtype than F32
 */
export function parseSafetensors(source: ByteSource): SafetensorsFile {
  const { metadata, entries, start } = describe(source);
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    if (dtype !== "F32") throw new DataError(source.path, `tensor "${name}" is ${dtype}; only F32 is read`);
    const [begin, end] = data_offsets;
    const bytes = new DataView(source.read(start + begin, end - begin).buffer);
    const data = new Float32Array((end - begin) / 4);
    for (let i = 0; i < data.length; i++) data[i] = bytes.getFloat32(4 * i, true);
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
