// Data sets that are read from files of this machine.

import { cifar10, cifar100 } from "./cifar.ts";
import { clutteredMnist } from "./cluttered-mnist.ts";
import type { Dataset } from "./dataset.ts";
import { enwik8 } from "./enwik8.ts";
import { fashionMnist } from "./fashion-mnist.ts";
import { glueDatasets } from "./glue.ts";
import { imagenet1k } from "./imagenet-1k.ts";
import { imagenetLatents } from "./imagenet-latents.ts";
import { imagenette, imagenette64 } from "./imagenette.ts";
import { mnist } from "./mnist.ts";
import { movingDigits } from "./moving-digits.ts";
import { plainText } from "./plain-text.ts";
import { tinyshakespeare } from "./tinyshakespeare.ts";
import { wikitext103, wikitext103Raw, wikitext2, wikitext2Raw } from "./wikitext.ts";

export const filedDatasets: readonly Dataset[] = [
  mnist,
  fashionMnist,
  cifar10,
  cifar100,
  imagenette,
  imagenette64,
  imagenet1k,
  imagenetLatents,
  clutteredMnist,
  ...movingDigits,
  ...glueDatasets,
  tinyshakespeare,
  wikitext2,
  wikitext2Raw,
  wikitext103,
  wikitext103Raw,
  enwik8,
  plainText,
];
