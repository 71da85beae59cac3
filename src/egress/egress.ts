import { networkInterfaces } from "node:os";
import { checkEncoding, decodedBody, tooLarge } from "./body.ts";
import { type Connect, connectWithSystem } from "./connector.ts";
import { createDeadline, type Deadline, seconds } from "./deadline.ts";
import { EgressError } from "./egress-error.ts";
import { failureOf } from "./failure.ts";
import { askOnce, type Hop } from "./hop.ts";
import { addressBytes } from "./ip-address.ts";
import { judgeAddress, type Places, type Target } from "./judge.ts";
import { defaultEgressLimits, type EgressLimits } from "./limits.ts";
import { lookUp, type Resolve, resolveWithSystem } from "./look-up.ts";
import { openedPlaces } from "./opened.ts";
import { redirectTarget } from "./redirect.ts";
import { suggestedName } from "./suggested-name.ts";

/** The one way out for tools. What it refuses, and why, is told by an EgressError. */
export interface Egress {
  /**
   * One GET. Redirects are followed, each judged and resolved anew. Throws an EgressError, or the signal's reason. The
   * answer is to be disposed of; its body throws an EgressError as well, once it is too much or too slow.
   */
  get(address: string, options: GetOptions): Promise<EgressResponse>;
  /** Judges and resolves without connecting: for what pins the answer itself. */
  resolve(address: string, signal: AbortSignal): Promise<{ host: string; port: number; addresses: string[] }>;
  /** By the text alone: no look-up. `address` is as it would be asked for. */
  judge(address: string): { allow: boolean; rule: string; address: string };
  /** The most that one download may have: the owner's setting. */
  readonly downloadBytes: number;
}

export interface GetOptions {
  accept?: string;
  /** Of the body, decoded. */
  mostBytes: number;
  signal: AbortSignal;
  /** Decoded bytes so far; `totalBytes` where the server has said it. */
  onProgress?(bytes: number, totalBytes?: number): void;
}

export interface EgressResponse extends AsyncDisposable {
  /** After all redirects. */
  address: string;
  /** The addresses asked before this one. */
  redirects: string[];
  status: number;
  /** As the server says it, lower case; empty when it does not. */
  contentType: string;
  /** What the server would have the file called. Not to be trusted as a path. */
  filename?: string;
  /** Where the server has said it, and the body is not compressed. */
  totalBytes?: number;
  body: AsyncIterable<Uint8Array>;
}

export interface EgressOptions {
  /** Opened by the owner, each `host:port`. */
  allow: readonly string[];
  /** Hosts that tools may not reach although they are public: they have clients of their own. */
  ownHosts?: readonly string[];
  resolve?: Resolve;
  connect?: Connect;
  /** The addresses of this machine. */
  ownAddresses?(): string[];
  /** The certificates that count, where the system's do not: PEM. */
  certificates?: string;
  limits?: Partial<EgressLimits>;
  /** 50 MiB if not given. */
  downloadBytes?: number;
}

/** Throws when what the owner opened is no `host:port`. */
export function createEgress(options: EgressOptions): Egress {
  const { resolve = resolveWithSystem, connect = connectWithSystem, certificates } = options;
  const { ownAddresses = addressesOfInterfaces } = options;
  const limits = { ...defaultEgressLimits, ...options.limits };
  const places: Places = {
    opened: openedPlaces(options.allow),
    own: new Set((options.ownHosts ?? []).map((host) => host.toLowerCase())),
    ownAddresses: () => ownAddresses().flatMap((text) => addressBytes(text) ?? []),
  };

  function allowed(text: string): Target {
    const judgement = judgeAddress(text, places);
    if (judgement.allow) return judgement.target;
    throw new EgressError(`${judgement.origin ?? "This address"} is not asked: ${judgement.rule}.`);
  }

  async function addressesOf(target: Target, deadline: Deadline): Promise<string[]> {
    const late = `${target.url.origin} was not reached: its name was not resolved within ${seconds(limits.connectMs)}.`;
    deadline.expect(limits.connectMs, late);
    return lookUp(target, resolve, places, deadline.signal);
  }

  async function ask(target: Target, accept: string, deadline: Deadline): Promise<Hop> {
    const { signal } = deadline;
    const { origin } = target.url;
    const addresses = await addressesOf(target, deadline);
    deadline.expect(
      limits.connectMs + limits.headersMs,
      `${origin} did not begin to answer within ${seconds(limits.headersMs)}.`,
    );
    const { connectMs } = limits;
    try {
      return await askOnce({ target, addresses, connect, connectMs, certificates, signal, accept, limits });
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, origin);
    }
  }

  function responseOf(hop: Hop, target: Target, asked: string[], deadline: Deadline, options: GetOptions) {
    const { url } = target;
    const { origin } = url;
    const header = (name: string) => [hop.headers[name] ?? ""].flat().join(", ").trim();
    const encoding = header("content-encoding").toLowerCase();
    const { mostBytes, onProgress } = options;
    if (hop.status === 407) throw new EgressError(`${origin} asks for a proxy's password, which nobody gives.`);
    checkEncoding(origin, encoding);
    const length = /^\d+$/.test(header("content-length")) ? Number(header("content-length")) : undefined;
    if (length !== undefined && length > mostBytes) throw tooLarge(origin, mostBytes);
    const totalBytes = encoding === "" || encoding === "identity" ? length : undefined;
    const idle = `${origin} sent nothing for ${seconds(limits.idleMs)}.`;
    deadline.expect(limits.idleMs, idle);

    async function* body(): AsyncGenerator<Uint8Array> {
      try {
        yield* decodedBody(hop.body, {
          ...{ origin, encoding, mostBytes, ratio: limits.ratio },
          onWire: () => deadline.expect(limits.idleMs, idle),
          onDecoded: (bytes) => onProgress?.(bytes, totalBytes),
        });
      } catch (error) {
        deadline.signal.throwIfAborted();
        throw failureOf(error, origin);
      }
    }

    const filename = suggestedName(header("content-disposition"));
    return {
      ...{ address: url.href, redirects: asked, status: hop.status, body: body() },
      contentType: header("content-type").toLowerCase(),
      ...(filename === undefined ? {} : { filename }),
      ...(totalBytes === undefined ? {} : { totalBytes }),
    };
  }

  return {
    downloadBytes: options.downloadBytes ?? 50 * 1024 ** 2,

    judge(text) {
      const judgement = judgeAddress(text, places);
      const { allow, rule } = judgement;
      return { allow, rule, address: judgement.allow ? judgement.target.url.href : text };
    },

    async resolve(text, signal) {
      const target = allowed(text);
      using deadline = createDeadline(limits.totalMs, "", signal);
      const { host, port } = target;
      return { host, port, addresses: await addressesOf(target, deadline) };
    },

    async get(text, getOptions) {
      let target = allowed(text);
      const accept = getOptions.accept ?? "*/*";
      const late = `${target.url.origin} did not answer in full within ${seconds(limits.totalMs)}.`;
      await using opening = new AsyncDisposableStack();
      const deadline = opening.use(createDeadline(limits.totalMs, late, getOptions.signal));
      const asked: string[] = [];
      for (;;) {
        const hop = await ask(target, accept, deadline);
        const next = redirectTarget(hop, target, allowed);
        if (!next) {
          opening.use(hop);
          const response = responseOf(hop, target, asked, deadline, getOptions);
          const closing = opening.move();
          return { ...response, [Symbol.asyncDispose]: () => closing.disposeAsync() };
        }
        await hop[Symbol.asyncDispose]();
        asked.push(target.url.href);
        if (asked.length > limits.redirects)
          throw new EgressError(`${target.url.origin} redirects more than ${limits.redirects} times.`);
        if (asked.includes(next.url.href)) throw new EgressError(`${target.url.origin} redirects in a circle.`);
        target = next;
      }
    },
  };
}

function addressesOfInterfaces(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address.replace(/%.*/, "")),
  );
}
