import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPicture } from "./pictures.ts";

test("PNG files are read; anything else, too large or missing, is no picture", () => {
  const folder = mkdtempSync(join(tmpdir(), "pictures-"));
  const put = (name: string, content: Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
  expect(readPicture(put("a.png", png))).toEqual(png);
  expect(readPicture(put("b.png", Buffer.from("<svg onload=alert(1)>")))).toBeUndefined();
  expect(readPicture(put("c.png", Buffer.concat([png, Buffer.alloc(2 ** 21)])))).toBeUndefined();
  expect(readPicture(join(folder, "nowhere.png"))).toBeUndefined();
  rmSync(folder, { recursive: true });
});
