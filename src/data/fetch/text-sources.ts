// Sources of the text data sets. Checksums of contents were computed from complete official files; those of archives
// are published with the loaders of Hugging Face Datasets (WikiText, GLUE), TensorFlow Datasets (GLUE, Tiny
// Shakespeare) and in many projects alike (enwik8).

import type { DataSource, KnownFile } from "./source.ts";

type Contents = Readonly<Record<string, string | undefined>>;

const known = (format: KnownFile["format"], contents: Contents): KnownFile[] =>
  Object.entries(contents).map(([name, sha256]) => {
    const [stem, extension] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf(".") + 1)];
    const subset = new RegExp(`^${stem.replaceAll(".", "\\.")}[.-](.+?)\\.${extension}$`);
    return { name, format, subset, ...(sha256 === undefined ? {} : { sha256 }) };
  });

interface WikiText {
  readonly id: string;
  readonly archive: string;
  readonly bytes: number;
  readonly isRounded?: true;
  readonly sha256: string;
  readonly mostBytes: number;
  readonly contents: Contents;
}

function wikiText({ id, archive, bytes, isRounded, sha256, mostBytes, contents }: WikiText): DataSource {
  const names = Object.keys(contents) as [string, ...string[]];
  return {
    id,
    folder: id,
    downloads: [
      {
        file: {
          urls: [
            `https://wikitext.smerity.com/${archive}`,
            `https://s3.amazonaws.com/research.metamind.io/wikitext/${archive}`,
          ],
          bytes,
          ...(isRounded === undefined ? {} : { isRounded }),
          checksum: { algorithm: "sha256", hex: sha256 },
        },
        unpacking: { format: "zip", mostBytes, prefix: `${id}/`, keep: /^wiki\.(train|valid|test)\.(tokens|raw)$/ },
        gives: names,
      },
    ],
    files: known("text", contents),
  };
}

const wikiTexts: readonly DataSource[] = [
  wikiText({
    id: "wikitext-2",
    archive: "wikitext-2-v1.zip",
    bytes: 4.48e6,
    isRounded: true,
    sha256: "92675f1d63015c1c8b51f1656a52d5bdbc33aafa60cc47a218a66e7ee817488c",
    mostBytes: 20e6,
    contents: {
      "wiki.train.tokens": undefined,
      "wiki.valid.tokens": "f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8",
      "wiki.test.tokens": "d790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0",
    },
  }),
  wikiText({
    id: "wikitext-2-raw",
    archive: "wikitext-2-raw-v1.zip",
    bytes: 4.72e6,
    isRounded: true,
    sha256: "ef7edb566e3e2b2d31b29c1fdb0c89a4cc683597484c3dc2517919c615435a11",
    mostBytes: 20e6,
    contents: {
      "wiki.train.raw": undefined,
      "wiki.valid.raw": "4cd0f6876d07a413aa911261ff6d363c72d757d47f0fdd6015702014c89cb9c7",
      "wiki.test.raw": "173c87a53759e0201f33e0ccf978e510c2042d7f2cb78229d9a50d79b9e7dd08",
    },
  }),
  wikiText({
    id: "wikitext-103",
    archive: "wikitext-103-v1.zip",
    bytes: 190.2e6,
    isRounded: true,
    sha256: "242ba0f20b329cfdf1ccc61e9e9e5b59becf189db7f7a81cd2a0e2fc31539590",
    mostBytes: 700e6,
    contents: { "wiki.train.tokens": undefined, "wiki.valid.tokens": undefined, "wiki.test.tokens": undefined },
  }),
  wikiText({
    id: "wikitext-103-raw",
    archive: "wikitext-103-raw-v1.zip",
    bytes: 191_984_949,
    sha256: "91c00ae287f0d699e18605c84afc9e45c192bc6b7797ff8837e5474655a33794",
    mostBytes: 700e6,
    contents: { "wiki.train.raw": undefined, "wiki.valid.raw": undefined, "wiki.test.raw": undefined },
  }),
];

const tinyShakespeare: DataSource = {
  id: "tinyshakespeare",
  folder: "tinyshakespeare",
  downloads: [
    {
      file: {
        urls: ["https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"],
        bytes: 1_115_394,
        checksum: { algorithm: "sha256", hex: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed" },
      },
      gives: ["input.txt"],
    },
  ],
  files: known("text", { "input.txt": "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed" }),
};

const enwik8: DataSource = {
  id: "enwik8",
  folder: "enwik8",
  downloads: [
    {
      file: {
        urls: ["https://mattmahoney.net/dc/enwik8.zip", "http://mattmahoney.net/dc/enwik8.zip"],
        bytes: 36_445_475,
        checksum: { algorithm: "sha256", hex: "547994d9980ebed1288380d652999f38a14fe291a6247c157c3d33d4932534bc" },
      },
      unpacking: { format: "zip", mostBytes: 110e6, prefix: "", keep: /^enwik8$/ },
      gives: ["enwik8"],
    },
  ],
  files: [
    {
      name: "enwik8",
      format: "bytes",
      sha256: "2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8",
      subset: /^enwik8[.-](.+)$/,
    },
  ],
};

interface Glue {
  readonly task: string;
  readonly archive?: { readonly name: string; readonly bytes: number; readonly sha256: string };
  readonly byHand?: string;
  readonly contents: Contents;
}

function glue({ task, archive, byHand, contents }: Glue): DataSource {
  return {
    id: `glue-${task.toLowerCase().replace("-", "")}`,
    folder: `glue/${task}`,
    downloads:
      archive === undefined
        ? []
        : [
            {
              file: {
                urls: [`https://dl.fbaipublicfiles.com/glue/data/${archive.name}.zip`],
                bytes: archive.bytes,
                checksum: { algorithm: "sha256", hex: archive.sha256 },
              },
              unpacking: {
                format: "zip",
                mostBytes: 100e6,
                prefix: `${task}/`,
                keep: /^(train|dev|test)\.tsv$|^LICENSE\.txt$/,
              },
              gives: ["train.tsv", "dev.tsv", "test.tsv"],
            },
          ],
    ...(byHand === undefined ? {} : { byHand }),
    files: known("tsv", contents),
  };
}

const glueTasks: readonly DataSource[] = [
  glue({
    task: "CoLA",
    archive: {
      name: "CoLA",
      bytes: 376_971,
      sha256: "f212fcd832b8f7b435fb991f101abf89f96b933ab400603bf198960dfc32cbff",
    },
    contents: {
      "train.tsv": "cb368ebeb9f27d7ad03720d27ddc95687a311bdb100781a2fe59a5f5b1bc0624",
      "dev.tsv": "8c013e21dc39957cac37378d87bebe225b694a0d5fe13eded66c2856628833fd",
      "test.tsv": "3b4df85f7a9a0633574b38d181e18090ac961a24b18fb6bcd74999ddea8ad0b8",
    },
  }),
  glue({
    task: "SST-2",
    archive: {
      name: "SST-2",
      bytes: 7_439_277,
      sha256: "d67e16fb55739c1b32cdce9877596db1c127dc322d93c082281f64057c16deaa",
    },
    contents: {
      "train.tsv": "48eac26399f8456935f81dd9e3a745c1430adb6c62e233ccfe22db4a0d15d1d1",
      "dev.tsv": "54a9c12c77e402fc14d6a66a506f24d999f596b0176eb777c972cccc2f9cc4b0",
      "test.tsv": "69a938605609b3e6663b4487918fe1565eb293734e6e520d0366d1d412fd2a13",
    },
  }),
  glue({
    task: "MRPC",
    byHand:
      "GLUE gives no archive of MRPC: its script makes train.tsv, dev.tsv and test.tsv out of Microsoft's files; put them into glue/MRPC",
    // The sentences differ by the tokenisation of the copy they were made of, so no checksum is declared.
    contents: { "train.tsv": undefined, "dev.tsv": undefined, "test.tsv": undefined },
  }),
  glue({
    task: "RTE",
    archive: {
      name: "RTE",
      bytes: 697_150,
      sha256: "6bf86de103ecd335f3441bd43574d23fef87ecc695977a63b82d5efb206556ee",
    },
    contents: {
      "train.tsv": "41e3a9b063433392343fad9e962cf2f58b681c78d8f71592f4186f0837246c5c",
      "dev.tsv": "80230dfa1347282e7b532b06a1004a76a710087541189bf874223ddf0e3819fb",
      "test.tsv": "6e33f09b5c2bfd5fd5fde217070f3dd49e484e33b9752b5864cf36fc421a213f",
    },
  }),
  glue({
    task: "STS-B",
    archive: {
      name: "STS-B",
      bytes: 802_872,
      sha256: "e60a6393de5a8b5b9bac5020a1554b54e3691f9d600b775bd131e613ac179c85",
    },
    contents: {
      "train.tsv": "41c4d978b6162abdcada7e49a982211954cca5459c228db478af333124b257a2",
      "dev.tsv": "fe7dc0632a5033562f3cadff991f6e8d9b9b6311861660e78c3c82eb7db67f59",
      "test.tsv": "16b4223d7d44a644fbc10f1b449472cfe81e1715fb07cf44023b0aa88ce856eb",
    },
  }),
  glue({
    task: "QNLI",
    archive: {
      name: "QNLIv2",
      bytes: 10_627_589,
      sha256: "e634e78627a29adaecd4f955359b22bf5e70f2cbd93b493f2d624138a0c0e5f5",
    },
    contents: {
      "train.tsv": undefined,
      "dev.tsv": undefined,
      "test.tsv": "6d856264e292fa7a7bc7b8e182efa1454ffd9532733c12ad813017dd5b377a5a",
    },
  }),
];

export const TEXT_SOURCES: readonly DataSource[] = [...wikiTexts, tinyShakespeare, enwik8, ...glueTasks];
