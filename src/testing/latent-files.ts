// Files of latents for tests, byte by byte: the encoder of the harness writes no integers.

export interface StoredLatents {
  readonly latents?: ArrayLike<number>;
  readonly labels?: readonly number[];
  readonly shape: readonly number[];
  readonly labelType?: "I64" | "I32" | "F32";
}

/** A safetensors file with `latents` F32 and `labels`. */
export function latentFile({ latents = [], labels = [], shape, labelType = "I64" }: StoredLatents): Buffer {
  const width = labelType === "I64" ? 8 : 4;
  const end = 4 * latents.length;
  const header = JSON.stringify({
    latents: { dtype: "F32", shape, data_offsets: [0, end] },
    labels: { dtype: labelType, shape: [labels.length], data_offsets: [end, end + width * labels.length] },
  });
  const data = Buffer.alloc(end + width * labels.length);
  for (let i = 0; i < latents.length; i++) data.writeFloatLE(latents[i]!, 4 * i);
  labels.forEach((label, i) =>
    labelType === "I64" ? data.writeBigInt64LE(BigInt(label), end + 8 * i) : data.writeInt32LE(label, end + 4 * i),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), data]);
}
