// WikiText: articles of Wikipedia, words apart by spaces. Official file names, plain or gzipped; a word between split and
// ending names a subset (`wiki.train.first1000.tokens`). Without the train split the valid split is trained on, and the
// label says so.

import { join } from "node:path";
import { DataError } from "#base/errors";
import { namesIn } from "./content.ts";
import type { Found, SourceFile, TextData, TextDataset } from "./dataset.ts";
import { labelWith, partOf } from "./part-label.ts";
import { readText, type TextContent } from "./text-content.ts";

interface Declaration {
  readonly id: string;
  readonly title: string;
  readonly ending: "tokens" | "raw";
  readonly files: readonly SourceFile[];
  /** in the official train split; valid and test are the same articles in all */
  readonly trainTokens: number;
}

type Split = "train" | "valid" | "test";

const HELD_OUT_TOKENS = { valid: 217_646, test: 245_569 };

/** The largest official file, WikiText-103's train split, has about 540 MB. */
const LIMIT = 700_000_000;

interface SplitFile {
  readonly name: string;
  readonly subset?: string;
}

type Files = Readonly<Record<Split, SplitFile | undefined>>;

function wikitext(declaration: Declaration): TextDataset {
  const { id, title } = declaration;
  return {
    ...declaration,
    kind: "text",
    synthetic: false,
    provenance:
      "S. Merity, C. Xiong, J. Bradbury, R. Socher: Pointer Sentinel Mixture Models (arXiv 1609.07843); from Wikipedia",
    licence: "CC BY-SA 3.0",
    find: (dataDir) => findWikitext(declaration, dataDir),
    load(dataDir): TextData {
      const found = findWikitext(declaration, dataDir);
      const folder = join(dataDir ?? ".", id);
      if (!found.available) throw new DataError(folder, `${title} is not here: ${found.reason}`);
      const files = filesOf(declaration, folder);
      const read = (split: Split): TextContent => {
        const { name } = files[split]!;
        const sha256 = declaration.files.find((file) => file.name === name.replace(/\.gz$/, ""))?.sha256;
        return readText({ path: join(folder, name), limit: LIMIT, sha256 });
      };
      const official = { train: declaration.trainTokens, ...HELD_OUT_TOKENS };
      const part = (split: Split, { text, share }: TextContent) =>
        share < 1
          ? `first ${(100 * share).toFixed(1)} % of the ${split} file`
          : partOf(split, {
              subset: files[split]?.subset,
              found: tokensIn(text),
              official: official[split],
              unit: "tokens",
            });
      const trainSplit = files.train === undefined ? "valid" : "train";
      const [trained, test] = [read(trainSplit), read("test")];
      const parts = [
        trainSplit === "valid" ? "valid to train" : undefined,
        part(trainSplit, trained),
        part("test", test),
      ];
      const validation = files.train === undefined || files.valid === undefined ? "" : read("valid").text;
      return {
        label: labelWith(title, parts),
        synthetic: false,
        wordLevel: true,
        train: trained.text,
        validation,
        test: test.text,
      };
    },
  };
}

/** As the official counts are made: words, and one end of a line a line. */
function tokensIn(text: string): number {
  let tokens = 0;
  let isInWord = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isSpace = code === 0x20 || code === 0x0a;
    if ((!isSpace && !isInWord) || code === 0x0a) tokens++;
    isInWord = !isSpace;
  }
  return tokens;
}

function findWikitext(declaration: Declaration, dataDir: string | undefined): Found {
  const { id, title, ending } = declaration;
  if (dataDir === undefined) return { available: false, label: title, reason: "no data folder given (--data-dir)" };
  const folder = join(dataDir, id);
  const { train, valid, test } = filesOf(declaration, folder);
  const missing = (split: Split): Found => ({
    available: false,
    label: title,
    reason: `no wiki.${split}.${ending}, plain or .gz (looked in ${folder})`,
  });
  if (test === undefined) return missing("test");
  if (train === undefined && valid === undefined) return missing("train");
  const parts = [
    ...(train === undefined ? ["valid to train"] : []),
    ...Object.entries({ train, valid, test }).flatMap(([split, file]) =>
      file?.subset === undefined ? [] : [`${split} ${file.subset}`],
    ),
  ];
  return { available: true, label: labelWith(title, parts) };
}

/** The file of each split, the official one before subsets. */
function filesOf({ ending }: Declaration, folder: string): Files {
  const names = namesIn(folder);
  const fileOf = (split: Split): SplitFile | undefined => {
    const pattern = new RegExp(`^wiki\\.${split}(?:[.-](.+))?\\.${ending}(?:\\.gz)?$`);
    return names
      .map((name) => ({ name, match: pattern.exec(name) }))
      .filter(({ match }) => match !== null)
      .map(({ name, match }): SplitFile => ({ name, ...(match![1] === undefined ? {} : { subset: match![1] }) }))
      .sort((a, b) => Number(a.subset !== undefined) - Number(b.subset !== undefined))[0];
  };
  return { train: fileOf("train"), valid: fileOf("valid"), test: fileOf("test") };
}

/** WikiText-2: 2 088 628 train, 217 646 valid and 245 569 test tokens, rare words as <unk>. */
export const wikitext2 = wikitext({
  id: "wikitext-2",
  title: "WikiText-2",
  ending: "tokens",
  trainTokens: 2_088_628,
  files: [
    { name: "wiki.train.tokens" },
    { name: "wiki.valid.tokens", sha256: "f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8" },
    { name: "wiki.test.tokens", sha256: "d790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0" },
  ],
});

/** WikiText-2 with every word as it stands. */
export const wikitext2Raw = wikitext({
  id: "wikitext-2-raw",
  title: "WikiText-2 raw",
  ending: "raw",
  trainTokens: 2_088_628,
  files: [
    { name: "wiki.train.raw" },
    { name: "wiki.valid.raw", sha256: "4cd0f6876d07a413aa911261ff6d363c72d757d47f0fdd6015702014c89cb9c7" },
    { name: "wiki.test.raw", sha256: "173c87a53759e0201f33e0ccf978e510c2042d7f2cb78229d9a50d79b9e7dd08" },
  ],
});

/** WikiText-103: 103 227 021 train tokens, valid and test as WikiText-2 with fewer <unk>. */
export const wikitext103 = wikitext({
  id: "wikitext-103",
  title: "WikiText-103",
  ending: "tokens",
  trainTokens: 103_227_021,
  files: [{ name: "wiki.train.tokens" }, { name: "wiki.valid.tokens" }, { name: "wiki.test.tokens" }],
});

/** WikiText-103 with every word as it stands. */
export const wikitext103Raw = wikitext({
  id: "wikitext-103-raw",
  title: "WikiText-103 raw",
  ending: "raw",
  trainTokens: 103_227_021,
  files: [{ name: "wiki.train.raw" }, { name: "wiki.valid.raw" }, { name: "wiki.test.raw" }],
});
