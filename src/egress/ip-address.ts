import { isIPv6 } from "node:net";

/** An IP address as its bytes: 4 or 16, in network order. */
export type AddressBytes = Uint8Array;

const canonicalIPv4 = /^(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/;

/**
 * The bytes of an address: IPv4 only as four plain decimal numbers, IPv6 in every spelling but with a zone. Undefined for
 * any other text.
 */
export function addressBytes(text: string): AddressBytes | undefined {
  if (canonicalIPv4.test(text)) return Uint8Array.from(text.split("."), Number);
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const [head = "", tail] = text.split("::");
  const front = groupBytes(head);
  const back = groupBytes(tail ?? "");
  return Uint8Array.from([...front, ...Array<number>(16 - front.length - back.length).fill(0), ...back]);
}

function groupBytes(groups: string): number[] {
  if (groups === "") return [];
  return groups.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** A block of addresses: those whose first `bits` are these. */
export interface Block {
  bytes: AddressBytes;
  bits: number;
}

/** Reads `10.0.0.0/8` or `2000::/3`. */
export function block(text: string): Block {
  const [address = "", bits] = text.split("/");
  const bytes = addressBytes(address);
  if (!bytes) throw new Error(`${text} is no block of addresses.`);
  return { bytes, bits: Number(bits) };
}

export function isWithin(address: AddressBytes, { bytes, bits }: Block): boolean {
  if (address.length !== bytes.length) return false;
  return bytes.every((byte, index) => {
    const count = Math.min(8, Math.max(0, bits - index * 8));
    return ((byte ^ (address[index] ?? 0)) & (0xff00 >> count) & 0xff) === 0;
  });
}

export function isSameAddress(one: AddressBytes | undefined, other: AddressBytes | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}
