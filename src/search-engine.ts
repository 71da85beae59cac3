import { request } from "undici";
import { z } from "zod";
import { messageOf } from "./errors.ts";

/** A web search over SearXNG. Every failure is a sentence that says what the owner can do. */
export interface SearchEngine {
  search(query: SearchQuery, signal: AbortSignal): Promise<SearchAnswer>;
}

export interface SearchQuery {
  text: string;
  limit: number;
  /** `en`, `pt-BR`; SearXNG's own default if not given. */
  language?: string | undefined;
  timeRange?: "day" | "week" | "month" | "year" | undefined;
}

export interface SearchAnswer {
  results: SearchResult[];
  /** What engines say at once: a conversion, a definition. */
  answers: string[];
  /** The engines that did not answer, each with its reason. */
  silent: string[];
}

export interface SearchResult {
  title: string;
  address: string;
  snippet: string;
  /** As the engine says it. */
  published?: string;
}

const text = z.string().nullish();
const answerSchema = z.object({
  results: z.array(z.object({ title: text, url: text, content: text, publishedDate: text })),
  // Text alone in older versions, a record since.
  answers: z
    .array(z.union([z.string(), z.object({ answer: text }).transform(({ answer }) => answer ?? "")]))
    .default([]),
  unresponsive_engines: z.array(z.union([z.string(), z.tuple([z.string()], z.unknown())])).default([]),
});

const mostBytes = 4 * 1024 ** 2;

/** `address` is SearXNG's own, from the config: nothing that a model says gets into it but the query. */
export function createSearchEngine(address: string | undefined, { patienceMs = 15_000 } = {}): SearchEngine {
  return {
    async search({ text, limit, language, timeRange }, signal) {
      if (address === undefined)
        throw new Error("There is no search engine: the owner can set search.searxng_url in data/config.json.");
      const parameters = new URLSearchParams({ q: text, format: "json" });
      if (language) parameters.set("language", language);
      if (timeRange) parameters.set("time_range", timeRange);
      const url = new URL(`search?${parameters}`, address.endsWith("/") ? address : `${address}/`);
      const answer = answerSchema.safeParse(await askJson(url, patienceMs, signal));
      if (!answer.success)
        throw new Error(`${url.origin} does not answer as SearXNG does: is search.searxng_url right?`);
      const { results, answers, unresponsive_engines } = answer.data;
      return {
        // What some engines give has no address: a table, a picture.
        results: results
          .flatMap(({ url, ...rest }) => (url ? [{ url, ...rest }] : []))
          .slice(0, limit)
          .map(({ title, url, content, publishedDate }) => ({
            ...{ title: title ?? "", address: url, snippet: content ?? "" },
            ...(publishedDate ? { published: publishedDate } : {}),
          })),
        answers: answers.filter((one) => one !== ""),
        silent: unresponsive_engines.map((one) => (typeof one === "string" ? one : one.join(": "))),
      };
    },
  };
}

async function askJson(url: URL, patienceMs: number, signal: AbortSignal): Promise<unknown> {
  const { status, body } = await ask(url, patienceMs, signal);
  if (status === 429)
    throw new Error(
      "SearXNG turns us away as too many requests (429): the owner can set `limiter: false` in its settings.yml.",
    );
  if (status === 403 || (status === 200 && !body.trimStart().startsWith("{")))
    throw new Error(
      "SearXNG does not give JSON: the owner can add `json` under `search: formats:` in its settings.yml and restart it.",
    );
  if (status !== 200) throw new Error(`SearXNG at ${url.origin} answered with ${status}.`);
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new Error(`SearXNG at ${url.origin} sent JSON that is damaged.`, { cause });
  }
}

async function ask(url: URL, patienceMs: number, caller: AbortSignal): Promise<{ status: number; body: string }> {
  const patience = AbortSignal.timeout(patienceMs);
  const signal = AbortSignal.any([caller, patience]);
  try {
    const { statusCode, body } = await request(url, { signal, headers: { accept: "application/json" } });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new Error("its answer is too long");
      chunks.push(chunk);
    }
    return { status: statusCode, body: Buffer.concat(chunks).toString("utf8") };
  } catch (cause) {
    caller.throwIfAborted();
    const reason = patience.aborted ? `it did not answer within ${patienceMs / 1000} s` : messageOf(cause);
    throw new Error(`SearXNG at ${url.origin} cannot be reached (${reason}): is it running?`, { cause });
  }
}
