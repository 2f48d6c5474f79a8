// The list of sources. A data set without one is made by this program.

import { Registry } from "#base/registry";
import { IMAGE_SOURCES } from "./image-sources.ts";
import type { DataSource } from "./source.ts";
import { TEXT_SOURCES } from "./text-sources.ts";

export const sources = new Registry<DataSource>("data set to fetch", [...IMAGE_SOURCES, ...TEXT_SOURCES]);

/** The source whose files a data set is read from. */
export function sourceOf(dataset: string): DataSource | undefined {
  return sources.all().find((source) => datasetsOf(source).includes(dataset));
}

export function datasetsOf({ id, datasets }: DataSource): readonly string[] {
  return datasets ?? [id];
}
