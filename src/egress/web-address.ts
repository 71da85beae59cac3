import { domainToASCII, domainToUnicode } from "node:url";
import { type AddressBytes, addressBytes, isSameAddress } from "./ip-address.ts";

/** An address that can be read in one way only. */
export interface WebAddress {
  /** As it is asked for: without fragment and root dot, the host in ASCII. */
  url: URL;
  /** Lower case, ASCII; an IPv6 address without its brackets. */
  host: string;
  port: number;
  /** When the host is an IP address. */
  bytes: AddressBytes | undefined;
}

/** As it is written, and as it is asked for: what is not ASCII gets longer. */
const longest = 2_048;
const tooLong = `it is longer than ${longest.toLocaleString("en-US")} characters`;
const unwanted = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{NChar}\p{Z}\\]/v;
const parts = /^(https?):\/\/([^/?#]*)([^#]*)/is;
const hostAndPort = /^(\[[^[\]]*\]|[^:[\]]+)(?::([1-9]\d{0,4}))?$/;

/** Takes an address apart; a string says why it is not taken. What two parsers might read differently is not taken. */
export function readWebAddress(text: string): WebAddress | string {
  const trimmed = text.replace(/^ +| +$/g, "");
  if (trimmed.length > longest) return tooLong;
  if (unwanted.test(trimmed)) return "it has a space, a backslash, a control or an invisible character in it";

  const [, scheme = "", authority = "", rest = ""] = parts.exec(trimmed) ?? [];
  if (scheme === "") return "only http:// and https:// are asked for";
  if (/^[?#].*@/s.test(trimmed.slice(trimmed.indexOf("//") + 2 + authority.length)))
    return "some would read the end of it as its host";
  if (authority.includes("@")) return "it has a user name or password in it";
  const [, written = "", digits] = hostAndPort.exec(authority) ?? [];
  if (written === "") return "its host and port are not written plainly";

  const host = readHost(written);
  if (typeof host === "string") return host;
  const secure = scheme.toLowerCase() === "https";
  const port = digits === undefined ? (secure ? 443 : 80) : Number(digits);
  const shown = host.name.includes(":") ? `[${host.name}]` : host.name;
  const address = `${scheme}://${shown}:${port}${rest}`;
  if (!URL.canParse(address)) return "its host and port are not written plainly";
  const url = new URL(address);
  if (url.href.length > longest) return tooLong;
  const asked = url.hostname.replace(/^\[|\]$/g, "");
  // What was judged is what is asked for, or nothing is.
  const isSame = host.bytes ? isSameAddress(addressBytes(asked), host.bytes) : asked === host.name;
  return isSame ? { url, host: asked, port, bytes: host.bytes } : "its host and port are not written plainly";
}

type Host = Pick<WebAddress, "bytes"> & { name: string };

function readHost(written: string): Host | string {
  if (written.startsWith("[")) {
    const name = written.slice(1, -1);
    const bytes = addressBytes(name);
    return bytes ? { name, bytes } : "it has no plain IPv6 address in its brackets";
  }
  const bare = written.replace(/\.$/, "");
  if (/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(bare)) {
    const bytes = addressBytes(written);
    return bytes ? { name: written, bytes } : "an IPv4 address is taken as four plain decimal numbers only";
  }
  return readName(bare);
}

function readName(written: string): Host | string {
  const name = domainToASCII(written);
  const labels = name.split(".");
  if (name.length > 253 || labels.some((label) => !/^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label)))
    return "its host is not a name that the DNS knows";
  // A letter that only becomes this one by a mapping is shown as one name and asked for as another.
  if (domainToUnicode(name) !== lowerCase(written) && name !== lowerCase(written))
    return "its host has letters in it that stand for others";
  if (domainToASCII(domainToUnicode(name)) !== name || labels.some(isNoUnicode))
    return "its host has a label in it that decodes to nothing";
  return { name, bytes: undefined };
}

/** Composed letters only; Kelvin's sign and its like are other letters already. */
function lowerCase(name: string): string | undefined {
  return name === name.normalize("NFC") ? name.toLowerCase() : undefined;
}

function isNoUnicode(label: string): boolean {
  return label.startsWith("xn--") && domainToUnicode(label) === label;
}
