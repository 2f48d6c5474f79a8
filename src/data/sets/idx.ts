// The idx format of MNIST: a magic number, the sizes as big-endian 32-bit integers, then unsigned bytes.

import { DataError } from "#base/errors";
import { checkSha256, readContent } from "./content.ts";

export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

export interface IdxExpectation {
  /** most items along the first axis */
  readonly mostItems: number;
  /** sizes of the other axes */
  readonly itemShape: readonly number[];
  readonly sha256?: string | undefined;
}

/**
 * Reads an idx file of unsigned bytes, plain or gzipped.
 *
 * @throws {DataError} missing, truncated, too long, another type or shape, or a wrong checksum
 */
export function readIdx(path: string, expected: IdxExpectation): IdxArray {
  const { mostItems, itemShape } = expected;
  const dimensions = 1 + itemShape.length;
  const itemSize = itemShape.reduce((product, axis) => product * axis, 1);
  const headerSize = 4 + 4 * dimensions;
  const { bytes, truncated } = readContent(path, headerSize + mostItems * itemSize);
  if (bytes.length < headerSize) {
    throw new DataError(path, `truncated: an idx header has ${headerSize} bytes, found ${bytes.length}`, {
      expected: headerSize,
      found: bytes.length,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== 0x0800 + dimensions) {
    throw new DataError(
      path,
      `not an idx file of bytes with ${dimensions} dimensions: magic number ${magic}, expected ${0x0800 + dimensions}`,
    );
  }
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (itemShape.some((size, axis) => size !== shape[axis + 1])) {
    throw new DataError(path, `items are [${shape.slice(1).join(", ")}], expected [${itemShape.join(", ")}]`);
  }
  const size = headerSize + shape[0]! * itemSize;
  if (bytes.length !== size || truncated) {
    const what = bytes.length < size || truncated ? "truncated" : "too long";
    throw new DataError(path, `${what}: ${shape[0]} items take ${size} bytes, found ${bytes.length}`, {
      expected: size,
      found: bytes.length,
    });
  }
  checkSha256(path, bytes, expected.sha256);
  return { shape, values: bytes.subarray(headerSize) };
}
