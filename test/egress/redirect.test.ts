import { describe, expect, it } from "vitest";
import { judgeAddress, type Places, type Target } from "../../src/egress/judge.ts";
import { redirectTarget } from "../../src/egress/redirect.ts";

const places: Places = {
  opened: new Set(["nas.lan 8080", "other.lan 80"]),
  own: new Set(),
  ownAddresses: () => [],
};

function allowed(address: string): Target {
  const judgement = judgeAddress(address, places);
  if (!judgement.allow) throw new Error(`${judgement.rule}: ${address}`);
  return judgement.target;
}

const from = allowed("https://a.example.com/deep/page?x=1");
const next = (location: string | string[] | undefined, status = 302, base = from) =>
  redirectTarget({ status, headers: { location } }, base, allowed)?.url.href;

describe("where an answer leads on to", () => {
  it.each([301, 302, 303, 307, 308])("is followed with status %i", (status) => {
    expect(next("https://b.example.com/", status)).toBe("https://b.example.com/");
  });

  it.each([200, 201, 300, 304, 305, 306, 309, 404])("is not looked at with status %i", (status) => {
    expect(next("https://b.example.com/", status)).toBeUndefined();
  });

  it.each([
    ["/top", "https://a.example.com/top"],
    ["/a:b", "https://a.example.com/a:b"],
    ["beside", "https://a.example.com/deep/beside"],
    ["?y=2", "https://a.example.com/deep/page?y=2"],
    ["../up", "https://a.example.com/up"],
    ["//b.example.com/x", "https://b.example.com/x"],
    ["HTTP://b.example.com/x", "http://b.example.com/x"],
    [Buffer.from("/ä").toString("latin1"), "https://a.example.com/%C3%A4"],
  ])("%j is %s", (location, address) => {
    expect(next(location)).toBe(address);
  });

  it.each(["/a b", "/\\b.example.com/", "x\ty", "https:b.example.com", "a+b-c.d:x", "//0x08080808/"])(
    "%j is judged as it stands, and refused",
    (location) => {
      expect(() => next(location)).toThrow(location);
    },
  );

  it("must be said once", () => {
    const sentence = "https://a.example.com redirects, but does not say where to.";
    expect(() => next(undefined)).toThrow(sentence);
    expect(() => next("")).toThrow(sentence);
    expect(() => next(["/a", "/b"])).toThrow(sentence);
  });

  it("may be a place that the owner has opened only from that place itself", () => {
    const opened = allowed("http://nas.lan:8080/");
    expect(next("/login", 302, opened)).toBe("http://nas.lan:8080/login");
    expect(() => next("http://nas.lan:8080/")).toThrow("asked only when it is named itself");
    expect(() => next("http://other.lan/", 302, opened)).toThrow("asked only when it is named itself");
  });
});
