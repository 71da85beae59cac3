import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** The name that the test certificate is for. */
export const gitHost = "git.example.com";

/** git's own server over https on loopback, for the bare repositories in a folder. */
export interface GitServer extends AsyncDisposable {
  port: number;
  /** The file with the certificate that counts. */
  certificates: string;
  /** Paths that were asked for. */
  requests: string[];
  /** Answers instead of git's server, when it returns true. */
  intercept(answer: (request: IncomingMessage, response: ServerResponse) => boolean): void;
}

export async function startGitServer(directory: string): Promise<GitServer> {
  const [key, certificates] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const subject = ["-subj", `/CN=${gitHost}`, "-addext", `subjectAltName=DNS:${gitHost}`];
  const fresh = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", ...fresh, "-keyout", key, "-out", certificates, ...subject], { stdio: "ignore" });

  const requests: string[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificates) }, (request, response) => {
    requests.push(request.url ?? "");
    if (!answer(request, response)) runBackend(directory, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...{ port: (server.address() as AddressInfo).port, certificates, requests },
    intercept(how) {
      answer = how;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? "/", "https://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: request.headers["git-protocol"]?.toString() ?? "",
      REMOTE_ADDR: "127.0.0.1",
    },
  });
  request.pipe(child.stdin).on("error", () => {});
  response.on("close", () => child.kill());
  let head = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    const lines = head.toString("latin1", 0, end).split("\r\n");
    const headers = lines.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]);
    const status = headers.find(([name]) => name === "Status")?.[1] ?? "200";
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== "Status")));
    response.write(head.subarray(end + 4));
  });
  child.on("close", () => response.end());
}
