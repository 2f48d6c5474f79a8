import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { programsOfPackage } from "./given.ts";
import { manifestJsonSchema } from "./manifest.ts";

test("the schema that is published is that of the manifest: `contender schema` writes it", () => {
  const published: unknown = JSON.parse(
    readFileSync(join(packageRoot(), "contenders", "contender.schema.json"), "utf8"),
  );
  expect(published).toEqual(JSON.parse(JSON.stringify(manifestJsonSchema())));
});

test("every contender of the package has a manifest that reads", () => {
  expect(programsOfPackage().map(({ manifest }) => manifest.name)).toContain("pytorch");
});
