// Contenders of one operator by other implementations: a program from outside is named `program/operator`, as
// `pytorch/additive-global`; a contender without a slash is ours.

export interface Implementation {
  /** undefined: ours */
  readonly program: string | undefined;
  /** our contender with the same operator, its own name for ours */
  readonly of: string;
}

export function implementationOf(contender: string): Implementation {
  const at = contender.indexOf("/");
  return at < 0
    ? { program: undefined, of: contender }
    : { program: contender.slice(0, at), of: contender.slice(at + 1) };
}

/** Results by other implementations; empty where there are only ours. */
export function isOutside({ contender }: { readonly contender: string }): boolean {
  return implementationOf(contender).program !== undefined;
}
