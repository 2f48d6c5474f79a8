import { describe, expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { Random } from "#base/random";
import { learnMerges } from "./bpe-training.ts";
import { bpeTokeniser, trainBpe } from "./bpe.ts";
import { trainTokeniser } from "./train-tokeniser.ts";
import { wordsOf } from "./word-tokeniser.ts";

const TEXT = "The cat sat on the mat.\n The dog's “mat” — naïve 😀 cats, 1984!\n\n";

describe("all tokenisers", () => {
  test.each(["char", "byte", "bpe"] as const)("%s gives back the text that it was trained on", (kind) => {
    const tokeniser = trainTokeniser({ kind, vocabulary: kind === "bpe" ? 270 : undefined }, TEXT);
    const ids = tokeniser.encode(TEXT);
    expect(tokeniser.decode(ids)).toBe(TEXT);
    expect(ids.every((id) => id >= 0 && id < tokeniser.vocabulary)).toBe(true);
  });

  test("a vocabulary is needed for bpe, and refused where there is nothing to choose", () => {
    expect(() => trainTokeniser({ kind: "bpe" }, TEXT)).toThrow(UsageError);
    expect(() => trainTokeniser({ kind: "bpe", vocabulary: 256 }, TEXT)).toThrow("no room for a merge");
    expect(() => trainTokeniser({ kind: "char", vocabulary: 50 }, TEXT)).toThrow(UsageError);
    expect(() => trainTokeniser({ kind: "word", vocabulary: 2 }, TEXT)).toThrow("no word beside");
  });
});

describe("char", () => {
  test("characters in the order of their code points, then one for what the train text lacks", () => {
    const tokeniser = trainTokeniser({ kind: "char" }, "cab😀");
    expect(tokeniser.vocabulary).toBe(5);
    expect([...tokeniser.encode("abc😀z")]).toEqual([0, 1, 2, 3, 4]);
    expect(tokeniser.decode([0, 4])).toBe("a\u{FFFD}");
  });
});

describe("word", () => {
  test("words by space, one <eos> a line, an empty line included", () => {
    expect([...wordsOf(" a b \n\nc")]).toEqual(["a", "b", "<eos>", "<eos>", "c", "<eos>"]);
    expect([...wordsOf("a\n")]).toEqual(["a", "<eos>"]);
  });

  test("most frequent words within the limit, the others unknown, and the text's own <unk> too", () => {
    const tokeniser = trainTokeniser({ kind: "word", vocabulary: 4 }, "b b b a a c <unk> <unk>\n");
    expect(tokeniser.vocabulary).toBe(4);
    expect([...tokeniser.encode("a b c <unk>\n")]).toEqual([3, 2, 0, 0, 1]);
    expect(tokeniser.decode([3, 2, 0, 1, 3, 1])).toBe("a b <unk>\na\n");
    expect(trainTokeniser({ kind: "word" }, "b b b a a c\n").vocabulary).toBe(5);
  });
});

const [l, o, w, e, s, t] = [...Buffer.from("lowest")] as [number, number, number, number, number, number];
const wordsFrom = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).map(([word, count]) => ({ symbols: [...Buffer.from(word)], count }));

describe("bpe", () => {
  test("a word of 200,000 letters is cut every 256, so that encoding stays linear", () => {
    const random = new Random(3);
    const word = Array.from({ length: 200_000 }, () => "abcdefgh"[random.integer(8)]).join("");
    const tokeniser = trainTokeniser({ kind: "bpe", vocabulary: 300 }, word.slice(0, 20_000));
    const ids = tokeniser.encode(word);
    const first = tokeniser.encode(word.slice(0, 256));
    expect(tokeniser.decode(ids)).toBe(word);
    expect(ids.slice(0, first.length)).toEqual(first);
  });

  test("merges of the example in Sennrich et al., by hand", () => {
    // low 5, lower 2, newest 6, widest 3: es 9, then (es)t 9, then lo 7, then (lo)w 7
    const merges = learnMerges(wordsFrom({ low: 5, lower: 2, newest: 6, widest: 3 }), 4);
    expect(merges).toEqual([
      [e, s],
      [256, t],
      [l, o],
      [258, w],
    ]);
  });

  test("overlapping pairs count as they merge: aaaa is (aa)(aa)", () => {
    expect(learnMerges(wordsFrom({ aaaa: 3 }), 5)).toEqual([
      [97, 97],
      [256, 256],
    ]);
  });

  test("ends early when no pair comes twice", () => {
    expect(learnMerges(wordsFrom({ abc: 1 }), 5)).toEqual([]);
    expect(trainBpe("ab ab", 300).vocabulary).toBe(257);
  });

  test("encoding applies the earliest merge first, not the longest", () => {
    // "owe": ow was learned after we, so o + we
    const tokeniser = bpeTokeniser([
      [w, e],
      [o, w],
    ]);
    expect([...tokeniser.encode("owe")]).toEqual([o, 256]);
  });

  test("incremental counts agree with counting anew after every merge", () => {
    const random = new Random(3);
    const word = () => Array.from({ length: 1 + random.integer(9) }, () => 97 + random.integer(4));
    const words = Array.from({ length: 60 }, () => ({ symbols: word(), count: 1 + random.integer(5) }));
    const expected = mergesCountedAnew(words, 25);
    expect(
      learnMerges(
        words.map(({ symbols, count }) => ({ symbols: [...symbols], count })),
        25,
      ),
    ).toEqual(expected);
    expect(expected).toHaveLength(25);
  });
});

/** The definition, one pass over all words a merge. */
function mergesCountedAnew(
  given: readonly { readonly symbols: readonly number[]; readonly count: number }[],
  most: number,
): [number, number][] {
  let words = given;
  const merges: [number, number][] = [];
  while (merges.length < most) {
    const counts = new Map<string, number>();
    for (const { symbols, count } of words) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair = `${symbols[i]} ${symbols[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const ranked = [...counts].map(([pair, count]) => ({
      pair: pair.split(" ").map(Number) as [number, number],
      count,
    }));
    ranked.sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
    const best = ranked[0];
    if (best === undefined || best.count < 2) break;
    const token = 256 + merges.length;
    merges.push(best.pair);
    words = words.map(({ symbols, count }) => {
      const next: number[] = [];
      for (let i = 0; i < symbols.length; i++) {
        if (symbols[i] === best.pair[0] && symbols[i + 1] === best.pair[1]) {
          next.push(token);
          i++;
        } else next.push(symbols[i]!);
      }
      return { symbols: next, count };
    });
  }
  return merges;
}
