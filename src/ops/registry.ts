// The list of operators. A new one is a folder beside the others and one line here.

import { Registry } from "#base/registry";
import { additive } from "./additive/declaration.ts";
import { efficientAttention } from "./efficient-attention/declaration.ts";
import { multiplicative } from "./multiplicative/declaration.ts";
import type { OperatorDeclaration } from "./operator.ts";
import { softmax } from "./softmax/declaration.ts";

export const operators = new Registry<OperatorDeclaration>("operator", [
  additive,
  multiplicative,
  efficientAttention,
  softmax,
]);
