import { describe, expect, it } from "vitest";
import { isMetadata, refusedBecause } from "../../src/egress/address-rules.ts";
import { addressBytes, block, isSameAddress, isWithin } from "../../src/egress/ip-address.ts";
import { judgeAddress } from "../../src/egress/judge.ts";

function bytes(text: string): Uint8Array {
  const found = addressBytes(text);
  if (!found) throw new Error(`${text} is no address`);
  return found;
}
const why = (text: string) => refusedBecause(bytes(text));

describe("an address that is not public", () => {
  it.each([
    ["0.0.0.0/8", "it means this machine", "0.0.0.0", "0.255.255.255"],
    ["10.0.0.0/8", "it is a private network", "10.0.0.0", "10.255.255.255"],
    ["100.64.0.0/10", "it is a provider's inner network", "100.64.0.0", "100.127.255.255"],
    ["127.0.0.0/8", "it is this machine", "127.0.0.0", "127.255.255.255"],
    ["168.63.129.16/32", "it is a cloud's own service", "168.63.129.16", "168.63.129.16"],
    ["169.254.0.0/16", "it is link-local, where clouds keep credentials", "169.254.0.0", "169.254.255.255"],
    ["172.16.0.0/12", "it is a private network", "172.16.0.0", "172.31.255.255"],
    ["192.0.0.0/24", "it is reserved for protocols", "192.0.0.0", "192.0.0.255"],
    ["192.0.2.0/24", "it is for documentation", "192.0.2.0", "192.0.2.255"],
    ["192.31.196.0/24", "it is for AS112", "192.31.196.0", "192.31.196.255"],
    ["192.52.193.0/24", "it is for AMT", "192.52.193.0", "192.52.193.255"],
    ["192.88.99.0/24", "it is a 6to4 relay", "192.88.99.0", "192.88.99.255"],
    ["192.168.0.0/16", "it is a private network", "192.168.0.0", "192.168.255.255"],
    ["192.175.48.0/24", "it is for AS112", "192.175.48.0", "192.175.48.255"],
    ["198.18.0.0/15", "it is for benchmarks", "198.18.0.0", "198.19.255.255"],
    ["198.51.100.0/24", "it is for documentation", "198.51.100.0", "198.51.100.255"],
    ["203.0.113.0/24", "it is for documentation", "203.0.113.0", "203.0.113.255"],
    ["224.0.0.0/4", "it is multicast", "224.0.0.0", "239.255.255.255"],
    ["240.0.0.0/4", "it is reserved", "240.0.0.0", "255.255.255.255"],
    ["2001::/23", "it is reserved for protocols such as Teredo", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2001:db8::/32", "it is for documentation", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2002::/16", "it is 6to4, which hides an IPv4 address", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2620:4f:8000::/48", "it is for AS112", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"],
    ["3fff::/20", "it is for documentation", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ])("%s: %s", (blockText, reason, first, last) => {
    expect(why(first)).toBe(`${reason} (${blockText})`);
    expect(why(last)).toBe(`${reason} (${blockText})`);
  });

  it.each([
    "::",
    "::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "1fff:ffff::",
    "4000::",
    "fc00::1",
    "fe80::1",
    "ff02::1",
  ])("%s: outside of what is public", (text) => expect(why(text)).toBe("it is not public (outside 2000::/3)"));

  it.each(["::5efe:a00:1", ":100:5efe:a00:1", ":200:5efe:a00:1", ":300:5efe:808:808"])(
    "2a00:1:2:3%s: it hides another",
    (rest) => expect(why(`2a00:1:2:3${rest}`)).toBe("it hides an IPv4 address (ISATAP)"),
  );
});

describe("an address that is public", () => {
  it.each([
    ...["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"],
    ...["168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"],
    ...[
      "191.255.255.255",
      "192.0.1.0",
      "192.0.3.0",
      "192.31.195.255",
      "192.31.197.0",
      "192.52.192.255",
      "192.52.194.0",
    ],
    ...["192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "192.175.47.255", "192.175.49.0"],
    ...[
      "198.17.255.255",
      "198.20.0.0",
      "198.51.99.255",
      "198.51.101.0",
      "203.0.112.255",
      "203.0.114.0",
      "223.255.255.255",
    ],
    ...[
      "2000::",
      "2001:200::",
      "2001:db7:ffff::",
      "2001:db9::",
      "2001:ffff::",
      "2003::",
      "2620:4f:7fff::",
      "2620:4f:8001::",
    ],
    ...["3ffe:ffff::", "3fff:1000::", "3fff:ffff::1"],
    ...["2a00:1:2:3:400:5efe:a00:1", "2a00:1:2:3:1:5efe:a00:1", "2a00:1:2:3:0:5eff:a00:1", "2a00:1:2:3:0:5ffe:a00:1"],
  ])("%s, just beside one that is not", (text) => {
    expect(why(text)).toBeUndefined();
  });
});

describe("where clouds keep credentials", () => {
  it.each([
    ...["169.254.169.254", "169.254.0.0", "169.254.255.255", "168.63.129.16", "100.100.100.200", "192.0.0.192"],
    ...["fe80::1", "febf::1", "fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"],
    ...["2002:a9fe:a9fe::1", "2a00::5efe:a9fe:a9fe"],
  ])("%s stays closed, also when the owner opens it", (text) => {
    expect(isMetadata(bytes(text))).toBe(true);
    const host = text.includes(":") ? `[${text}]` : text;
    const opened = new Set([`${new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, "")} 80`]);
    const judged = judgeAddress(`http://${host}/`, { opened, own: new Set(), ownAddresses: () => [] });
    expect(judged).toMatchObject({ allow: false, rule: "it is where clouds keep credentials" });
  });

  it.each(["168.63.129.17", "100.100.100.201", "192.0.0.193", "169.253.1.1", "fec0::1", "fd00:ec3::1", "fd20:ce::255"])(
    "%s is not such a place",
    (text) => expect(isMetadata(bytes(text))).toBe(false),
  );
});

describe("an address as bytes", () => {
  it.each([
    ["1.2.3.4", [1, 2, 3, 4]],
    ["255.249.199.100", [255, 249, 199, 100]],
    ["::", Array(16).fill(0)],
    ["1:2:3:4:5:6:7:ABCD", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0xab, 0xcd]],
    ["1::8", [0, 1, ...Array(12).fill(0), 0, 8]],
    ["::ffff:1.2.3.4", [...Array(10).fill(0), 255, 255, 1, 2, 3, 4]],
    ["1:2:3:4:5:6:1.2.3.4", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4]],
  ])("%s", (text, expected) => {
    expect([...(addressBytes(text) ?? [])]).toEqual(expected);
  });

  it.each([
    ...[
      "",
      "1",
      "1.2.3",
      "1.2.3.4.",
      ".1.2.3.4",
      "1.2.3.4.5",
      "01.2.3.4",
      "1.2.3.04",
      "1.2.3.256",
      "1.2.3.300",
      "1.2.3.999",
    ],
    ...[
      "x1.2.3.4",
      "1.2.3.4x",
      "1..3.4",
      "0x1.2.3.4",
      "1.2.3.4 ",
      "fe80::1%eth0",
      "1::2::3",
      "12345::",
      ":::",
      "[::1]",
    ],
  ])("%j is none", (text) => {
    expect(addressBytes(text)).toBeUndefined();
  });

  it("is the same as another only when all of it is", () => {
    expect(isSameAddress(bytes("1.2.3.4"), bytes("1.2.3.4"))).toBe(true);
    expect(isSameAddress(bytes("1.2.3.4"), bytes("1.2.3.5"))).toBe(false);
    expect(isSameAddress(bytes("::1.2.3.4"), bytes("1.2.3.4"))).toBe(false);
    expect(isSameAddress(undefined, undefined)).toBe(false);
    expect(isSameAddress(bytes("1.2.3.4"), undefined)).toBe(false);
    expect(isSameAddress(undefined, bytes("1.2.3.4"))).toBe(false);
  });

  it("lies within a block by the block's first bits alone", () => {
    expect(isWithin(bytes("10.1.255.3"), block("10.1.128.0/17"))).toBe(true);
    expect(isWithin(bytes("10.1.127.3"), block("10.1.128.0/17"))).toBe(false);
    expect(isWithin(bytes("10.1.128.0"), block("10.1.128.0/32"))).toBe(true);
    expect(isWithin(bytes("10.1.128.1"), block("10.1.128.0/32"))).toBe(false);
    expect(isWithin(bytes("200.1.1.1"), block("10.0.0.0/0"))).toBe(true);
    expect(isWithin(bytes("::"), block("0.0.0.0/0"))).toBe(false);
    expect(() => block("nonsense/8")).toThrow("nonsense/8 is no block of addresses.");
    expect(() => block("/8")).toThrow("/8 is no block of addresses.");
  });
});
