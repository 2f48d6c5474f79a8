// The modules that a module needs, followed through its imports, and what each says: its words without comments and white space.
// Reads the program as it runs: compiled JavaScript, or TypeScript in tests.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import jsTokens from "js-tokens";
import { z } from "zod";
import { shortHash } from "#base/json";

interface Module {
  /** the words; in the place of an imported module stands where it was found */
  readonly words: readonly (string | { readonly imported: string })[];
  /** files imported, resolved; and packages by name */
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

export interface GraphOptions {
  /** the folder that `#…` stands for */
  readonly root: string;
  /** the ending of the program's own files */
  readonly extension: ".js" | ".ts";
  /** modules that are left out with all that only they need; `path` is relative to the root, without its ending */
  readonly isLeftOut: (path: string) => boolean;
}

/**
 * One hash of all modules that the entries reach, and of the versions of the packages that these import. Files count by what they say:
 * comments, formatting, names and folders of files do not, but it counts which of them imports which.
 */
export function hashOfGraph(entries: readonly string[], options: GraphOptions): string {
  const { modules, packages } = graphOf(entries, options);
  const alone = new Map([...modules].map(([file, { words }]) => [file, shortHash(textOf(words, () => "import"))]));
  const linked = [...modules.values()].map(({ words }) =>
    shortHash(textOf(words, (file) => alone.get(file) ?? "left out")),
  );
  return shortHash([...linked.sort(), ...[...packages].sort().map(versionOf)].join("\n"));
}

/** Paths of the modules that count, relative to the root and without their ending, and the packages they import. */
export function modulesOf(entries: readonly string[], options: GraphOptions): { files: string[]; packages: string[] } {
  const { modules, packages } = graphOf(entries, options);
  const files = [...modules.keys()].map((file) => pathOf(file, options));
  return { files: files.sort(), packages: [...packages].sort() };
}

function graphOf(entries: readonly string[], options: GraphOptions) {
  const modules = new Map<string, Module>();
  const packages = new Set<string>();
  const open = entries.map((entry) => join(options.root, `${entry}${options.extension}`));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (modules.has(file) || options.isLeftOut(pathOf(file, options))) continue;
    const module = readModule(file, options);
    modules.set(file, module);
    open.push(...module.files);
    for (const name of module.packages) packages.add(name);
  }
  return { modules, packages };
}

function pathOf(file: string, { root, extension }: GraphOptions): string {
  return file.slice(root.length + 1, -extension.length);
}

function textOf(words: Module["words"], nameOf: (file: string) => string): string {
  return words.map((word) => (typeof word === "string" ? word : nameOf(word.imported))).join(" ");
}

/** Packages whose version changes no result: they check and describe. */
const PACKAGES_WITHOUT_EFFECT = new Set(["zod", "execa"]);

const cache = new Map<string, Module>();

function readModule(file: string, options: GraphOptions): Module {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const tokens = wordsOf(readFileSync(file, "utf8"));
  const [words, files, packages]: [Module["words"][number][], string[], string[]] = [[], [], []];
  for (const [index, word] of tokens.entries()) {
    const specifier = isSpecifier(tokens, index) ? word.slice(1, -1) : undefined;
    const target = specifier === undefined ? undefined : resolveFile(specifier, file, options);
    if (target !== undefined) files.push(target);
    else if (specifier !== undefined) packages.push(packageName(specifier));
    words.push(target === undefined ? word : { imported: target });
  }
  const module = {
    words,
    files,
    packages: packages.filter((name) => !name.startsWith("node:") && !PACKAGES_WITHOUT_EFFECT.has(name)),
  };
  cache.set(file, module);
  return module;
}

const DROPPED = new Set([
  "WhiteSpace",
  "LineTerminatorSequence",
  "SingleLineComment",
  "MultiLineComment",
  "HashbangComment",
]);
const ADDRESS = /^["'`]https?:\/\//;

/**
 * The words of a text in JavaScript, TypeScript, or C++ (near enough). Comments, white space and addresses of downloads do not count,
 * with the comma before an address: another mirror is no other data.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const { type, value } of jsTokens(text)) {
    if (DROPPED.has(type)) continue;
    if (!ADDRESS.test(value)) words.push(value);
    else if (words.at(-1) === ",") words.pop();
  }
  return words;
}

/** A text after `from`, `import` or `import(` names a module. */
function isSpecifier(tokens: readonly string[], index: number): boolean {
  if (!/^["']/.test(tokens[index]!)) return false;
  const before = tokens[index - 1];
  return before === "from" || before === "import" || (before === "(" && tokens[index - 2] === "import");
}

/** The program's own file behind a name; undefined for a package. */
function resolveFile(specifier: string, importer: string, { root, extension }: GraphOptions): string | undefined {
  if (specifier.startsWith("#")) return join(root, `${specifier.slice(1)}${extension}`);
  return specifier.startsWith(".") ? resolve(dirname(importer), specifier) : undefined;
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

const require = createRequire(import.meta.url);
const versionSchema = z.looseObject({ version: z.string() });

/** `tinybench 6.2.3`, as installed; a package that is not here has no version. */
function versionOf(name: string): string {
  const manifest = (require.resolve.paths(name) ?? [])
    .map((folder) => join(folder, name, "package.json"))
    .find(existsSync);
  if (manifest === undefined) return `${name} absent`;
  return `${name} ${versionSchema.parse(JSON.parse(readFileSync(manifest, "utf8"))).version}`;
}
