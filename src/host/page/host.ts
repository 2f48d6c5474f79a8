// A page, or a worker of one, as the host: its files are texts in memory, it has no processes, and of the package only what
// was handed to it before.

import { FileError, type Host } from "../host.ts";
import { clockResolution, cores, machineFacts, UNNAMED, userAgent } from "./facts.ts";
import { pageFiles } from "./files.ts";

/** What is known of this copy of the package when it is bundled. */
export interface PageAbout {
  /** of installed packages that are asked for by name */
  readonly installed: Readonly<Record<string, string>>;
  /** as records keep them */
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: { readonly gitCommit?: string; readonly gitDirty?: boolean };
}

/** What a page is given before it starts an engine. */
export interface PageAssets {
  /** address of the folder with the files that `resolve` means, ending with a slash */
  readonly base: string;
  /** files of this package by their paths from package.json, and of others by package and file */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly about: PageAbout;
}

let assets: PageAssets | undefined;

/** To be called once, before anything asks for a file of the package. */
export function useAssets(given: PageAssets): void {
  assets = given;
}

function given(): PageAssets {
  if (assets === undefined) throw new Error("the page was not given its files: call useAssets first");
  return assets;
}

function fileOf(path: string): Uint8Array<ArrayBuffer> {
  const file = given().files.get(path);
  if (file === undefined) throw new FileError("is no part of this page", { isMissing: true });
  return file;
}

/** Timers wait 4 ms after a few of them; a message to oneself does not. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

export const pageHost: Host = {
  title: userAgent,
  packages: {
    ownFile: fileOf,
    sourceOf: (name, file) => new TextDecoder().decode(fileOf(`${name}/${file}`)),
    resolve: (specifier) => given().base + pageFiles.basename(specifier),
    version(name) {
      const version = given().about.installed[name];
      if (version === undefined) throw new Error(`the page does not know the version of ${name}`);
      return version;
    },
    versions: () => ({ ...given().about.versions }),
    commit: () => given().about.commit,
  },
  allowRelaxedSimd: () => undefined, // on by default wherever a browser has it
  variable: () => undefined,
  files: pageFiles,
  processes: {
    own: { pid: 0, host: "page" },
    isAlive: () => false,
    outputOf: () => undefined,
    turn,
    onAskedToEnd: () => undefined,
  },
  machine: {
    get facts() {
      return machineFacts();
    },
    processor: UNNAMED,
    cores,
    memoryBytes: 0, // a browser does not tell it
    loadAverage: () => [],
    clockResolution,
    residentBytes: () => undefined,
    resetPeak: () => undefined,
    addressSpaceLimit: () => undefined,
  },
};
