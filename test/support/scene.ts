import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { MockLanguageModelV4 } from "ai/test";
import { createEgress } from "../../src/egress/egress.ts";
import type { Decision, Question } from "../../src/reply.ts";
import { createSearchEngine } from "../../src/search-engine.ts";
import { type HarnessOptions, openHarness } from "./agent-harness.ts";
import { playInternet } from "./played-internet.ts";

export interface SceneOptions extends Omit<HarnessOptions, "model"> {
  model: MockLanguageModelV4;
  /** What each address serves, without its scheme: markdown is of no interest here, so HTML. */
  pages?: Record<string, string>;
  /** What every search finds. */
  found?: { title: string; url: string; content: string }[];
  /** What the owner says to a question, by its text. */
  owner?(question: Question): Decision | Promise<Decision>;
}

/**
 * The whole agent, a played internet and a search engine beside it: what went out, what the owner was asked, and what
 * the owner said. Without `owner` the owner says no.
 */
export async function openScene({ pages = {}, found = [], owner = () => ({ no: "" }), ...options }: SceneOptions) {
  const requests: string[] = [];
  const internet = await playInternet({
    answers: new Proxy({}, { get: () => [["93.184.216.34"]] }),
    serve(request, response) {
      const address = `${request.headers.host}${request.url}`;
      requests.push(address);
      const page = pages[address] ?? pages[address.replace(/\?.*/, "")];
      response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" });
      response.end(page ?? "<p>Nothing here.</p>");
    },
  });
  const searches: string[] = [];
  const engine = createServer((request: IncomingMessage, response) => {
    searches.push(new URL(request.url ?? "", "http://engine").searchParams.get("q") ?? "");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ results: found, answers: [], unresponsive_engines: [] }));
  });
  await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
  const harness = await openHarness({
    ...options,
    agent: {
      egress: createEgress({ allow: [], ...internet.options }),
      searchEngine: createSearchEngine(`http://127.0.0.1:${(engine.address() as AddressInfo).port}`),
      ...options.agent,
    },
  });
  const questions: Question[] = [];

  return {
    ...harness,
    ...{ requests, searches, questions, lookUps: internet.lookUps },
    /** Says something as the owner, who is there to be asked. */
    async say(text: string) {
      return harness.say(text, {
        async ask(question) {
          questions.push(question);
          return owner(question);
        },
      });
    },
    /** Says something where nobody can be asked. */
    sayAlone: (text: string) => harness.say(text),
    /** The lines of the audit. */
    async trail(): Promise<Record<string, unknown>[]> {
      const text = await readFile(join(harness.home, "data/audit.jsonl"), "utf8");
      return text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    },
    /** The newest request to the model, as JSON. */
    newest: () => JSON.stringify(harness.prompts().at(-1)),
    async close(keep = false) {
      await harness.close(keep);
      engine.close();
      await internet[Symbol.asyncDispose]();
    },
  };
}

export type Scene = Awaited<ReturnType<typeof openScene>>;

/** A page as a browser gets it. */
export function page(title: string, ...paragraphs: string[]): string {
  const body = paragraphs.map((text) => `<p>${text}</p>`).join("\n");
  return `<!doctype html><html><head><title>${title}</title></head><body><article><h1>${title}</h1>${body}</article></body></html>`;
}
