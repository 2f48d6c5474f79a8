// Optional fields without conditional spreads.

type Definite<T> = { [Name in keyof T as undefined extends T[Name] ? never : Name]: T[Name] };
type Possible<T> = { [Name in keyof T as undefined extends T[Name] ? Name : never]?: Exclude<T[Name], undefined> };

/** A copy without the fields that are undefined: for objects that say what they know, and for JSON. */
export function defined<T extends object>(object: T): Definite<T> & Possible<T> {
  const kept = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as Definite<T> & Possible<T>;
}
