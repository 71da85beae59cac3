import { isMetadata, refusedBecause } from "./address-rules.ts";
import { type AddressBytes, isSameAddress } from "./ip-address.ts";
import { readWebAddress, type WebAddress } from "./web-address.ts";

/** What one installation refuses or opens beside the rules that hold everywhere. */
export interface Places {
  /** Opened by the owner: `host:port`. */
  opened: ReadonlySet<string>;
  /** Hosts that have a client of their own: the homeserver, the model, Chroma, SearXNG. */
  own: ReadonlySet<string>;
  /** The addresses of this machine. */
  ownAddresses(): AddressBytes[];
}

export type Judgement = { allow: true; rule: string; target: Target } | { allow: false; rule: string; origin?: string };

/** What may be asked for, as far as the text tells. */
export interface Target extends WebAddress {
  /** By the owner: private addresses count as good, metadata never does. */
  isOpened: boolean;
}

const ports = new Set([80, 443, 8000, 8080, 8443]);

/** Top-level domains and others that are never public, or mean another place on each network. */
const specialSuffixes = [
  ...["localhost", "localdomain", "local", "internal", "intranet", "private", "lan", "home", "corp", "mail", "arpa"],
  ...["test", "invalid", "example", "onion", "alt", "i2p", "svc", "cluster", "consul", "docker", "workgroup"],
  ...["intra", "domain", "router", "modem", "belkin", "dlink", "localnet", "priv", "ip"],
];

/** Judges an address by its text alone: nothing is looked up. */
export function judgeAddress(text: string, places: Places): Judgement {
  const address = readWebAddress(text);
  if (typeof address === "string") return { allow: false, rule: address };
  const { host, port, bytes, url } = address;
  const isOpened = places.opened.has(placeKey(host, port));
  const refusal = isOpened ? undefined : (portRefusal(port) ?? hostRefusal(host, bytes, places));
  const rule = refusal ?? (bytes && answerRefusal(bytes, isOpened, places));
  if (rule !== undefined) return { allow: false, rule, origin: url.origin };
  const target = { ...address, isOpened };
  if (isOpened) return { allow: true, rule: "the owner has opened it", target };
  return { allow: true, rule: bytes ? "it is a public address" : "it is a public name", target };
}

/** Why an address that a name stands for is not connected to; undefined when it may be. */
export function answerRefusal(bytes: AddressBytes, isOpened: boolean, places: Places): string | undefined {
  if (isMetadata(bytes)) return "it is where clouds keep credentials";
  if (isOpened) return undefined;
  return refusedBecause(bytes) ?? (isOwn(bytes, places) ? "it is this machine" : undefined);
}

function isOwn(bytes: AddressBytes, places: Places): boolean {
  return places.ownAddresses().some((own) => isSameAddress(own, bytes));
}

/** One spelling for a host and port. */
export function placeKey(host: string, port: number): string {
  return `${host} ${port}`;
}

function portRefusal(port: number): string | undefined {
  return ports.has(port) ? undefined : `port ${port} is not one of ${[...ports].join(", ")}`;
}

function hostRefusal(host: string, bytes: AddressBytes | undefined, places: Places): string | undefined {
  if (places.own.has(host)) return "it is one of Memtrix's own servers";
  if (bytes) return undefined;
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  if (labels.length < 2) return "a name of one part is not public";
  if (specialSuffixes.includes(last)) return `names under .${last} are not public`;
  if (!/^(?:[a-z]+|xn--.+)$/.test(last)) return `there are no public names under .${last}`;
  return undefined;
}
