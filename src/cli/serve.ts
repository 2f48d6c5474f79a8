// `serve`: the harness as a page, for the browser of this machine. `web`: the same page as a folder, for any web host.

import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { Command } from "commander";
import { EnvironmentError, messageOf, UsageError } from "#base/errors";
import { host } from "#host/current";
import { writable, writeFileAtomic } from "#store/files";
import { flag } from "./options.ts";
import { endOnSignals } from "./signals.ts";

const PORT = 8405;
const MOST_PORT = 65535;

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("the harness as a page in this machine's browser, on its GPU or processor")
    .addOption(flag("--host <address>", "address to listen on").default("localhost"))
    .addOption(flag("--port <number>", "port; 0 takes a free one").argParser(parsePort).default(PORT));
  command.action(async () => {
    const { host: name, port } = command.opts<{ host: string; port: number }>();
    const { bundlePage } = await import("#web/bundle");
    const { pageServer } = await import("#web/server");
    const server = pageServer((await bundlePage()).files);
    endOnSignals("the page is no longer served; what browsers have measured they keep");
    await listen(server, name, port);
    const { port: taken } = server.address() as AddressInfo;
    const shown = name.includes(":") ? `[${name}]` : name;
    console.log(`http://${shown}:${taken}/`);
    console.error(
      isLocal(name)
        ? "Open this address in a browser of this machine. Ctrl-C ends the server."
        : "Everyone who reaches this address may use the page. Browsers give pages a GPU and a fine clock only on localhost and over https.",
    );
    await once(server, "close");
  });
}

function isLocal(name: string): boolean {
  return name === "localhost" || name === "::1" || name.startsWith("127.");
}

function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= MOST_PORT)) throw new UsageError(`a port is a whole number from 0 to ${MOST_PORT}, got "${text}".`);
  return port;
}

/** @throws {EnvironmentError} the address is taken, or is none of this machine */
async function listen(server: Server, name: string, port: number): Promise<void> {
  try {
    server.listen(port, name);
    await once(server, "listening");
  } catch (error) {
    throw new EnvironmentError(
      `nothing can be served on ${name}, port ${port} (${messageOf(error)}). Choose another --port (0 takes a free one) or --host.`,
      {},
      { cause: error },
    );
  }
}

export function addWeb(program: Command): void {
  const command = program
    .command("web")
    .description("the page of `serve` as a folder of plain files, for any web host")
    .addOption(flag("--out <dir>", "folder to write").makeOptionMandatory());
  command.action(async () => {
    const { out } = command.opts<{ out: string }>();
    const { bundlePage } = await import("#web/bundle");
    const { files } = await bundlePage();
    const { isPart } = await import("#web/headers");
    const names = new Set(files.map((file) => file.name));
    writable(out, "Choose another --out.", () => removeOld(out, (name) => isPart(name) && !names.has(name)));
    for (const { name, content } of files) writeFileAtomic(host.files.join(out, name), content);
    console.error(`${out} holds the page: ${files.length} files, to be served as they are.`);
    console.error("A host that sets the headers in _headers gives the page a finer clock.");
  });
}

/** Parts of an earlier page; nothing else in the folder is touched. */
function removeOld(folder: string, isOld: (name: string) => boolean): void {
  if (host.files.kind(folder) !== "folder") return;
  for (const name of host.files.list(folder).filter(isOld)) host.files.remove(host.files.join(folder, name));
}
