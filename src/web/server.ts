// A server of the page's files and of nothing else. Its answers isolate the page from other pages, for which browsers give it
// a finer clock.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { PageFile } from "./bundle.ts";
import { cachingOf, HEADERS } from "./headers.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  wasm: "application/wasm",
};

/** A server that is not listening yet. */
export function pageServer(files: readonly PageFile[]): Server {
  const byPath = new Map(files.map(({ name, content }) => [`/${name}`, content]));
  return createServer((request, response) => answer(request, response, byPath));
}

function answer(
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
  byPath: ReadonlyMap<string, Uint8Array>,
): void {
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const [asked = "/"] = url.split(/[?#]/);
  const path = asked === "/" ? "/index.html" : asked;
  const content = byPath.get(path);
  if (content === undefined) {
    response.writeHead(404, { ...HEADERS, "content-type": "text/plain" }).end("not a file of this page\n");
    return;
  }
  const type = TYPES[path.split(".").at(-1)!] ?? "application/octet-stream";
  response.writeHead(200, {
    ...HEADERS,
    "cache-control": cachingOf(path.slice(1)),
    "content-type": type,
    "content-length": content.length,
  });
  response.end(method === "HEAD" ? undefined : content);
}
