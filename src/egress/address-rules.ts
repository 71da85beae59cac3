import { type AddressBytes, type Block, block, isWithin } from "./ip-address.ts";

/** Why no address of a block may be reached. */
type Rule = readonly [block: Block, reason: string];

function rules(table: Record<string, string>): Rule[] {
  return Object.entries(table).map(([text, reason]) => [block(text), `${reason} (${text})`]);
}

const refusedIPv4 = rules({
  "0.0.0.0/8": "it means this machine",
  "10.0.0.0/8": "it is a private network",
  "100.64.0.0/10": "it is a provider's inner network",
  "127.0.0.0/8": "it is this machine",
  "168.63.129.16/32": "it is a cloud's own service",
  "169.254.0.0/16": "it is link-local, where clouds keep credentials",
  "172.16.0.0/12": "it is a private network",
  "192.0.0.0/24": "it is reserved for protocols",
  "192.0.2.0/24": "it is for documentation",
  "192.31.196.0/24": "it is for AS112",
  "192.52.193.0/24": "it is for AMT",
  "192.88.99.0/24": "it is a 6to4 relay",
  "192.168.0.0/16": "it is a private network",
  "192.175.48.0/24": "it is for AS112",
  "198.18.0.0/15": "it is for benchmarks",
  "198.51.100.0/24": "it is for documentation",
  "203.0.113.0/24": "it is for documentation",
  "224.0.0.0/4": "it is multicast",
  "240.0.0.0/4": "it is reserved",
});

const globalIPv6 = block("2000::/3");
const refusedIPv6 = rules({
  "2001::/23": "it is reserved for protocols such as Teredo",
  "2001:db8::/32": "it is for documentation",
  "2002::/16": "it is 6to4, which hides an IPv4 address",
  "2620:4f:8000::/48": "it is for AS112",
  "3fff::/20": "it is for documentation",
});

/** What hands credentials to whoever asks, or is the cloud's own: not even an owner opens it. */
const metadata = [
  ...["169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32"],
  ...["fe80::/10", "fd00:ec2::/32", "fd20:ce::254/128"],
].map(block);

/** Why this address is not reached; undefined for a public one. */
export function refusedBecause(address: AddressBytes): string | undefined {
  if (address.length === 4) return refusedIPv4.find(([one]) => isWithin(address, one))?.[1];
  if (!isWithin(address, globalIPv6)) return "it is not public (outside 2000::/3)";
  if (isIsatap(address)) return "it hides an IPv4 address (ISATAP)";
  return refusedIPv6.find(([one]) => isWithin(address, one))?.[1];
}

/** True for the addresses where clouds keep credentials, also where an IPv6 address only carries one. */
export function isMetadata(address: AddressBytes): boolean {
  const carried = address.length === 16 ? carriedIPv4(address) : [];
  return [address, ...carried].some((one) => metadata.some((each) => isWithin(one, each)));
}

function isIsatap(address: AddressBytes): boolean {
  const [first = 0, second, third, fourth] = address.subarray(8, 12);
  return (first & 0xfc) === 0 && second === 0 && third === 0x5e && fourth === 0xfe;
}

/** The places where mapped, translated, NAT64, 6to4 and ISATAP addresses have their IPv4 address. */
function carriedIPv4(address: AddressBytes): AddressBytes[] {
  return [address.subarray(12, 16), address.subarray(2, 6)];
}
