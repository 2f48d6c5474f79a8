// The safetensors format: 8 bytes of header length, a JSON header, then the raw little-endian data.
// Nothing read is trusted: every size is checked before memory is taken.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
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
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw new DataError(path, `cannot be opened (${describeError(error)})`, {}, { cause: error });
  }
  try {
    return parse(path, file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

function parse(path: string, file: number, size: number): SafetensorsFile {
  if (size < 8) throw new DataError(path, `not a safetensors file: ${size} bytes, at least 8 expected`);
  const headerLength = Number(read(path, file, 0, 8).readBigUInt64LE());
  if (headerLength > Math.min(HEADER_LIMIT, size - 8)) {
    throw new DataError(path, `header of ${headerLength} bytes does not fit into a file of ${size} bytes`);
  }
  const { metadata, entries } = parseHeader(path, read(path, file, 8, headerLength).toString("utf8"));
  const dataSize = size - 8 - headerLength;
  const tensors = new Map<string, NamedTensor>();
  let covered = 0;
  for (const [name, entry] of entries) {
    const [begin, end] = entry.data_offsets;
    const count = entry.shape.reduce((product, axis) => product * axis, 1);
    if (entry.dtype !== "F32") throw new DataError(path, `tensor "${name}" is ${entry.dtype}; only F32 is read`);
    if (begin !== covered || end - begin !== 4 * count || end > dataSize) {
      throw new DataError(path, `tensor "${name}" claims bytes ${begin} to ${end} of ${dataSize}, shape [${entry.shape.join(", ")}]`);
    }
    const bytes = read(path, file, 8 + headerLength + begin, end - begin);
    const data = new Float32Array(count);
    for (let i = 0; i < count; i++) data[i] = bytes.readFloatLE(4 * i);
    tensors.set(name, { shape: entry.shape, data });
    covered = end;
  }
  if (covered !== dataSize) throw new DataError(path, `holds ${dataSize} bytes of data, its header describes ${covered}`);
  return { metadata, tensors };
}

function parseHeader(path: string, text: string) {
  try {
    const header = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    const metadata = z.record(z.string(), z.string()).parse(header["__metadata__"] ?? {});
    const entries = Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(([name, entry]) => [name, entrySchema.parse(entry)] as const)
      .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
    return { metadata, entries };
  } catch (error) {
    throw new DataError(path, `its safetensors header is not valid (${describeError(error)})`, {}, { cause: error });
  }
}

function read(path: string, file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const found = readSync(file, buffer, 0, length, position);
  if (found !== length) throw new DataError(path, `truncated: ${length} bytes expected at ${position}, ${found} found`);
  return buffer;
}

/** The bytes of a safetensors file; tensors are stored in the order given. */
export function encodeSafetensors(tensors: Iterable<readonly [string, NamedTensor]>, metadata: Readonly<Record<string, string>> = {}): Buffer {
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
