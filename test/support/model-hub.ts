import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** What goes wrong with the next request of a file. */
export type HubFault = { status: number } | { stallAfterBytes: number } | { page: string };

export interface ModelHub extends AsyncDisposable {
  url: string;
  /** Every request, as `name` or `name from BYTE`. */
  asked: string[];
  /** The faults of the file's next requests, one each. */
  fail(name: string, ...faults: HubFault[]): void;
  /** Breaks off all connections. */
  cut(): void;
  /** From now on the files come out of this folder. */
  serve(folder: string): void;
  /** What it says the file's SHA-256 is. */
  hashes: Record<string, string>;
}

/** A hub of models on loopback that serves the files of a folder as the real one does: by way of a redirect, with ranges. */
export async function modelHub(folder: string): Promise<ModelHub> {
  const asked: string[] = [];
  const faults = new Map<string, HubFault[]>();
  const hashes: Record<string, string> = {};
  let served = folder;

  const redirect = (path: string, response: ServerResponse): void => {
    const name = path.split("/").slice(5).join("/");
    const hash = hashes[name];
    response.writeHead(302, { location: `/storage/${name}`, ...(hash ? { "x-linked-etag": `"${hash}"` } : {}) }).end();
  };

  const send = (name: string, request: IncomingMessage, response: ServerResponse): void => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    asked.push(from > 0 ? `${name} from ${from}` : name);
    const fault = faults.get(name)?.shift();
    if (fault && "status" in fault) return void response.writeHead(fault.status).end();
    if (fault && "page" in fault) return void response.writeHead(200, { "content-type": "text/html" }).end(fault.page);

    const whole = readFileSync(join(served, name));
    if (from >= whole.length) return void response.writeHead(416, { "content-range": `bytes */${whole.length}` }).end();
    const body = whole.subarray(from);
    const range = from > 0 ? { "content-range": `bytes ${from}-${whole.length - 1}/${whole.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { "content-length": body.length, ...range });
    if (fault && "stallAfterBytes" in fault) response.write(body.subarray(0, fault.stallAfterBytes));
    else response.end(body);
  };

  const server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path.startsWith("/storage/")) send(path.slice("/storage/".length), request, response);
    else redirect(path, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    hashes,
    fail: (name, ...next) => void faults.set(name, next),
    cut: () => server.closeAllConnections(),
    serve(folder) {
      served = folder;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
