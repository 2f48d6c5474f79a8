// The elements of the page by their ids, and what a browser does for a page.

/// <reference lib="dom" />

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as T;
}

/** Says what went wrong where everybody sees it; an empty text takes it back. */
export function trouble(text: string): void {
  const place = element("app-trouble");
  place.hidden = text === "";
  place.textContent = text;
}

/** Hands a file to the person. */
export function offer(content: string | Uint8Array<ArrayBuffer>, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function ask(question: string): boolean {
  return window.confirm(question);
}
