import { HTTPError, MatrixError } from "matrix-js-sdk";
import { describe, expect, it, onTestFinished } from "vitest";
import { createNotices } from "../../../src/channel/matrix/notices.ts";
import { createDelivery } from "../../../src/channel/matrix/outbox.ts";
import type { RoomEvent } from "../../../src/channel/matrix/outlet.ts";
import { createPace } from "../../../src/channel/matrix/pace.ts";
import { NotEncryptedError, sendFailureOf } from "../../../src/channel/matrix/send-failure.ts";
import { silent } from "../../../src/log.ts";
import type { OutboxKind } from "../../../src/store/outbox.ts";
import { clockAt, temporaryStore } from "../../support/temporary.ts";

type Said = { room?: string; kind?: OutboxKind; format?: string; formatted_body?: string };
type Attempt = { room: string; body: string; transaction: string };

/** A delivery whose homeserver answers as `answer` says. */
function delivering(answer: (attempt: Attempt, nth: number) => Promise<string> | string, arrived?: string) {
  const clock = clockAt("2026-11-20T12:00:00Z");
  const store = temporaryStore(clock.now);
  const attempts: Attempt[] = [];
  const pace = createPace(Date.now, () => 0);
  pace.begin();
  const delivery = createDelivery({
    ...{ channel: "matrix", agent: "main", outbox: store.outbox, pace, now: clock.now, log: silent },
    outlet: {
      async send(room: string, event: RoomEvent, transaction: string) {
        const attempt = { room, body: String(event.content.body), transaction };
        attempts.push(attempt);
        return answer(attempt, attempts.length);
      },
    },
    findDelivered: async () => arrived,
    answered: () => [],
  });
  onTestFinished(() => delivery.stop(0));
  const say = (body: string, { room = "!a", kind = "answer", ...content }: Said = {}) =>
    store.outbox.add({
      ...{ channel: "matrix", agent: "main", conversation: `matrix:${room}`, answers: [1], kind },
      events: [{ type: "m.room.message", content: { body, ...content } }],
    });
  return { attempts, delivery, store, say, clock, pace };
}

const limited = (data: object, headers?: Record<string, string>): MatrixError =>
  new MatrixError({ errcode: "M_LIMIT_EXCEEDED", ...data }, 429, undefined, undefined, new Headers(headers));

describe("the outbox", () => {
  it("sends in order, answers before notices, and remembers what each became", async () => {
    const { attempts, delivery, store, say } = delivering(({ body }) => `$${body}`);
    say("progress", { kind: "notice" });
    say("one");
    say("two");
    delivery.start();
    await delivery.stop(5_000);
    expect(attempts.map(({ body }) => body)).toEqual(["one", "two", "progress"]);
    expect(store.outbox.waiting("matrix")).toEqual([]);
    expect(store.outbox.find("matrix", "$two")?.answers).toEqual([1]);
  });

  it("M31: repeats under the same transaction as late as it is told, and loses nothing", async () => {
    const { attempts, delivery, store, say } = delivering(({ body }, nth) => {
      if (nth === 1) throw limited({ retry_after_ms: 200 });
      return `$${body}`;
    });
    const began = performance.now();
    say("one");
    say("two");
    delivery.start();
    await delivery.stop(10_000);
    expect(performance.now() - began).toBeGreaterThan(190);
    expect(attempts.map(({ body }) => body)).toEqual(["one", "one", "two"]);
    expect(attempts[0]?.transaction).toBe(attempts[1]?.transaction);
    expect(store.outbox.waiting("matrix")).toEqual([]);
  });

  it("does not hold back other rooms when one refuses, and says why", async () => {
    const { delivery, store, say } = delivering(({ room, body }) => {
      if (room === "!a") throw new NotEncryptedError("the room is encrypted, and there are no keys to encrypt with");
      return `$${body}`;
    });
    say("stuck");
    say("free", { room: "!b" });
    delivery.start();
    await delivery.stop(300);
    expect(store.outbox.waiting("matrix").map(({ conversation }) => conversation)).toEqual(["matrix:!a"]);
    expect(delivery.state()).toEqual({ waiting: 1, problem: expect.stringContaining("no keys to encrypt with") });
  });

  it("M33: makes an event smaller that is too large, drops none of it, and keeps the order", async () => {
    const words = Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(" ");
    const { attempts, delivery, say } = delivering(({ body }) => {
      if (body.length > 6_000) throw new MatrixError({ errcode: "M_TOO_LARGE" }, 413);
      return `$${body.length}`;
    });
    say(words, { formatted_body: `<p>${words}</p>`, format: "org.matrix.custom.html" });
    say("the end");
    delivery.start();
    await delivery.stop(5_000);
    const arrived = attempts.filter(({ body }) => body.length <= 6_000).map(({ body }) => body.trim());
    expect(arrived.join(" ")).toBe(`${words} the end`);
  });

  it("looks in the room first for what it tried more than twelve hours ago", async () => {
    const { attempts, delivery, store, say, clock } = delivering(() => "$new", "$old");
    say("yesterday's");
    store.outbox.tried(1);
    clock.advance(13 * 3_600_000);
    delivery.start();
    await delivery.stop(5_000);
    expect(attempts).toEqual([]);
    expect(store.outbox.find("matrix", "$old")).toBeDefined();
  });
});

it("a notice that is taken back while it waits does not leave, and is no problem any more", async () => {
  const { attempts, delivery, store, say, pace } = delivering(({ body }, nth) => {
    if (nth === 1) throw new NotEncryptedError("the room is not encrypted");
    return `$${body}`;
  });
  say("first", { kind: "answer" });
  delivery.start();
  await expect.poll(() => delivery.state().problem).toMatch("not encrypted");
  await expect.poll(() => store.outbox.find("matrix", "$first"), { timeout: 5_000 }).toBeDefined();
  pace.slowDown(300);
  say("notice", { kind: "notice" });
  store.outbox.takeBackNotices({ channel: "matrix", agent: "main", conversation: "matrix:!a" }, 1);
  await delivery.stop(5_000);
  expect(attempts.map(({ body }) => body)).toEqual(["first", "first"]);
  expect(delivery.state()).toEqual({ waiting: 0 });
}, 15_000);

it("an answer does not wait for a notice that always fails", async () => {
  const { attempts, delivery, store, say } = delivering(({ body }) => {
    if (body === "notice") throw new MatrixError({ errcode: "M_UNKNOWN" }, 500);
    return `$${body}`;
  });
  say("notice", { kind: "notice" });
  delivery.start();
  await expect.poll(() => attempts.length, { timeout: 15_000 }).toBe(3);
  const before = performance.now();
  say("answer");
  await expect.poll(() => store.outbox.find("matrix", "$answer")).toBeDefined();
  expect(performance.now() - before).toBeLessThan(3_000);
}, 30_000);

describe("much more than can leave", () => {
  it("keeps every answer in its order, and of the notices of a room the newest", () => {
    const store = temporaryStore();
    const say = (body: string) =>
      store.outbox.add({
        ...{ channel: "matrix", agent: "main", conversation: "matrix:!a", answers: [1] },
        events: [{ type: "m.room.message", content: { body } }],
      });
    const notices = createNotices({
      ...{ channel: "matrix", agent: "main", outbox: store.outbox, settings: store.settings, configured: null },
      now: () => new Date(),
    });
    store.transaction(() => {
      for (let index = 0; index < 1_000; index++) say(`answer ${index}`);
      notices.tell("matrix:!b", "elsewhere");
      for (let index = 0; index < 50; index++) notices.tell("matrix:!a", `notice ${index}`);
    });
    const waiting = store.outbox.waiting("matrix").map(({ event }) => String((event as RoomEvent).content.body));
    expect(waiting.slice(0, 1_001)).toEqual([...Array.from({ length: 1_000 }, (_, n) => `answer ${n}`), "elsewhere"]);
    expect(waiting.slice(1_001)).toEqual([expect.stringMatching(/^notice 49\s+\(Older notices were left out/)]);
  });
});

describe("M31: how long a server asks to wait", () => {
  it.each([
    ["by header", limited({}, { "Retry-After": "3" }), 3_000],
    ["in the body", limited({ retry_after_ms: 1_500 }), 1_500],
    ["by both: the header counts", limited({ retry_after_ms: 1_500 }, { "Retry-After": "3" }), 3_000],
    ["by neither", limited({}), undefined],
    ["in a way that cannot be read", limited({ retry_after_ms: "soon" }), undefined],
    ["from a proxy", new HTTPError("slow", 429, new Headers({ "Retry-After": "7" })), 7_000],
  ])("%s", (_, error, waitMs) => {
    expect(sendFailureOf(error)).toEqual({ kind: "limited", waitMs });
  });

  it("is kept, with a little more, and not longer than five minutes", async () => {
    let now = 0;
    const pace = createPace(
      () => now,
      () => 1,
    );
    pace.begin();
    pace.slowDown(3_600_000);
    expect(pace.paused).toBe(true);
    now = 300_000 * 1.1;
    expect(pace.paused).toBe(false);
  });
});

describe("M32: what is shown beside the answers", () => {
  it("may be eight at once, then one in six seconds", () => {
    let now = 0;
    const pace = createPace(() => now);
    pace.begin();
    const shown = (): number => Array.from({ length: 20 }, () => pace.mayShow()).filter(Boolean).length;
    expect(shown()).toBe(8);
    expect(shown()).toBe(0);
    now += 6_000;
    expect(shown()).toBe(1);
    now += 5_999;
    expect(shown()).toBe(0);
  });
});
