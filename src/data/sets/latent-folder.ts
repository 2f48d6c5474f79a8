// Data sets of latents in safetensors files, as an autoencoder wrote them: too large to be held, so that headers and
// labels are read at first, and latents when a batch asks for them.

import { join } from "node:path";
import { DataError } from "#base/errors";
import type { StoredTensor } from "#base/safetensors";
import { indexSafetensors, readBytes } from "#host/safetensors";
import type { Finding } from "../source.ts";
import { namesIn } from "./content.ts";
import type { Found, LatentData, LatentDataset, LatentSplit } from "./dataset.ts";
import { damaged, notHere } from "./file-set.ts";

export interface LatentFolderDeclaration extends Pick<
  LatentDataset,
  "id" | "title" | "provenance" | "licence" | "classes"
> {
  readonly byHand: string;
  /** as stored, without the count: channels, rows, columns */
  readonly stored: readonly [channels: number, rows: number, columns: number];
  /** latents of the complete splits, one per image */
  readonly counts: { readonly train: number; readonly val: number };
}

/** One file: where its latents lie, and the number of its first one in the split. */
interface Shard {
  readonly path: string;
  readonly first: number;
  readonly count: number;
  readonly latents: StoredTensor;
}

const SPLITS = ["train", "val"] as const;

/** A data set in `dataDir/<id>/train|val/*.safetensors`, each with `latents` F32 [n, channels, rows, columns] and `labels` I64 or I32 [n]. */
export function latentFolderDataset(declaration: LatentFolderDeclaration): LatentDataset {
  const { id, title, provenance, licence, classes, stored, counts, byHand } = declaration;
  const layout = `${id}/train/*.safetensors and ${id}/val/*.safetensors, each with \`latents\` F32 [n, ${stored.join(", ")}] and \`labels\` I64 or I32 [n]`;
  const missing = (dataDir: string) => SPLITS.filter((split) => shardNames(join(dataDir, id, split)).length === 0);
  const find = (dataDir: string | undefined): Found => {
    if (dataDir === undefined) return notHere(title, "no data folder given (--data-dir)");
    const gaps = missing(dataDir);
    if (gaps.length === 0) return { available: true, label: title };
    return notHere(title, `no .safetensors in ${gaps.join(" and ")} of ${join(dataDir, id)}; expected: ${layout}`);
  };
  const open = (dataDir: string, split: "train" | "val") => openSplit(join(dataDir, id, split), declaration);
  const check = (dataDir: string): Finding[] => {
    const gaps = missing(dataDir);
    if (gaps.length === SPLITS.length) return [];
    return SPLITS.map((split) => {
      const path = `${id}/${split}`;
      if (gaps.includes(split)) return { path, verdict: "missing", detail: `expected: ${layout}` };
      try {
        return checkSplit(path, open(dataDir, split), counts[split]);
      } catch (error) {
        return damaged(path, error);
      }
    });
  };
  return {
    id,
    title,
    kind: "latents",
    synthetic: false,
    provenance,
    licence,
    classes,
    latentShape: [stored[1], stored[2], stored[0]],
    source: { id, folders: [id], layout, downloads: [], byHand, check: (dataDir) => Promise.resolve(check(dataDir)) },
    find,
    load(dataDir): LatentData {
      const found = find(dataDir);
      if (!found.available) throw new DataError(join(dataDir ?? ".", id), `${title} is not here: ${found.reason}`);
      const [train, test] = [open(dataDir!, "train"), open(dataDir!, "val")];
      const isWhole = train.count >= counts.train && test.count === counts.val;
      const label = isWhole ? title : `${title} (${train.count} train, ${test.count} val)`;
      return { label, synthetic: false, train, test };
    },
  };
}

/** Reads every value. */
function checkSplit(path: string, { count, values }: LatentSplit, official: number): Finding {
  for (let number = 0; number < count; number++) values([number]); // throws where one is no number
  // Mirrored images may stand beside the others.
  const isComplete = count === official || count === 2 * official;
  const whole = isComplete ? "" : `; the complete split has ${official}`;
  return { path, verdict: isComplete ? "ok" : "subset", detail: `${count} latents are sound${whole}` };
}

function shardNames(folder: string): string[] {
  return namesIn(folder).filter((name) => name.endsWith(".safetensors"));
}

function openSplit(folder: string, { stored, classes }: LatentFolderDeclaration): LatentSplit {
  const shards: Shard[] = [];
  const labels: number[] = [];
  for (const name of shardNames(folder)) {
    const path = join(folder, name);
    const { latents, count, own } = openShard(path, stored, classes.length);
    shards.push({ path, first: labels.length, count, latents });
    for (const label of own) labels.push(label);
  }
  if (labels.length === 0) throw new DataError(folder, "its files hold no latents");
  return {
    count: labels.length,
    labels: Uint16Array.from(labels),
    values: (numbers) => readLatents(shards, stored, numbers),
  };
}

function openShard(
  path: string,
  stored: readonly number[],
  classes: number,
): { latents: StoredTensor; count: number; own: number[] } {
  const { tensors } = indexSafetensors(path);
  const [latents, labels] = [tensors.get("latents"), tensors.get("labels")];
  const found = (tensor: StoredTensor | undefined) =>
    tensor === undefined ? "none" : `${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (
    latents === undefined ||
    latents.dtype !== "F32" ||
    latents.shape.length !== 4 ||
    latents.shape.slice(1).join() !== stored.join()
  ) {
    throw new DataError(path, `tensor "latents" must be F32 [n, ${stored.join(", ")}], found ${found(latents)}`);
  }
  const count = latents.shape[0]!;
  if (labels === undefined || labels.dtype === "F32" || labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new DataError(path, `tensor "labels" must be I64 or I32 [${count}], one per latent, found ${found(labels)}`);
  }
  const bytes = readBytes(path, labels.position, count * (labels.dtype === "I64" ? 8 : 4));
  const own = Array.from({ length: count }, (_, i) =>
    labels.dtype === "I64" ? Number(bytes.readBigInt64LE(8 * i)) : bytes.readInt32LE(4 * i),
  );
  const wrong = own.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) throw new DataError(path, `label ${own[wrong]} of latent ${wrong} is outside 0 to ${classes - 1}`);
  return { latents, count, own };
}

/** Channels come first in the files and last in models. */
function readLatents(
  shards: readonly Shard[],
  [channels, rows, columns]: LatentFolderDeclaration["stored"],
  numbers: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const [cells, size] = [rows * columns, channels * rows * columns];
  const values = new Float32Array(numbers.length * size);
  for (let item = 0; item < numbers.length; item++) {
    const number = numbers[item]!;
    const shard = shards.find(({ first, count }) => number >= first && number < first + count);
    if (shard === undefined) throw new RangeError(`there is no latent ${number}`);
    const bytes = readBytes(shard.path, shard.latents.position + 4 * size * (number - shard.first), 4 * size);
    for (let i = 0; i < size; i++) {
      const value = bytes.readFloatLE(4 * i);
      if (!Number.isFinite(value))
        throw new DataError(
          shard.path,
          `latent ${number - shard.first} holds ${value}, which is no number to train on`,
        );
      values[item * size + (i % cells) * channels + Math.floor(i / cells)] = value;
    }
  }
  return values;
}
