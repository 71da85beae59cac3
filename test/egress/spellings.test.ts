import { describe, expect, it } from "vitest";
import { createEgress } from "../../src/egress/egress.ts";
import { isPublic } from "../support/public-address.ts";
import { seededRandom } from "../support/seeded-random.ts";

const trials = Number(process.env.MEMTRIX_TEST_SPELLINGS ?? 100_000);

describe("an IP address in any spelling", () => {
  const { judge } = createEgress({ allow: [], ownHosts: [] });
  const random = seededRandom(20_261_120);
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;

  it("is judged by its bytes, and only as four decimal numbers when it has four", { timeout: 60_000 }, () => {
    const own = new Set<string>();
    const wrong: string[] = [];
    for (let trial = 0; trial < trials; trial += 1) {
      const { text, address, plain } = trial % 2 === 0 ? someIPv4() : someIPv6();
      const expected = plain && isPublic(address);
      if (judge(`http://${text}/`).allow !== expected && !own.has(address)) wrong.push(`${text} is ${address}`);
    }
    expect(wrong).toEqual([]);
  });

  /** Every second one near the edge of a block, where a mistake would sit. */
  function someIPv4(): { text: string; address: string; plain: boolean } {
    const edges = [
      0, 1, 9, 10, 11, 63, 64, 99, 100, 126, 127, 128, 168, 169, 172, 192, 198, 203, 223, 224, 239, 240, 254, 255,
    ];
    const bytes = Array.from({ length: 4 }, () => (random() < 0.6 ? pick(edges) : below(256)));
    const [a = 0, b = 0, c = 0, d = 0] = bytes;
    const address = bytes.join(".");
    const number = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    const part = (byte: number) => pick([`${byte}`, `0${byte.toString(8)}`, `0x${byte.toString(16)}`, `00${byte}`]);
    const text = pick([
      address,
      address,
      () => bytes.map(part).join("."),
      () => `${number}`,
      () => `0x${number.toString(16)}`,
      () => `0${number.toString(8)}`,
      () => `${a}.${(b << 16) | (c << 8) | d}`,
      () => `${a}.${b}.${(c << 8) | d}`,
      () => `${address}.`,
      () => [...address].map((sign) => (/\d/.test(sign) ? String.fromCodePoint(0xff10 + Number(sign)) : sign)).join(""),
      () => address.replaceAll(".", pick(["\u3002", "\uff0e", "%2e"])),
    ]);
    const written = typeof text === "string" ? text : text();
    return { text: written, address, plain: written === address };
  }

  function someIPv6(): { text: string; address: string; plain: boolean } {
    const starts = [
      ...["2001:0", "2001:1ff", "2001:200", "2001:db8", "2002:", "2620:4f:8000", "2620:4f:8001", "3fff:0", "3fff:1000"],
      ...[
        "3ffe:",
        "fe80:",
        "fd00:",
        "fc00:",
        "ff02:",
        "64:ff9b",
        "64:ff9b:1",
        "0:0:0:0:0:ffff",
        "0:0:0:0:ffff:0",
        "1fff:",
        "2000:",
        "4000:",
      ],
      ...["2a00:1:2:3:0:5efe", "2a00:1:2:3:200:5efe", "2a00:1:2:3:100:5efe", "2a00:1:2:3:400:5efe", "::"],
    ];
    const given = pick(starts)
      .split(":")
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
    const groups = Array.from({ length: 8 }, (_, at) => given[at] ?? (random() < 0.5 ? 0 : below(65_536)));
    const address = groups.map((group) => group.toString(16)).join(":");
    const digits = groups.map((group) =>
      pick([group.toString(16), group.toString(16).padStart(4, "0"), group.toString(16).toUpperCase()]),
    );
    const [high = 0, low = 0] = groups.slice(6);
    const dotted = `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
    const full = digits.join(":");
    const text = pick([
      full,
      full.replace(/(?:^|:)(?:0+(?::|$))+/, "::"),
      [...digits.slice(0, 6), dotted].join(":"),
      new URL(`http://[${address}]`).hostname.slice(1, -1),
    ]);
    return { text: `[${text}]`, address, plain: true };
  }
});
