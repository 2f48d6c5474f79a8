// A page, or a worker of one, as the host: it has no files and no processes, and only those files of the package that were
// handed to it before.

import { FileError, type AppendFile, type Host, type Line } from "../host.ts";

/** What a page is given before it starts an engine. */
export interface PageAssets {
  /** address of the folder with the files that `resolve` means, ending with a slash */
  readonly base: string;
  /** files of this package, by their paths from package.json */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** of installed packages, by name */
  readonly versions: Readonly<Record<string, string>>;
}

/** The part of a browser's navigator that is used here: the compiler is told of Node's globals only. */
const { navigator } = globalThis as unknown as {
  readonly navigator: { readonly userAgent: string; readonly hardwareConcurrency: number };
};

let assets: PageAssets | undefined;

/** To be called once, before anything asks for a file of the package. */
export function useAssets(given: PageAssets): void {
  assets = given;
}

function given(): PageAssets {
  if (assets === undefined) throw new Error("the page was not given its files: call useAssets first");
  return assets;
}

function noFiles(): never {
  throw new FileError("cannot be used: a page has no files");
}

const lastPart = (path: string) => path.slice(path.lastIndexOf("/") + 1);

export const pageHost: Host = {
  title: navigator.userAgent,
  packages: {
    ownFile(path) {
      const file = given().files.get(path);
      if (file === undefined) throw new FileError("is no part of this page", { isMissing: true });
      return file;
    },
    resolve: (specifier) => given().base + lastPart(specifier),
    version(name) {
      const version = given().versions[name];
      if (version === undefined) throw new Error(`the page does not know the version of ${name}`);
      return version;
    },
  },
  allowRelaxedSimd: () => undefined, // on by default wherever a browser has it
  variable: () => undefined,
  files: {
    join: (...parts) => parts.join("/"),
    resolve: (...parts) => parts.join("/"),
    dirname: (path) => path.slice(0, Math.max(path.lastIndexOf("/"), 0)),
    basename: lastPart,
    kind: () => undefined,
    isInside: () => false,
    changedAt: noFiles,
    list: noFiles,
    readBytes: noFiles,
    readText: noFiles,
    lines: noFiles as () => Iterable<Line>,
    open: noFiles,
    write: noFiles,
    pack: noFiles,
    create: noFiles,
    appendTo: noFiles as () => AppendFile,
    copy: noFiles,
    makeFolder: noFiles,
    makeNewFolder: noFiles,
    remove: noFiles,
  },
  processes: {
    own: { pid: 0, host: "page" },
    isAlive: () => false,
    outputOf: () => undefined,
  },
  machine: {
    processor: "processor that the browser does not name",
    cores: navigator.hardwareConcurrency,
    memoryBytes: 0, // a browser does not tell it
    loadAverage: () => [],
    residentBytes: () => undefined,
    resetPeak: () => undefined,
    addressSpaceLimit: () => undefined,
  },
};
