// The list of operators. A new one is a folder beside the others and one line here.

import { Registry } from "#base/registry";
import { additive } from "./additive/declaration.ts";
import { efficientAttention } from "./efficient-attention/declaration.ts";
import { matmul } from "./matmul/declaration.ts";
import { multiplicative } from "./multiplicative/declaration.ts";
import type { OperatorDeclaration, Strategy } from "./operator.ts";
import { softmax } from "./softmax/declaration.ts";

const added = new Map<OperatorDeclaration["id"], readonly Strategy[]>();

export const operators = new Registry<OperatorDeclaration>(
  "operator",
  [additive, multiplicative, efficientAttention, softmax, matmul].map(withAdded),
);

/** A strategy from outside the operator's folder: from now on it is found, checked and timed like those inside. */
export function addStrategy(op: OperatorDeclaration["id"], strategy: Strategy): void {
  const others = (added.get(op) ?? []).filter(({ id }) => id !== strategy.id);
  added.set(op, [...others, strategy]);
}

function withAdded(declaration: OperatorDeclaration): OperatorDeclaration {
  return {
    ...declaration,
    load: async () => {
      const loaded = await declaration.load();
      return { ...loaded, strategies: [...loaded.strategies, ...(added.get(declaration.id) ?? [])] };
    },
  };
}
