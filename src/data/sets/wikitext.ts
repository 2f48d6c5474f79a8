// WikiText: articles of Wikipedia, words apart by spaces. Without the train split the valid split is trained on, and the
// label says so. Checksums of archives are published with the loaders of Hugging Face Datasets, those of contents were
// computed from complete official files.

import type { RemoteFile } from "../source.ts";
import type { TextData, TextDataset } from "./dataset.ts";
import { fileSet } from "./file-set.ts";
import { labelWith } from "./part-label.ts";
import { readText } from "./text-content.ts";

interface Declaration {
  readonly id: string;
  readonly title: string;
  readonly ending: ".tokens" | ".raw";
  readonly archive: Omit<RemoteFile, "urls"> & { readonly name: string };
  readonly sha256?: { readonly valid: string; readonly test: string };
  /** in the official train split; valid and test are the same articles in all */
  readonly trainTokens: number;
}

const HELD_OUT_TOKENS = { valid: 217_646, test: 245_569 };

/** The largest official file, WikiText-103's train split, has about 540 MB. */
const LIMIT = 700_000_000;

function wikitext({ id, title, ending, archive, sha256, trainTokens }: Declaration): TextDataset {
  const { name, ...file } = archive;
  const set = fileSet<string, TextData>({
    id,
    title,
    folders: [id],
    files: [
      { stem: "wiki.train", ending, split: "train", isOptional: true },
      { stem: "wiki.valid", ending, split: "valid", isOptional: true, sha256: sha256?.valid },
      { stem: "wiki.test", ending, split: "test", sha256: sha256?.test },
    ],
    anyOf: ["train", "valid"],
    official: { train: trainTokens, ...HELD_OUT_TOKENS },
    unit: "tokens",
    labelUnit: "tokens",
    downloads: [
      {
        file: {
          urls: [
            `https://wikitext.smerity.com/${name}`,
            `https://s3.amazonaws.com/research.metamind.io/wikitext/${name}`,
          ],
          ...file,
        },
        unpacking: {
          format: "zip",
          mostBytes: LIMIT,
          prefix: `${id}/`,
          keep: /^wiki\.(train|valid|test)\.(tokens|raw)$/,
        },
        gives: [`wiki.train${ending}`, `wiki.valid${ending}`, `wiki.test${ending}`],
      },
    ],
    read: (path, _file, expected) => readText(path, LIMIT, expected),
    count: tokensIn,
    labelOf: (parts, splits) => labelWith(title, [...(splits.has("train") ? [] : ["valid to train"]), ...parts]),
    assemble(splits, label) {
      const [train, valid, test] = ["train", "valid", "test"].map((split) => splits.get(split)?.[0]!.content);
      return {
        label,
        synthetic: false,
        wordLevel: true,
        train: train ?? valid!,
        validation: train === undefined ? "" : (valid ?? ""),
        test: test!,
      };
    },
  });
  return {
    id,
    title,
    kind: "text",
    synthetic: false,
    provenance:
      "S. Merity, C. Xiong, J. Bradbury, R. Socher: Pointer Sentinel Mixture Models (arXiv 1609.07843); from Wikipedia",
    licence: "CC BY-SA 3.0",
    ...set,
  };
}

/** As the official counts are made: words, and one end of a line per line. */
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

/** WikiText-2: 2 088 628 train, 217 646 valid and 245 569 test tokens, rare words as <unk>. */
export const wikitext2 = wikitext({
  id: "wikitext-2",
  title: "WikiText-2",
  ending: ".tokens",
  trainTokens: 2_088_628,
  archive: {
    name: "wikitext-2-v1.zip",
    bytes: 4.48e6,
    isRounded: true,
    sha256: "92675f1d63015c1c8b51f1656a52d5bdbc33aafa60cc47a218a66e7ee817488c",
  },
  sha256: {
    valid: "f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8",
    test: "d790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0",
  },
});

/** WikiText-2 with every word as it stands. */
export const wikitext2Raw = wikitext({
  id: "wikitext-2-raw",
  title: "WikiText-2 raw",
  ending: ".raw",
  trainTokens: 2_088_628,
  archive: {
    name: "wikitext-2-raw-v1.zip",
    bytes: 4.72e6,
    isRounded: true,
    sha256: "ef7edb566e3e2b2d31b29c1fdb0c89a4cc683597484c3dc2517919c615435a11",
  },
  sha256: {
    valid: "4cd0f6876d07a413aa911261ff6d363c72d757d47f0fdd6015702014c89cb9c7",
    test: "173c87a53759e0201f33e0ccf978e510c2042d7f2cb78229d9a50d79b9e7dd08",
  },
});

/** WikiText-103: 103 227 021 train tokens, valid and test as WikiText-2 with fewer <unk>. */
export const wikitext103 = wikitext({
  id: "wikitext-103",
  title: "WikiText-103",
  ending: ".tokens",
  trainTokens: 103_227_021,
  archive: {
    name: "wikitext-103-v1.zip",
    bytes: 190.2e6,
    isRounded: true,
    sha256: "242ba0f20b329cfdf1ccc61e9e9e5b59becf189db7f7a81cd2a0e2fc31539590",
  },
});

/** WikiText-103 with every word as it stands. */
export const wikitext103Raw = wikitext({
  id: "wikitext-103-raw",
  title: "WikiText-103 raw",
  ending: ".raw",
  trainTokens: 103_227_021,
  archive: {
    name: "wikitext-103-raw-v1.zip",
    bytes: 191_984_949,
    sha256: "91c00ae287f0d699e18605c84afc9e45c192bc6b7797ff8837e5474655a33794",
  },
});
