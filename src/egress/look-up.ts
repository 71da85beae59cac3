import { lookup } from "node:dns/promises";
import { EgressError } from "./egress-error.ts";
import { addressBytes } from "./ip-address.ts";
import { answerRefusal, type Places, type Target } from "./judge.ts";

/** Gives every address of a name. */
export type Resolve = (host: string) => Promise<string[]>;

/** Asks as the system does: its hosts file, then its name servers. */
export const resolveWithSystem: Resolve = async (host) => {
  const answers = await lookup(host, { all: true, order: "verbatim" });
  return answers.map(({ address }) => address);
};

/** The addresses that may be connected to: one look-up, and each answer checked. One that is refused refuses all. */
export async function lookUp(target: Target, resolve: Resolve, places: Places, signal: AbortSignal): Promise<string[]> {
  const { host, bytes, url } = target;
  if (bytes) return [host];
  const answers = [...new Set(await unlessAborted(() => answersFor(url, host, resolve), signal))];
  if (answers.length === 0) throw new EgressError(`${url.origin} was not reached: its name has no address.`);
  for (const answer of answers) {
    const answered = addressBytes(answer);
    const refusal = answered ? answerRefusal(answered, target.isOpened, places) : "its address has a zone or is none";
    if (refusal) throw new EgressError(`${url.origin} is not asked: of the address it stands for, ${refusal}.`);
  }
  return answers;
}

async function answersFor(url: URL, host: string, resolve: Resolve): Promise<string[]> {
  try {
    return await resolve(host);
  } catch (cause) {
    throw new EgressError(`${url.origin} was not reached: its name could not be resolved.`, { cause });
  }
}

/** A look-up cannot be called off: it is left behind. */
async function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
