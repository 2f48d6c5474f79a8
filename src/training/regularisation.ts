// What a recipe drops at random, for every task.

import type { Random } from "#base/random";
import type { Regularisation } from "#models/backbone";
import type { Recipe } from "#case/case";

/** What is dropped at random in training; undefined where the recipe drops nothing. */
export function regularisationOf({ dropout, dropPath }: Recipe, random: Random): Regularisation | undefined {
  return dropout === undefined && dropPath === undefined
    ? undefined
    : { dropout: dropout ?? 0, dropPath: dropPath ?? 0, random };
}
