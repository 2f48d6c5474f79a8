// Which run is open, and whether it is to go on by itself after a reload.

import { z } from "zod";
import { host } from "#host/current";

const PATH = "/open-run.json";
const LARGEST = 10_000;
const wishSchema = z.object({ run: z.string(), goesOn: z.boolean() });
export type Wish = z.infer<typeof wishSchema>;

export function wish(wanted: Wish): void {
  host.files.write(PATH, JSON.stringify(wanted));
}

export function wishOf(): Wish | undefined {
  if (host.files.kind(PATH) === undefined) return undefined;
  return wishSchema.safeParse(JSON.parse(host.files.readText(PATH, LARGEST))).data;
}

export function forget(): void {
  host.files.remove(PATH);
}
