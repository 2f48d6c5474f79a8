// Takes the place of runner/code-hash.ts in what a page loads: the hashes that Node has taken of the same code when it was
// bundled. A case has one code, wherever it runs.

import type { codeHash as hashInNode } from "#runner/code-hash";

let hashes: Readonly<Record<string, string>> = {};

/** To be called once, before anything is planned. @param given by `work engine` */
export function useCodeHashes(given: Readonly<Record<string, string>>): void {
  hashes = given;
}

export const codeHash: typeof hashInNode = ({ kind, engine }) => {
  const hash = hashes[`${kind} ${engine}`];
  if (hash === undefined) throw new Error(`the page does not know the code of ${kind} on engine ${engine}`);
  return hash;
};
