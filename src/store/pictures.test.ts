import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPicture } from "./pictures.ts";

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

test("PNG files are read; anything else, too large, missing or reached by a link out of the folder is no picture", () => {
  const top = mkdtempSync(join(tmpdir(), "pictures-"));
  const folder = join(top, "run");
  mkdirSync(folder);
  const put = (name: string, content: Buffer): void => writeFileSync(join(folder, name), content);
  put("a.png", PNG);
  put("b.png", Buffer.from("<svg onload=alert(1)>"));
  put("c.png", Buffer.concat([PNG, Buffer.alloc(2 ** 21)]));
  writeFileSync(join(top, "d.png"), PNG);
  symlinkSync("../d.png", join(folder, "d.png"));
  expect(readPicture(folder, "a.png")).toEqual(PNG);
  for (const name of ["b.png", "c.png", "d.png", "../d.png", "nowhere.png"])
    expect(readPicture(folder, name), name).toBeUndefined();
  rmSync(top, { recursive: true });
});
