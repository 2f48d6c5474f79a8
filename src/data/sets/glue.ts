// Six tasks of GLUE from the official tsv folders: `dataDir/glue/SST-2/train.tsv`, plain or .gz. Labels of the official
// test files are not public, so `dev` is the scored split, and every label says so. Subsets carry a word in their name
// (`train.first1000.tsv.gz`), which the label repeats.

import { join } from "node:path";
import { DataError } from "#base/errors";
import { namesIn } from "./content.ts";
import type { Found, LabelledSentences, SentenceData, SentenceDataset } from "./dataset.ts";
import { readTsv, type TsvLayout } from "./glue-tsv.ts";

interface GlueDeclaration extends TsvLayout {
  readonly id: string;
  /** name of the task and of its folder */
  readonly folder: string;
  readonly provenance: string;
  readonly licence: string;
  readonly classes?: readonly string[];
  /** rows of the official splits */
  readonly counts: { readonly train: number; readonly dev: number };
  /** of the unpacked official files, where known */
  readonly sha256?: { readonly train?: string; readonly dev?: string };
}

const FOLDERS = ["glue", "GLUE"];
const SPLITS = ["train", "dev"] as const;
type Split = (typeof SPLITS)[number];

function glueTask(declaration: GlueDeclaration): SentenceDataset {
  const { id, folder, provenance, licence, classes, sha256 } = declaration;
  const title = `GLUE ${folder}`;
  return {
    id,
    title,
    kind: "sentences",
    synthetic: false,
    provenance: `${provenance}; as distributed with GLUE (A. Wang et al., arXiv 1804.07461, gluebenchmark.com)`,
    licence,
    files: SPLITS.map((split) => ({
      name: `${split}.tsv`,
      ...(sha256?.[split] === undefined ? {} : { sha256: sha256[split] }),
    })),
    find: (dataDir) => findTask(declaration, dataDir),
    load(dataDir): SentenceData {
      const found = findTask(declaration, dataDir);
      if (!found.available)
        throw new DataError(join(dataDir ?? ".", FOLDERS[0]!, folder), `${title} is not here: ${found.reason}`);
      const [train, test] = SPLITS.map((split) => readSplit(declaration, dataDir!, split)) as [NamedSplit, NamedSplit];
      const label = labelOf(declaration, [train.part, test.part]);
      return {
        label,
        synthetic: false,
        ...(classes === undefined ? {} : { classes }),
        train: train.sentences,
        test: test.sentences,
      };
    },
  };
}

interface SplitFile {
  readonly path: string;
  /** the word that names a subset; absent for the whole file */
  readonly subset?: string;
}

function findTask(declaration: GlueDeclaration, dataDir: string | undefined): Found {
  const title = `GLUE ${declaration.folder}`;
  if (dataDir === undefined) return { available: false, label: title, reason: "no data folder given (--data-dir)" };
  const files = SPLITS.map((split) => splitFile(declaration, dataDir, split));
  const missing = SPLITS.filter((_, i) => files[i] === undefined);
  if (missing.length > 0) {
    const where = FOLDERS.map((name) => join(dataDir, name, declaration.folder)).join(" and ");
    const here = missing.length < SPLITS.length ? ", only the other split is here" : "";
    return {
      available: false,
      label: title,
      reason: `no ${missing.join(" and no ")} split: ${missing.map((split) => `${split}.tsv`).join(", ")}, plain or .gz, missing${here} (looked in ${where})`,
    };
  }
  return {
    available: true,
    label: labelOf(
      declaration,
      SPLITS.map((split, i) => subsetPart(split, files[i]!)),
    ),
  };
}

/** "GLUE SST-2 (train first1000, dev scored)": parts that are not the whole split, and which split is scored. */
function labelOf({ folder }: GlueDeclaration, parts: readonly (string | undefined)[]): string {
  return `GLUE ${folder} (${[...parts.filter((part) => part !== undefined), "dev scored"].join(", ")})`;
}

function subsetPart(split: Split, { subset }: SplitFile): string | undefined {
  return subset === undefined ? undefined : `${split} ${subset}`;
}

/** The whole file before a subset. */
function splitFile({ folder }: GlueDeclaration, dataDir: string, split: Split): SplitFile | undefined {
  const pattern = new RegExp(`^${split}(?:\\.(.+?))?\\.tsv(?:\\.gz)?$`);
  for (const name of FOLDERS) {
    const matches = namesIn(join(dataDir, name, folder)).flatMap((file) => {
      const match = pattern.exec(file);
      return match === null ? [] : [{ path: join(dataDir, name, folder, file), subset: match[1] }];
    });
    const chosen = matches.find(({ subset }) => subset === undefined) ?? matches[0];
    if (chosen !== undefined)
      return { path: chosen.path, ...(chosen.subset === undefined ? {} : { subset: chosen.subset }) };
  }
  return undefined;
}

interface NamedSplit {
  readonly sentences: LabelledSentences;
  /** absent for the whole split; a file with fewer rows than the official one is named although its name says nothing */
  readonly part: string | undefined;
}

function readSplit(declaration: GlueDeclaration, dataDir: string, split: Split): NamedSplit {
  const file = splitFile(declaration, dataDir, split)!;
  const rows = declaration.counts[split];
  const sentences = readTsv(file.path, declaration, {
    rows,
    sha256: file.subset === undefined ? declaration.sha256?.[split] : undefined,
  });
  const found = sentences.labels.length;
  return {
    sentences,
    part: subsetPart(split, file) ?? (found < rows ? `${split} ${found} of ${rows} rows` : undefined),
  };
}

const ENTAILMENT = ["entailment", "not_entailment"] as const;

/** The six tasks, single sentences first. */
export const glueDatasets: readonly SentenceDataset[] = [
  glueTask({
    id: "glue-cola",
    folder: "CoLA",
    provenance: "A. Warstadt, A. Singh, S. R. Bowman: Neural Network Acceptability Judgments, arXiv 1805.12471",
    licence: "none stated; for research, as its authors ask",
    classes: ["unacceptable", "acceptable"],
    columns: ["source", "label", "mark", "sentence"],
    hasHeader: false,
    first: "sentence",
    label: "label",
    labels: ["0", "1"],
    counts: { train: 8551, dev: 1043 },
    sha256: {
      train: "cb368ebeb9f27d7ad03720d27ddc95687a311bdb100781a2fe59a5f5b1bc0624",
      dev: "8c013e21dc39957cac37378d87bebe225b694a0d5fe13eded66c2856628833fd",
    },
  }),
  glueTask({
    id: "glue-sst2",
    folder: "SST-2",
    provenance:
      "R. Socher et al.: Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank, EMNLP 2013",
    licence: "none stated; for research, as its authors ask",
    classes: ["negative", "positive"],
    columns: ["sentence", "label"],
    hasHeader: true,
    first: "sentence",
    label: "label",
    labels: ["0", "1"],
    counts: { train: 67_349, dev: 872 },
    sha256: {
      train: "48eac26399f8456935f81dd9e3a745c1430adb6c62e233ccfe22db4a0d15d1d1",
      dev: "54a9c12c77e402fc14d6a66a506f24d999f596b0176eb777c972cccc2f9cc4b0",
    },
  }),
  glueTask({
    id: "glue-mrpc",
    folder: "MRPC",
    provenance: "W. B. Dolan, C. Brockett: Automatically Constructing a Corpus of Sentential Paraphrases, IWP 2005",
    licence: "Microsoft Research data licence, for research",
    classes: ["not equivalent", "equivalent"],
    columns: ["Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"],
    hasHeader: true,
    first: "#1 String",
    second: "#2 String",
    label: "Quality",
    labels: ["0", "1"],
    // Two tokenisations of the sentences go about under this name, so there is no checksum to hold it to.
    counts: { train: 3668, dev: 408 },
  }),
  glueTask({
    id: "glue-rte",
    folder: "RTE",
    provenance:
      "I. Dagan et al., R. Bar Haim et al., D. Giampiccolo et al., L. Bentivogli et al.: Recognizing Textual Entailment 1, 2, 3, 5",
    licence: "none stated; for research, as its authors ask",
    classes: ENTAILMENT,
    columns: ["index", "sentence1", "sentence2", "label"],
    hasHeader: true,
    first: "sentence1",
    second: "sentence2",
    label: "label",
    labels: ENTAILMENT,
    counts: { train: 2490, dev: 277 },
    sha256: {
      train: "41e3a9b063433392343fad9e962cf2f58b681c78d8f71592f4186f0837246c5c",
      dev: "80230dfa1347282e7b532b06a1004a76a710087541189bf874223ddf0e3819fb",
    },
  }),
  glueTask({
    id: "glue-stsb",
    folder: "STS-B",
    provenance: "D. Cer et al.: SemEval-2017 Task 1, Semantic Textual Similarity, arXiv 1708.00055",
    licence: "several, by source; see LICENSE.txt in its folder",
    columns: [
      "index",
      "genre",
      "filename",
      "year",
      "old_index",
      "source1",
      "source2",
      "sentence1",
      "sentence2",
      "score",
    ],
    hasHeader: true,
    first: "sentence1",
    second: "sentence2",
    label: "score",
    range: [0, 5],
    counts: { train: 5749, dev: 1500 },
    sha256: {
      train: "41c4d978b6162abdcada7e49a982211954cca5459c228db478af333124b257a2",
      dev: "fe7dc0632a5033562f3cadff991f6e8d9b9b6311861660e78c3c82eb7db67f59",
    },
  }),
  glueTask({
    id: "glue-qnli",
    folder: "QNLI",
    provenance: "P. Rajpurkar et al.: SQuAD, arXiv 1606.05250, recast as sentence pairs by GLUE",
    licence: "CC BY-SA 4.0 (SQuAD)",
    classes: ENTAILMENT,
    columns: ["index", "question", "sentence", "label"],
    hasHeader: true,
    first: "question",
    second: "sentence",
    label: "label",
    labels: ENTAILMENT,
    counts: { train: 104_743, dev: 5463 },
  }),
];
