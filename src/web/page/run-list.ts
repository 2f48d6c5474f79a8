// The runs that this browser keeps, with what may be done with each.

/// <reference lib="dom" />

import { element } from "./elements.ts";

/** What `data-do` of a button says, and its label. */
const BUTTONS = [
  ["open", "Open"],
  ["zip", "Download (zip)"],
  ["delete", "Delete"],
] as const;

/** @param names newest first */
export function showRuns(names: readonly string[], { isHidden }: { readonly isHidden: boolean }): void {
  element("app-runs").hidden = names.length === 0 || isHidden;
  element("app-run-list").replaceChildren(
    ...names.map((name) => {
      const item = document.createElement("li");
      const text = document.createElement("span");
      text.textContent = name;
      const buttons = document.createElement("p");
      buttons.className = "app-buttons";
      for (const [what, label] of BUTTONS) {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", textContent: label, ariaLabel: `${label}: ${name}` });
        Object.assign(button.dataset, { do: what, run: name });
        buttons.append(button);
      }
      item.append(text, buttons);
      return item;
    }),
  );
}
