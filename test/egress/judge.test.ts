import { describe, expect, it } from "vitest";
import { createEgress } from "../../src/egress/egress.ts";

const egress = createEgress({ allow: ["192.168.1.5:8123", "nas.lan:5000", "[fd00::7]:8080", "169.254.169.254:80"] });
const verdict = (address: string) => (egress.judge(address).allow ? "allow" : "deny");

describe("an address is taken when it can be read in one way only", () => {
  it.each([
    ["https://example.com/a?b#c", "https://example.com/a?b"],
    ["https://Example.COM.:8443", "https://example.com:8443/"],
    ["http://bücher.example.com/ä", "http://xn--bcher-kva.example.com/%C3%A4"],
    ["http://BÜCHER.example.com/", "http://xn--bcher-kva.example.com/"],
    ["http://xn--bcher-kva.example.com", "http://xn--bcher-kva.example.com/"],
    ["http://faß.example.com", "http://xn--fa-hia.example.com/"],
    ["http://r1---sn.example.com/", "http://r1---sn.example.com/"],
    ["http://8.8.8.8:8000/x", "http://8.8.8.8:8000/x"],
    ["http://[2606:4700:4700:0:0::1111]:8080/", "http://[2606:4700:4700::1111]:8080/"],
    ["http://[2606:4700::8.8.8.8]/", "http://[2606:4700::808:808]/"],
    ["https://example.com/@user", "https://example.com/@user"],
    ["https://example.com/a?b=c@d", "https://example.com/a?b=c@d"],
    ["  HTTP://example.com/a  ", "http://example.com/a"],
    ["http://[2606:4700::ABCD]/", "http://[2606:4700::abcd]/"],
    ["http://3m.com/", "http://3m.com/"],
    ["http://0x.example.com/", "http://0x.example.com/"],
  ])("%s is asked for as %s", (given, asked) => {
    expect(egress.judge(given)).toMatchObject({ allow: true, address: asked });
  });

  it.each([
    ...[
      "http://exam\u212Aple.com/",
      "http://\u212Bngstrom.example.com/",
      "http://xn--a/",
      "http://xn--zzzzzz99.example.com/",
    ],
    ...[
      "http://xn--localhost-.example.com/",
      "http://example.com:/",
      "http://example.com:080/",
      "http://example.com:0/",
    ],
    ...["http://example.com#@127.0.0.1/", "http://example.com?@127.0.0.1/", "http://8.8.8.8./", "http://8.8.8/"],
    ...[
      "http://008.8.8.8/",
      "http://8.8.8.08/",
      "http://8.8.8.8%2e/",
      "http://[::ffff:8.8.8.8%25x]/",
      "http://-a.example.com/",
    ],
    ...[
      "http://a-.example.com/",
      "http://example.123/",
      "http://example.0x/",
      "http://example.c0m/",
      "http://a.b.localhost/",
    ],
    ...[
      "http://a.local./",
      "http://A.INTERNAL/",
      "http://x.svc/",
      "http://x.example/",
      "http://x.alt/",
      "http://x.arpa/",
    ],
    ...[
      "http://example.com\u00ad/",
      "http://ex\u034Fample.com/",
      "http://example.com\u3002de/",
      "http://example.com\uD800/",
    ],
    ...[
      "http://[1::2::3]/",
      "http://[12345::]/",
      "http://[::1",
      "http://::1]/",
      "http:\\\\example.com/",
      "http://exam ple.com/",
    ],
    ...[
      "http://example.com/\u0000",
      "http://example.com/a b",
      "http://example.com/\u00a0",
      "\thttp://example.com/",
      "http://.com/",
    ],
    ...[
      "http://example..com/",
      "http://./",
      "http:///",
      "https//example.com",
      "blob:https://example.com/x",
      "view-source:http://a.b",
    ],
    ...["http://[2606:4700::5efe:8.8.8.8]/", "http://[2606:4700::200:5efe:808:808]/", "http://[64:ff9b::808:808]/"],
    `http://${"a.".repeat(130)}com/`,
  ])("%j is not", (address) => {
    expect(verdict(address)).toBe("deny");
  });

  it("takes 2,048 characters and no more", () => {
    const start = "http://example.com/";
    expect(verdict(start.padEnd(2_048, "x"))).toBe("allow");
    expect(verdict(start.padEnd(2_049, "x"))).toBe("deny");
    // Each ä is asked for as %C3%A4.
    expect(verdict(`${start}${"ä".repeat(338)}`)).toBe("allow");
    expect(verdict(`${start}${"ä".repeat(339)}`)).toBe("deny");
    expect(verdict(`${start}${"a/../".repeat(500)}`)).toBe("deny");
    expect(egress.judge("http://10.0.0.1/".padEnd(2_049, "x")).rule).toBe("it is longer than 2,048 characters");
  });

  it("takes names of 253 characters and no more", () => {
    const long = "a".repeat(63);
    expect(verdict(`http://${long}.${long}.${long}.${"a".repeat(57)}.com/`)).toBe("allow");
    expect(verdict(`http://${long}.${long}.${long}.${"a".repeat(58)}.com/`)).toBe("deny");
    expect(verdict(`http://${long}a.com/`)).toBe("deny");
  });

  it("says why in few words, without the path", () => {
    expect(egress.judge("http://10.1.2.3/secret?key=1").rule).toBe("it is a private network (10.0.0.0/8)");
    expect(egress.judge("http://example.com:22/secret").rule).toBe("port 22 is not one of 80, 443, 8000, 8080, 8443");
  });
});

describe("a name that is not public", () => {
  const suffixes =
    "localhost localdomain local internal intranet private lan home corp mail arpa test invalid example onion alt i2p svc " +
    "cluster consul docker workgroup intra domain router modem belkin dlink localnet priv ip";

  it.each(suffixes.split(" "))("ends in .%s", (suffix) => {
    expect(egress.judge(`http://a.b.${suffix}/`).rule).toBe(`names under .${suffix} are not public`);
    expect(verdict(`http://${suffix}.com/`)).toBe("allow");
  });

  it.each([
    ["http://intranet/", "a name of one part is not public"],
    ["http://a.c0m/", "there are no public names under .c0m"],
    ["http://a.c-m/", "there are no public names under .c-m"],
    ["http://example.com:81/", "port 81 is not one of 80, 443, 8000, 8080, 8443"],
    ["http://user@example.com/", "it has a user name or password in it"],
    ["http://a\u200bb.com/", "it has a space, a backslash, a control or an invisible character in it"],
    ["ftp://example.com/", "only http:// and https:// are asked for"],
    ["http://example.com?@x", "some would read the end of it as its host"],
    ["http://example.com:0/", "its host and port are not written plainly"],
    ["http://example.com:65536/", "its host and port are not written plainly"],
    ["http://[x]/", "it has no plain IPv6 address in its brackets"],
    ["http://1.2.3/", "an IPv4 address is taken as four plain decimal numbers only"],
    ["http://2130706433/", "an IPv4 address is taken as four plain decimal numbers only"],
    ["http://0x7f000001/", "an IPv4 address is taken as four plain decimal numbers only"],
    ["http://a.0xff/", "an IPv4 address is taken as four plain decimal numbers only"],
    ["http://a..com/", "its host is not a name that the DNS knows"],
    ["http://\u212Aelvin.com/", "its host has letters in it that stand for others"],
    ["http://xn--a.com/", "its host has a label in it that decodes to nothing"],
  ])("%s: %s", (address, rule) => {
    expect(egress.judge(address).rule).toBe(rule);
  });

  it("says of what it allows why", () => {
    expect(egress.judge("http://example.com/").rule).toBe("it is a public name");
    expect(egress.judge("http://a.xn--p1ai/").rule).toBe("it is a public name");
    expect(egress.judge("http://8.8.8.8/").rule).toBe("it is a public address");
    expect(egress.judge("http://nas.lan:5000/").rule).toBe("the owner has opened it");
  });
});

describe("what the owner has opened", () => {
  it.each([
    ["http://192.168.1.5:8123/api", "allow"],
    ["https://192.168.1.5:8123/api", "allow"],
    ["http://192.168.1.5:8124/", "deny"],
    ["http://192.168.1.5/", "deny"],
    ["http://192.168.1.6:8123/", "deny"],
    ["http://NAS.lan.:5000/", "allow"],
    ["http://nas.lan/", "deny"],
    ["http://[fd00:0::7]:8080/", "allow"],
    ["http://[fd00::8]:8080/", "deny"],
    ["http://0xc0a80105:8123/", "deny"],
    ["http://user@192.168.1.5:8123/", "deny"],
    ["http://169.254.169.254/", "deny"],
  ])("%s: %s", (address, expected) => {
    expect(verdict(address)).toBe(expected);
  });

  it.each(["http://nas.lan:5000", "nas.lan", "nas.lan:5000/x", "a@b:80", "10.1:80", ":80", "x:0"])(
    "%j cannot be opened",
    (entry) => {
      expect(() => createEgress({ allow: [entry] })).toThrow(/is no host:port such as/);
    },
  );
});

describe("Memtrix's own servers", () => {
  it("are not asked by tools, in whatever case and with whatever port", () => {
    const { judge } = createEgress({ allow: ["matrix.example.org:8443"], ownHosts: ["Matrix.example.org"] });
    expect(judge("https://matrix.example.org/_matrix/client/versions").allow).toBe(false);
    expect(judge("http://MATRIX.example.org.:8080/").allow).toBe(false);
    expect(judge("https://matrix.example.org:8443/").allow).toBe(true);
    expect(judge("https://example.org/").allow).toBe(true);
    expect(judge("https://matrix.example.org/").rule).toBe("it is one of Memtrix's own servers");
  });
});

describe("this machine's own addresses", () => {
  it("are refused each, although they are public, and no others are", () => {
    const ownAddresses = () => ["93.184.215.1", "2606:4700::7", "fe80::1%eth0"];
    const { judge } = createEgress({ allow: [], ownAddresses });
    expect(judge("http://93.184.215.1/").rule).toBe("it is this machine");
    expect(judge("http://[2606:4700::7]/").rule).toBe("it is this machine");
    expect(judge("http://93.184.215.2/").allow).toBe(true);
    expect(createEgress({ allow: [], ownAddresses: () => [] }).judge("http://93.184.215.1/").allow).toBe(true);
  });
});
