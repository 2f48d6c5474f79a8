// Numbers of things in running text.

/** `1 case`, `2 cases`, `3 processes` with its own plural. */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${count} ${count === 1 ? thing : things}`;
}
