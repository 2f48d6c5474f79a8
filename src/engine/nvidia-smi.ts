// What nvidia-smi answers, for all who ask it.

import { host } from "#host/current";

/**
 * Asks for fields of every NVIDIA GPU, in the order of nvidia-smi (that of the PCI bus).
 *
 * @param fields names as `nvidia-smi --help-query-gpu` lists them
 * @returns a row per GPU; undefined where nvidia-smi is missing, fails or does not know a field
 */
export function queryGpus(fields: readonly string[]): string[][] | undefined {
  const query = [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"];
  const answer = host.processes.outputOf("nvidia-smi", query, 10);
  return answer === undefined ? undefined : rowsOf(answer, fields.length);
}

/** Reads an answer: a GPU per line, its fields by comma; undefined where a line has another number of fields. */
export function rowsOf(csv: string, fields: number): string[][] | undefined {
  const lines = csv.split("\n").filter((line) => line.trim() !== "");
  const rows = lines.map((line) => line.split(",").map((field) => field.trim()));
  return rows.every(({ length }) => length === fields) ? rows : undefined;
}
