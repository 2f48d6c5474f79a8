// In project `tensor` for its time, not for an engine: it reads every published record.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { writtenDocuments } from "./documents.ts";

test("the written parts of the documents are up to date (npm run docs)", async () => {
  for (const [path, text] of await writtenDocuments())
    expect(readFileSync(join(packageRoot(), path), "utf8"), path).toBe(text);
});
