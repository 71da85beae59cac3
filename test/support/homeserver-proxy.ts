import { jsonAnswer, startProxy } from "./proxy.ts";

export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  body: string;
  status: number;
  answer: string;
}

export interface HomeserverProxy {
  url: string;
  /** All that went through, in the order of the answers. */
  exchanges: Exchange[];
  /** What matches waits until `release`. */
  hold(matches: (method: string, path: string) => boolean): { release(): void };
  /** What matches is answered like this, without asking the homeserver. */
  answer(matches: (path: string) => boolean, status: number, body: unknown): void;
  /** Changes what the homeserver answers. */
  rewrite(change: (path: string, body: string) => string): void;
  stop(): Promise<void>;
}

/** Stands between a client and a homeserver on loopback; writes down, holds back and changes what passes. */
export async function startHomeserverProxy(target: string): Promise<HomeserverProxy> {
  const exchanges: Exchange[] = [];
  const answers: { matches(path: string): boolean; status: number; body: unknown }[] = [];
  const holds = new Set<{ matches(method: string, path: string): boolean; over: Promise<void> }>();
  let change = (_path: string, body: string): string => body;

  const proxy = await startProxy(target, async ({ method, path, body, forward }) => {
    for (const { matches, over } of holds) if (matches(method, path)) await over;
    const own = answers.find(({ matches }) => matches(path));
    const { status, type, bytes: real } = own ? jsonAnswer(own.status, own.body) : await forward();
    const isText = type.includes("json");
    const bytes = isText ? Buffer.from(change(path, real.toString())) : real;
    exchanges.push({ ...{ method, path, body: body.toString(), status }, answer: isText ? bytes.toString() : "" });
    return { status, type, bytes };
  });

  return {
    url: proxy.url,
    exchanges,
    hold(matches) {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const hold = { matches, over };
      holds.add(hold);
      return {
        release() {
          holds.delete(hold);
          resolve();
        },
      };
    },
    answer: (matches, status, body) => void answers.push({ matches, status, body }),
    rewrite(next) {
      change = next;
    },
    async stop() {
      await proxy[Symbol.asyncDispose]();
    },
  };
}
