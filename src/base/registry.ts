// One list per concept: names are unique, and unknown names answer with the nearest and the list.

import { closest, distance } from "fastest-levenshtein";
import { HarnessError, UnknownNameError } from "./errors.ts";

export interface Named {
  readonly id: string;
}

export class Registry<T extends Named> {
  readonly #kind: string;
  readonly #items: ReadonlyMap<string, T>;

  /** @throws {HarnessError} `E_DUPLICATE_NAME` when two items share an id */
  constructor(kind: string, items: readonly T[]) {
    this.#kind = kind;
    const byId = new Map<string, T>();
    for (const item of items) {
      if (byId.has(item.id)) {
        throw new HarnessError("E_DUPLICATE_NAME", `Two ${kind}s are called "${item.id}".`, { kind, id: item.id });
      }
      byId.set(item.id, item);
    }
    this.#items = byId;
  }

  /** @throws {UnknownNameError} with the nearest name and the list */
  get(id: string): T {
    const item = this.#items.get(id);
    if (item === undefined) throw unknownName(this.#kind, id, this.ids());
    return item;
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  ids(): readonly string[] {
    return [...this.#items.keys()];
  }

  all(): readonly T[] {
    return [...this.#items.values()];
  }
}

/** The error for a name outside `known`; a nearest name is offered when it is close enough to be a slip. */
export function unknownName(kind: string, given: string, known: readonly string[]): UnknownNameError {
  const nearest = known.length === 0 ? undefined : closest(given, known);
  const isSlip = nearest !== undefined && distance(given, nearest) <= Math.max(3, given.length / 2);
  return new UnknownNameError(kind, given, isSlip ? nearest : undefined, known);
}
