// The place in docs/measurement.md that holds the self-test's table: written by program only, between two markers.

export const BEGIN = "<!-- selftest table: begin (npm run selftest:measurement -- --analyse folder --docs) -->";
export const END = "<!-- selftest table: end -->";

/**
 * The document with `table` between its markers; everything else stays.
 *
 * @throws {Error} a marker is missing, twice there, or they stand in the wrong order
 */
export function withTable(document: string, table: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  const isWhole =
    begin >= 0 && end > begin && document.lastIndexOf(BEGIN) === begin && document.lastIndexOf(END) === end;
  if (!isWhole) throw new Error(`the document must hold these two lines once, in this order:\n${BEGIN}\n${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table.trim()}\n\n${document.slice(end)}`;
}
