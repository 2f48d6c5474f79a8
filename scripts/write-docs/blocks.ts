// Places in documents that are written by a program only, between two markers.

export interface Block {
  readonly name: string;
  /** what writes it, as a person types it */
  readonly command: string;
}

export function beginOf({ name, command }: Block): string {
  return `<!-- ${name}: begin (written by ${command}) -->`;
}

export function endOf({ name }: Block): string {
  return `<!-- ${name}: end -->`;
}

/**
 * The document with `text` between the block's markers; everything else stays.
 *
 * @throws {Error} a marker is missing, twice there, or they stand in the wrong order
 */
export function withBlock(document: string, block: Block, text: string): string {
  const [beginMark, endMark] = [beginOf(block), endOf(block)];
  const [begin, end] = [document.indexOf(beginMark), document.indexOf(endMark)];
  const isWhole =
    begin >= 0 && end > begin && document.lastIndexOf(beginMark) === begin && document.lastIndexOf(endMark) === end;
  if (!isWhole)
    throw new Error(`the document must hold these two lines once, in this order:\n${beginMark}\n${endMark}`);
  return `${document.slice(0, begin + beginMark.length)}\n\n${text.trim()}\n\n${document.slice(end)}`;
}
