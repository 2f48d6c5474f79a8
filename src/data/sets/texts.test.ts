import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError } from "#base/errors";
import { Random } from "#base/random";
import { enwik8 } from "./enwik8.ts";
import { markovText, MarkovSource } from "./markov-text.ts";
import { plainText } from "./plain-text.ts";
import { characterStart, readText, wholeCharacters } from "./text-content.ts";
import { tinyshakespeare } from "./tinyshakespeare.ts";
import { wikitext103, wikitext2 } from "./wikitext.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "texts-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function put(id: string, name: string, content: string | Uint8Array): string {
  mkdirSync(join(dataDir, id), { recursive: true });
  const path = join(dataDir, id, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(content) : content);
  return path;
}

describe("text files", () => {
  test("UTF-8 as it stands, a byte order mark and Windows line ends included", () => {
    const text = "\u{FEFF}naïve 😀\r\n";
    expect(readText(put("t", "a.txt.gz", text), 100)).toBe(text);
  });

  test.each([
    [
      "latin-1 in the middle",
      Buffer.concat([Buffer.from("abc😀"), Buffer.from([0xe9, 0x20]), Buffer.from("d".repeat(40))]),
      "is not UTF-8: byte 7 (0xe9)",
    ],
    ["a character cut off at the end", Buffer.from("abcdé").subarray(0, 5), "is not UTF-8: byte 4 (0xc3)"],
  ])("%s is refused, with its place", (_, bytes, message) => {
    const path = put("t", "a.txt", bytes);
    expect(() => readText(path, 1000)).toThrow(DataError);
    expect(() => readText(path, 1000)).toThrow(message);
  });

  test("too large, cut off and empty files are refused", () => {
    expect(() => readText(put("t", "a.txt.gz", "a".repeat(1000)), 999)).toThrow("expands to more than 999 bytes");
    const cut = put("t", "cut.txt.gz", "");
    writeFileSync(cut, gzipSync(new Random(1).normals(1000).toString()).subarray(0, 2000));
    expect(() => readText(cut, 100_000)).toThrow("its gzip stream ends early");
    expect(() => readText(put("t", "none.txt", ""), 10)).toThrow("holds no text");
    expect(() => readText(put("t", "other.txt", "x"), 10, "00")).toThrow("sha256");
    expect(() => readText(join(dataDir, "missing.txt"), 10)).toThrow("cannot be read");
  });

  test("where characters start and end", () => {
    const bytes = Buffer.from("aé😀b");
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((offset) => characterStart(bytes, offset))).toEqual([0, 1, 1, 3, 3, 3, 3, 7]);
    expect([3, 4, 5, 6, 7, 8].map((end) => wholeCharacters(bytes.subarray(0, end)))).toEqual([3, 3, 3, 3, 7, 8]);
  });
});

describe("WikiText", () => {
  test("official names, plain or gzipped; subsets in the label", () => {
    put("wikitext-103", "wiki.train.first2.tokens", " a b \n");
    put("wikitext-103", "wiki.valid.tokens.gz", " c \n");
    put("wikitext-103", "wiki.test.tokens", " d \n");
    expect(wikitext103.load(dataDir)).toEqual({
      label: "WikiText-103 (train first2, valid 2 of 217646 tokens, test 2 of 245569 tokens)",
      synthetic: false,
      wordLevel: true,
      train: " a b \n",
      validation: " c \n",
      test: " d \n",
    });
  });

  test("without the train split the valid split is trained on, and the label says so", () => {
    put("wikitext-103", "wiki.valid.tokens.gz", " c \n");
    put("wikitext-103", "wiki.test.tokens", " d \n");
    expect(wikitext103.load(dataDir)).toMatchObject({
      label: "WikiText-103 (valid to train, valid 2 of 217646 tokens, test 2 of 245569 tokens)",
      train: " c \n",
      validation: "",
    });
  });

  test("a missing test split makes it unavailable, and an official name has the official content", () => {
    put("wikitext-2", "wiki.valid.tokens", " c \n");
    expect(wikitext2.find(dataDir)).toMatchObject({
      available: false,
      reason: expect.stringContaining("no wiki.test.tokens") as string,
    });
    put("wikitext-2", "wiki.test.tokens", " d \n");
    expect(() => wikitext2.load(dataDir)).toThrow("sha256");
    expect(wikitext2.find(undefined)).toMatchObject({ available: false });
  });
});

describe("other texts", () => {
  test("tinyshakespeare and enwik8 must be the files they are known as", () => {
    expect(() => tinyshakespeare.load(dataDir)).toThrow("is not here");
    put("tinyshakespeare", "input.txt", "To be");
    expect(tinyshakespeare.find(dataDir)).toMatchObject({ available: true });
    expect(() => tinyshakespeare.load(dataDir)).toThrow("sha256");
    put("enwik8", "enwik8", "<mediawiki");
    expect(() => enwik8.load(dataDir)).toThrow("holds 10 bytes, enwik8 has 100000000");
  });

  test("a folder of texts: splits by name, else the last tenth to test", () => {
    expect(plainText.find(dataDir)).toMatchObject({ available: false });
    put("plain-text", "b.txt", "56789");
    put("plain-text", "a.txt.gz", "0123");
    put("plain-text", "notes.md", "no text of ours");
    expect(plainText.load(dataDir)).toEqual({
      label: "plain text (a.txt.gz, b.txt)",
      synthetic: false,
      train: "0123\n5678",
      validation: "",
      test: "9",
    });
    put("plain-text", "train.txt", "x");
    put("plain-text", "test.txt.gz", "y");
    expect(plainText.load(dataDir)).toMatchObject({ train: "x", validation: "", test: "y" });
  });
});

describe("Markov text", () => {
  test("the stationary distribution stays under a step, and a fair coin has ln 2 nats", () => {
    const source = new MarkovSource(4, new Random(2));
    const next = new Float64Array(16);
    source.transitions.forEach(
      (p, at) => (next[(Math.floor(at / 4) % 4) * 4 + (at % 4)]! += source.stationary[Math.floor(at / 4)]! * p),
    );
    next.forEach((p, state) => expect(p).toBeCloseTo(source.stationary[state]!, 12));
    const coin = new MarkovSource(2, new Random(1));
    coin.transitions.fill(0.5);
    coin.stationary.fill(0.25);
    expect(coin.entropyRate()).toBeCloseTo(Math.LN2, 12);
  });

  test("the entropy rate is what a long sample costs the one who knows the source", () => {
    const random = new Random(7);
    const source = new MarkovSource(16, random.fork("source"));
    const length = 400_000;
    const letters = source.sample(length, random.fork("sample"));
    let [nats, squares] = [0, 0];
    for (let t = 2; t < length; t++) {
      const cost = -Math.log(source.transitions[(letters[t - 2]! * 16 + letters[t - 1]!) * 16 + letters[t]!]!);
      nats += cost;
      squares += cost * cost;
    }
    const mean = nats / (length - 2);
    const standardError = Math.sqrt((squares / (length - 2) - mean ** 2) / (length - 2));
    expect(Math.abs(mean - source.entropyRate())).toBeLessThan(5 * standardError);
    expect(standardError).toBeLessThan(0.003);
  });

  test("leaves much to learn between letter frequencies, one letter and two letters of context", () => {
    const { train, test: held, entropyNatsPerCharacter } = markovText.load(undefined);
    expect([train.length, held.length]).toEqual([400_000, 20_000]);
    const unigram = conditionalEntropy(train, 0);
    const bigram = conditionalEntropy(train, 1);
    expect(unigram - bigram).toBeGreaterThan(0.2);
    expect(bigram - entropyNatsPerCharacter!).toBeGreaterThan(0.2);
    expect(conditionalEntropy(train, 2)).toBeCloseTo(entropyNatsPerCharacter!, 1);
  });
});

/** Empirical entropy of a letter given the `order` before it, in nats. */
function conditionalEntropy(text: string, order: number): number {
  const contexts = new Map<string, number>();
  const pairs = new Map<string, number>();
  for (let t = order; t < text.length; t++) {
    const context = text.slice(t - order, t);
    contexts.set(context, (contexts.get(context) ?? 0) + 1);
    pairs.set(context + text[t]!, (pairs.get(context + text[t]!) ?? 0) + 1);
  }
  let nats = 0;
  for (const [pair, count] of pairs) nats -= count * Math.log(count / contexts.get(pair.slice(0, order))!);
  return nats / (text.length - order);
}
