// Six tasks of GLUE from the official tsv folders: `dataDir/glue/SST-2/train.tsv`, plain or .gz. Labels of the official
// test files are not public, so `dev` is the scored split, and every label says so. Checksums of archives are published
// with the loaders of Hugging Face Datasets and TensorFlow Datasets, those of contents were computed from official files.

import type { LabelledSentences, SentenceData, SentenceDataset } from "./dataset.ts";
import { fileSet } from "./file-set.ts";
import { readTsv, type TsvLayout } from "./glue-tsv.ts";
import { labelWith } from "./part-label.ts";

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
  readonly sha256?: { readonly train: string; readonly dev: string };
  readonly archive?: { readonly name: string; readonly bytes: number; readonly sha256: string };
  readonly byHand?: string;
}

function glueTask(declaration: GlueDeclaration): SentenceDataset {
  const { id, folder, provenance, licence, classes, counts, sha256, archive, byHand } = declaration;
  const title = `GLUE ${folder}`;
  const set = fileSet<LabelledSentences, SentenceData>({
    id,
    title,
    folders: [`glue/${folder}`, `GLUE/${folder}`],
    files: (["train", "dev"] as const).map((split) => ({
      stem: split,
      ending: ".tsv",
      split,
      sha256: sha256?.[split],
    })),
    official: counts,
    unit: "rows",
    labelUnit: "rows",
    byHand,
    downloads:
      archive === undefined
        ? []
        : [
            {
              file: {
                urls: [`https://dl.fbaipublicfiles.com/glue/data/${archive.name}.zip`],
                bytes: archive.bytes,
                sha256: archive.sha256,
              },
              unpacking: {
                format: "zip",
                mostBytes: 100e6,
                prefix: `${folder}/`,
                keep: /^(train|dev|test)\.tsv$|^LICENSE\.txt$/,
              },
              gives: ["train.tsv", "dev.tsv"],
            },
          ],
    read: (path, { split }, expected) =>
      readTsv(path, declaration, { rows: counts[split as keyof typeof counts], sha256: expected }),
    count: ({ labels }) => labels.length,
    labelOf: (parts) => labelWith(title, [...parts, "dev scored"]),
    assemble: (splits, label) => ({
      label,
      synthetic: false,
      ...(classes === undefined ? {} : { classes }),
      train: splits.get("train")![0]!.content,
      test: splits.get("dev")![0]!.content,
    }),
  });
  return {
    id,
    title,
    kind: "sentences",
    synthetic: false,
    provenance: `${provenance}; as distributed with GLUE (A. Wang et al., arXiv 1804.07461, gluebenchmark.com)`,
    licence,
    ...set,
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
    archive: {
      name: "CoLA",
      bytes: 376_971,
      sha256: "f212fcd832b8f7b435fb991f101abf89f96b933ab400603bf198960dfc32cbff",
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
    archive: {
      name: "SST-2",
      bytes: 7_439_277,
      sha256: "d67e16fb55739c1b32cdce9877596db1c127dc322d93c082281f64057c16deaa",
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
    byHand:
      "GLUE gives no archive of MRPC: its script makes train.tsv and dev.tsv out of Microsoft's files; put them into glue/MRPC",
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
    archive: {
      name: "RTE",
      bytes: 697_150,
      sha256: "6bf86de103ecd335f3441bd43574d23fef87ecc695977a63b82d5efb206556ee",
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
    archive: {
      name: "STS-B",
      bytes: 802_872,
      sha256: "e60a6393de5a8b5b9bac5020a1554b54e3691f9d600b775bd131e613ac179c85",
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
    archive: {
      name: "QNLIv2",
      bytes: 10_627_589,
      sha256: "e634e78627a29adaecd4f955359b22bf5e70f2cbd93b493f2d624138a0c0e5f5",
    },
  }),
];
