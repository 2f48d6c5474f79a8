// Commands that are printed work as typed.

/** A word for a POSIX shell: as it is, or in quotes where the shell would read it otherwise. */
export function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
