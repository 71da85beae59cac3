import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { addressBytes } from "../../src/egress/ip-address.ts";
import { judgeAddress, type Places, type Target } from "../../src/egress/judge.ts";
import { lookUp, type Resolve, resolveWithSystem } from "../../src/egress/look-up.ts";

const places: Places = {
  opened: new Set(["nas.lan 80", "169.254.1.1 80"]),
  own: new Set(),
  ownAddresses: () => [addressBytes("93.184.215.99") ?? new Uint8Array()],
};

function target(address: string): Target {
  const judgement = judgeAddress(address, places);
  if (!judgement.allow) throw new Error(judgement.rule);
  return judgement.target;
}

const site = target("http://a.example.com/secret?key=1");
const asking = (answers: string[]) => lookUp(site, async () => answers, places, new AbortController().signal);

describe("a name", () => {
  it("stands for every address that is given for it, each once", async () => {
    const answers = ["93.184.215.14", "2606:4700::1", "93.184.215.14"];
    expect(await asking(answers)).toEqual(["93.184.215.14", "2606:4700::1"]);
  });

  it("is refused as a whole when one of its addresses is, wherever it stands", async () => {
    const good = "93.184.215.14";
    for (const answers of [
      [good, "10.0.0.1"],
      ["10.0.0.1", good],
      [good, "::ffff:8.8.8.8"],
      [good, "93.184.215.99"],
    ])
      await expect(asking(answers)).rejects.toThrow(/^http:\/\/a\.example\.com is not asked: of the address it/);
  });

  it("is told apart from one that has no address, and one whose address is none", async () => {
    await expect(asking([])).rejects.toThrow("http://a.example.com was not reached: its name has no address.");
    const zoned = "http://a.example.com is not asked: of the address it stands for, its address has a zone or is none.";
    await expect(asking(["fe80::1%eth0"])).rejects.toThrow(zoned);
    await expect(asking(["nonsense"])).rejects.toThrow(zoned);
  });

  it("is not asked when it cannot be resolved; the system's word is the cause", async () => {
    const cause = new Error("ENOTFOUND");
    const asked = lookUp(site, () => Promise.reject(cause), places, new AbortController().signal);
    await expect(asked).rejects.toMatchObject({
      message: "http://a.example.com was not reached: its name could not be resolved.",
      cause,
    });
  });

  it("that the owner has opened may stand for a private address, never for where clouds keep credentials", async () => {
    const opened = target("http://nas.lan/");
    const { signal } = new AbortController();
    expect(await lookUp(opened, async () => ["192.168.1.5"], places, signal)).toEqual(["192.168.1.5"]);
    await expect(lookUp(opened, async () => ["169.254.169.254"], places, signal)).rejects.toThrow(/credentials/);
  });

  it("is looked up as the system does it, if nothing else is said", async () => {
    expect(await resolveWithSystem("localhost")).toContain("127.0.0.1");
    await expect(resolveWithSystem("nowhere.invalid")).rejects.toThrow();
  });

  it("is not looked up when it is an address already", async () => {
    const never: Resolve = () => Promise.reject(new Error("looked up"));
    const { signal } = new AbortController();
    expect(await lookUp(target("http://8.8.8.8/"), never, places, signal)).toEqual(["8.8.8.8"]);
    expect(await lookUp(target("http://[2606:4700::1]/"), never, places, signal)).toEqual(["2606:4700::1"]);
  });
});

describe("a request that is called off", () => {
  it("before it begins looks nothing up", async () => {
    let lookUps = 0;
    const count: Resolve = async () => [`93.184.215.${++lookUps}`];
    await expect(lookUp(site, count, places, AbortSignal.abort("stop"))).rejects.toBe("stop");
    expect(lookUps).toBe(0);
  });

  it("does not wait for the look-up, and takes no harm from its failing later", async () => {
    const late = Promise.withResolvers<string[]>();
    const stop = new AbortController();
    const asked = lookUp(site, () => late.promise, places, stop.signal);
    stop.abort("stop");
    await expect(asked).rejects.toBe("stop");
    late.reject(new Error("too late"));
    await late.promise.catch(() => {});
  });

  it("leaves nothing behind that waits for its signal", async () => {
    const { signal } = new AbortController();
    await lookUp(site, async () => ["93.184.215.14"], places, signal);
    await lookUp(site, () => Promise.reject(new Error()), places, signal).catch(() => {});
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
