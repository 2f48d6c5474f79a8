import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeLatex } from "./latex-text.ts";
import { latexDocument } from "./latex.ts";

test("what TeX would read as its own is escaped", () => {
  expect(escapeLatex("a\\b{c}~^#$")).toBe("a\\textbackslash{}b\\{c\\}\\textasciitilde{}\\textasciicircum{}\\#\\$");
  expect(escapeLatex("run --resume 50 % a_b & c|d")).toBe("run -{}-resume 50 \\% a\\_b \\& c$|$d");
});

test("letters of other alphabets are set, spelled, or named by their code", () => {
  expect(escapeLatex("ε-Ω naïve ≈½ µs")).toBe('$\\varepsilon$-$\\Omega$ na\\"{\\i}ve $\\approx$1/2 \\textmu{}s');
  expect(escapeLatex("数字 é ﬁ Ａ 🙂")).toBe("U+6570U+5B57 \\'{e} fi A U+1F642");
  expect(escapeLatex("a\u001Bb\r")).toBe("aU+001BbU+000D");
});

/** Letters that have tripped LaTeX documents of others, and every letter of the blocks that names are made of. */
const LETTERS = [
  ..."ε-Ω.txt, 数字.txt, naïve.txt, ≈½.txt ß œ ø ł Ş ą ő ǖ ế ḿ ŉ ĳ ﬁ … “q” «g» — × ÷ ± ∞ ∑ √ ← ↑ ▸ ◦ ² ³ ᵀ € £ § ° \u00A0 🙂 👩‍🔬 \uFFFD constructor __proto__",
  ...Array.from({ length: 0x250 - 0x20 }, (_, index) => String.fromCodePoint(0x20 + index)),
  ...Array.from({ length: 0x100 }, (_, index) => String.fromCodePoint(0x370 + index)),
].join("");

test("any text is plain letters in pairs of braces", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constant(LETTERS)), (text) => {
      const set = escapeLatex(text);
      expect(set).toMatch(/^[ -~]*$/);
      const bare = set.replace(/\\[{}\\]/g, "");
      expect(bare.split("{").length).toBe(bare.split("}").length);
      expect(set.replaceAll("\\$", "").split("$").length % 2).toBe(1);
    }),
  );
});

const PDFLATEX = "/usr/bin/pdflatex";

test.skipIf(!existsSync(PDFLATEX))("these letters compile (skipped without pdflatex)", () => {
  const folder = mkdtempSync(join(tmpdir(), "latex-letters-"));
  const table = {
    id: "letters",
    title: LETTERS.slice(0, 80),
    columns: [{ id: "name", title: "name", align: "left" as const }],
    rows: (LETTERS.match(/.{1,40}/gsu) ?? []).map((name, index) => ({
      id: String(index),
      cells: { name: { text: name } },
    })),
    notes: [LETTERS],
  };
  writeFileSync(join(folder, "letters.tex"), latexDocument([table]));
  const compile = (): unknown =>
    execFileSync(PDFLATEX, ["-interaction=nonstopmode", "-halt-on-error", "letters.tex"], { cwd: folder });
  expect(compile).not.toThrow();
  rmSync(folder, { recursive: true });
});
