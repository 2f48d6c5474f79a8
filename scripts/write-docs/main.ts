// npm run docs: writes the parts of documents that come from published records and from code.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "#host/package";
import { writtenDocuments } from "./documents.ts";

for (const [path, text] of await writtenDocuments()) {
  const file = join(packageRoot(), path);
  const isNew = readFileSync(file, "utf8") !== text;
  if (isNew) writeFileSync(file, text);
  console.log(`${path}: ${isNew ? "written" : "up to date"}`);
}
