import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { csvText } from "./csv.ts";

test("NaN, Infinity and absent values are empty cells", () => {
  expect(csvText([[NaN, Infinity, -Infinity, 0, undefined, true, "NaN?"]])).toBe(",,,0,,true,NaN?\n");
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "＝1"])(
  "the text %j is no formula",
  (text) => {
    expect(parse(csvText([[text]]))).toEqual([[`'${text}`]]);
  },
);

test("numbers stay numbers, negative and small ones too; text with control characters shows them", () => {
  expect(csvText([[-1.5, 1e-9, "a-b", "a=b"]])).toBe("-1.5,1e-9,a-b,a=b\n");
  expect(csvText([["\r=1", "\u001B[2J"]])).toBe("\\u000d=1,\\u001b[2J\n");
});
