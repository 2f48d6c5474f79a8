// Data sets that lie in a few files of known names. One declaration says which files there are and how each is read; from
// it follow what is here, the label, loading, checking, and the layout that messages print.
//
// A file stands under its official name or as a subset, whose word stands where the name is cut: `train` + `.tsv` is also
// `train.first100.tsv`. Each may end in `.gz`.

import { join } from "node:path";
import { DataError } from "#base/errors";
import type { DataSource, Finding } from "../source.ts";
import { namesIn } from "./content.ts";
import type { Found } from "./dataset.ts";
import { labelWith, partOf } from "./part-label.ts";

export interface SetFile {
  /** "train" of `train.tsv` */
  readonly stem: string;
  /** ".tsv" of `train.tsv` */
  readonly ending: string;
  readonly split: string;
  /** of the content after gunzip, where the official file is known; subsets are not held to it */
  readonly sha256?: string | undefined;
  /** the set can do without it, or `anyOf` asks for it */
  readonly isOptional?: boolean;
}

export interface ReadFile<C> {
  readonly path: string;
  readonly content: C;
}

export interface FileSetDeclaration<C, D> extends Pick<DataSource, "id" | "folders" | "downloads" | "byHand"> {
  readonly title: string;
  readonly files: readonly SetFile[];
  /** one of these splits is enough */
  readonly anyOf?: readonly string[];
  /** all files of a split belong together: the official ones, or those of one subset */
  readonly isPaired?: boolean;
  /** items of the official splits, by split; fewer are named in the label */
  readonly official: Readonly<Record<string, number>>;
  /** what is counted */
  readonly unit: string;
  /** unit in labels: "train 5 of 10 rows" */
  readonly labelUnit?: string;
  /** @throws {DataError} damaged, or not what its name says */
  read(path: string, file: SetFile, sha256: string | undefined): C;
  count(content: C): number;
  /** parts that are not whole, as the label names them, and the splits that are here */
  labelOf?(parts: readonly string[], splits: ReadonlySet<string>): string;
  /**
   * The data of the files that are here, by split.
   *
   * @throws {DataError} files that do not fit each other
   */
  assemble(splits: ReadonlyMap<string, readonly ReadFile<C>[]>, label: string): D;
}

export interface FileSet<D> {
  readonly source: DataSource;
  find(dataDir: string | undefined): Found;
  /** @throws {DataError} a file is missing, damaged or not what its name says */
  load(dataDir: string | undefined): D;
}

/** A file that is here. */
interface Located {
  readonly file: SetFile;
  readonly path: string;
  /** the word that names a subset */
  readonly word: string | undefined;
}

interface Place {
  /** under the data folder */
  readonly folder: string;
  readonly located: readonly Located[];
  /** names of files that are needed and not here */
  readonly missing: readonly string[];
}

export function fileSet<C, D>(declaration: FileSetDeclaration<C, D>): FileSet<D> {
  const { id, title, folders, downloads, byHand } = declaration;
  const layout = layoutOf(declaration);
  const labelOf = declaration.labelOf ?? ((parts: readonly string[]) => labelWith(title, parts));
  const nameOf = (located: readonly Located[], parts: readonly (string | undefined)[]) =>
    labelOf(
      parts.filter((part) => part !== undefined),
      new Set(located.map(({ file }) => file.split)),
    );

  const assemble = (located: readonly Located[], contents: readonly C[]): D => {
    const bySplit = new Map<string, ReadFile<C>[]>();
    located.forEach(({ file, path }, i) => {
      bySplit.set(file.split, [...(bySplit.get(file.split) ?? []), { path, content: contents[i]! }]);
    });
    const parts = [...bySplit].map(([split, files]) => {
      const counts = files.map(({ content }) => declaration.count(content));
      const found = declaration.isPaired === true ? counts[0]! : counts.reduce((sum, count) => sum + count, 0);
      const official = declaration.official[split] ?? 0;
      return partOf(split, { subset: wordsOf(located, split), found, official, unit: declaration.labelUnit });
    });
    return declaration.assemble(bySplit, nameOf(located, parts));
  };
  const readOne = ({ file, path, word }: Located) =>
    declaration.read(path, file, word === undefined ? file.sha256 : undefined);

  const find = (dataDir: string | undefined): Found => {
    if (dataDir === undefined) return notHere(title, "no data folder given (--data-dir)");
    const { folder, located, missing } = placeOf(declaration, dataDir);
    if (missing.length > 0)
      return notHere(title, `no ${missing.join(", no ")} in ${join(dataDir, folder)}; expected: ${layout}`);
    const splits = [...new Set(located.map(({ file }) => file.split))];
    const parts = splits.map((split) => partOf(split, { subset: wordsOf(located, split), found: 1, official: 0 }));
    return { available: true, label: nameOf(located, parts) };
  };
  return {
    source: { id, folders, layout, downloads, byHand, check: (dataDir) => Promise.resolve(check(dataDir)) },
    find,
    load(dataDir) {
      const found = find(dataDir);
      if (!found.available)
        throw new DataError(join(dataDir ?? ".", folders[0]), `${title} is not here: ${found.reason}`);
      const { located } = placeOf(declaration, dataDir!);
      return assemble(located, located.map(readOne));
    },
  };

  function check(dataDir: string): Finding[] {
    const { folder, located, missing } = placeOf(declaration, dataDir);
    if (located.length === 0) return [];
    const contents: C[] = [];
    const findings = located.map((one): Finding => {
      const { file, word } = one;
      const path = one.path.slice(join(dataDir, "x").length - 1);
      try {
        const content = readOne(one);
        contents.push(content);
        const holds = `${declaration.count(content)} ${declaration.unit}`;
        if (word !== undefined) return { path, verdict: "subset", detail: `${word}: ${holds}` };
        const known =
          file.sha256 === undefined ? "no checksum of the official file is known" : "sha256 of the official file";
        return { path, verdict: "ok", detail: `${holds}; ${known}` };
      } catch (error) {
        return damaged(path, error);
      }
    });
    const gap =
      (verdict: "missing" | "absent", detail: string) =>
      (name: string): Finding => ({
        path: `${folder}/${name}`,
        verdict,
        detail,
      });
    findings.push(...missing.map(gap("missing", `expected: ${layout}`)));
    const optional = declaration.files.filter(
      (file) => file.isOptional === true && !located.some((one) => one.file === file),
    );
    findings.push(
      ...optional
        .map(({ stem, ending }) => `${stem}${ending}`)
        .filter((name) => !missing.includes(name))
        .map(gap("absent", "neither whole nor as a subset; the set can be read without it")),
    );
    if (missing.length > 0 || contents.length < located.length) return findings;
    try {
      assemble(located, contents);
      return findings;
    } catch (error) {
      return [...findings, damaged(folder, error)];
    }
  }
}

/** What a check says of a file that its loader refuses. @throws {unknown} anything but a DataError */
export function damaged(path: string, error: unknown): Finding {
  if (!(error instanceof DataError)) throw error;
  return { path, verdict: "damaged", detail: error.message };
}

export function notHere(label: string, reason: string): Found {
  return { available: false, label, reason };
}

/** The words that name the subsets of a split, where there are any. */
function wordsOf(located: readonly Located[], split: string): string | undefined {
  const words = located.filter(({ file }) => file.split === split).flatMap(({ word }) => word ?? []);
  return words.length === 0 ? undefined : [...new Set(words)].join(" ");
}

function layoutOf({
  folders: [first, ...others],
  files,
}: Pick<DataSource, "folders"> & { readonly files: readonly SetFile[] }): string {
  const names = files.map(({ stem, ending }) => `${first}/${stem}${ending}`).join(", ");
  const elsewhere = others.length === 0 ? "" : `, or in ${others.map((folder) => `${folder}/`).join(" or ")}`;
  const { stem, ending } = files[0]!;
  return `${names}${elsewhere}; each plain or .gz, a subset as ${subsetName(stem, "<word>", ending)}`;
}

function subsetName(stem: string, word: string, ending: string): string {
  return `${stem}${ending.startsWith("-") ? "-" : "."}${word}${ending}`;
}

/** The first folder that has the whole set, else the first that has something of it. */
function placeOf<C, D>(declaration: FileSetDeclaration<C, D>, dataDir: string): Place {
  const places = declaration.folders.map((folder) => placeIn(declaration, dataDir, folder));
  return (
    places.find(({ missing }) => missing.length === 0) ?? places.find(({ located }) => located.length > 0) ?? places[0]!
  );
}

function placeIn<C, D>(
  { files, anyOf = [], isPaired }: FileSetDeclaration<C, D>,
  dataDir: string,
  folder: string,
): Place {
  const names = namesIn(join(dataDir, folder));
  const candidates = new Map(files.map((file) => [file, candidatesOf(file, join(dataDir, folder), names)]));
  const located: Located[] = [];
  const missing: string[] = [];
  for (const file of files) {
    const own = candidates.get(file)!;
    const mates = files.filter(({ split }) => isPaired === true && split === file.split);
    const word = pairedWord(mates.map((mate) => candidates.get(mate)!));
    const chosen = mates.length === 0 ? own[0] : own.find((candidate) => candidate.word === word);
    if (chosen !== undefined) located.push(chosen);
    else if (file.isOptional !== true)
      missing.push(word === undefined ? `${file.stem}${file.ending}` : subsetName(file.stem, word, file.ending));
  }
  if (anyOf.length > 0 && !located.some(({ file }) => anyOf.includes(file.split)))
    missing.push(
      ...files
        .filter(({ split }) => anyOf.includes(split))
        .map(({ stem, ending }) => `${stem}${ending}`)
        .slice(0, 1),
    );
  return { folder, located, missing };
}

/** The word that all files of a split have, the official ones first; else the first there is. */
function pairedWord(mates: readonly (readonly Located[])[]): string | undefined {
  const words = mates.flat().map(({ word }) => word);
  return words.find((word) => mates.every((mate) => mate.some((other) => other.word === word))) ?? words[0];
}

/** Files that stand for this one, the official one before subsets. */
function candidatesOf(file: SetFile, folder: string, names: readonly string[]): Located[] {
  const [stem, ending] = [file.stem, file.ending].map((part) => part.replaceAll(".", "\\."));
  const pattern = new RegExp(`^${stem}(?:[.-](.+?))??${ending!.replace("-idx", "[-.]idx")}(?:\\.gz)?$`);
  return names
    .flatMap((name): Located[] => {
      const match = pattern.exec(name);
      return match === null ? [] : [{ file, path: join(folder, name), word: match[1] }];
    })
    .sort((a, b) => Number(a.word !== undefined) - Number(b.word !== undefined));
}
