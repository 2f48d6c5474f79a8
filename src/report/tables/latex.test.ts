import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { buildTables } from "../build.ts";
import { latexDocument, latexOf } from "./latex.ts";
import { ABSENT, type TextTable } from "./text-table.ts";

const table: TextTable = {
  id: "demo",
  title: "A & B",
  columns: [
    { id: "model", title: "model", align: "left" },
    { id: "time", title: "time", align: "right" },
    { id: "note", title: "note", align: "left" },
  ],
  rows: [
    {
      id: "a",
      cells: {
        model: { text: "x_1 <b>" },
        time: { text: "1.0 [0.9, 1.1] s" },
        note: { text: "a note that is longer than a line of a table should be" },
      },
    },
    { id: "b", cells: { model: { text: "50 % ± 2 †" }, time: { text: ABSENT } } },
  ],
  notes: ["n ≥ 3"],
};

test("what TeX would read as its own is escaped, and absent values are dashes", () => {
  const text = latexOf(table);
  expect(text).toContain("x\\_1 $<$b$>$ & 1.0 {[}0.9, 1.1] s & a note");
  expect(text).toContain("50 \\% $\\pm$ 2 $^\\dagger$ & --- &  \\\\");
  expect(text).toContain("\\caption{A \\& B}\\label{tab:demo}");
  expect(text).toContain("\\par\\noindent n $\\geq$ 3");
});

test("numbers keep their width, long words are broken into lines", () => {
  expect(latexOf(table)).toContain("\\begin{longtable}{@{}lr>{\\raggedright\\arraybackslash}p{0.11\\linewidth}@{}}");
});

const { manifest, records, suites } = fixtureRun({ processes: 2 });
const document = latexDocument(buildTables({ runs: [{ manifest, records }], suites }).tables);

test("the paper's six tables are one document: rows of equal length, braces and environments in pairs, plain letters", () => {
  expect(document.match(/\\begin\{longtable\}/g)).toHaveLength(6);
  const rows = document.split("\n").filter((line) => / \\\\$/.test(line));
  expect(new Set(rows.map((line) => line.replaceAll("\\&", "").split("&").length))).toEqual(new Set([13]));
  const bare = document.replace(/\\[{}]/g, "");
  expect(bare.split("{").length).toBe(bare.split("}").length);
  expect([...document].filter((letter) => letter.codePointAt(0)! > 126)).toEqual([]);
});

const PDFLATEX = "/usr/bin/pdflatex";

test.skipIf(!existsSync(PDFLATEX))(
  "the document compiles without a complaint (skipped without pdflatex)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "latex-"));
    writeFileSync(join(folder, "tables.tex"), document);
    execFileSync(PDFLATEX, ["-interaction=nonstopmode", "-halt-on-error", "tables.tex"], {
      cwd: folder,
      stdio: "ignore",
    });
    expect(readFileSync(join(folder, "tables.log"), "utf8")).not.toMatch(/^! |Overfull \\hbox \(\d{3,}/m);
    expect(existsSync(join(folder, "tables.pdf"))).toBe(true);
    rmSync(folder, { recursive: true });
  },
  60_000,
);
