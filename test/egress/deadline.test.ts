import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDeadline, type Deadline } from "../../src/egress/deadline.ts";
import { EgressError } from "../../src/egress/egress-error.ts";

let caller: AbortController;
let deadline: Deadline;
beforeEach(() => {
  vi.useFakeTimers();
  caller = new AbortController();
  deadline = createDeadline(1_000, "All of it took too long.", caller.signal);
});
afterEach(() => {
  deadline[Symbol.dispose]();
  vi.useRealTimers();
});

const why = () => (deadline.signal.reason as Error | undefined)?.message;

describe("a request that takes too long", () => {
  it("ends when all of it has taken too long, whatever came meanwhile", () => {
    for (let ms = 0; ms < 999; ms += 111) {
      deadline.expect(200, "The next piece.");
      vi.advanceTimersByTime(111);
    }
    expect(deadline.signal.aborted).toBe(false);
    deadline.expect(200, "The next piece.");
    vi.advanceTimersByTime(1);
    expect(why()).toBe("All of it took too long.");
    expect(deadline.signal.reason).toBeInstanceOf(EgressError);
  });

  it("ends when what is waited for does not come, and not by what was waited for before", () => {
    deadline.expect(100, "The name.");
    vi.advanceTimersByTime(99);
    deadline.expect(300, "The headers.");
    vi.advanceTimersByTime(299);
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(why()).toBe("The headers.");
  });

  it("ends with its caller, for the caller's reason", () => {
    caller.abort("stop");
    expect(deadline.signal.reason).toBe("stop");
  });

  it("is no longer watched when it is over", () => {
    deadline.expect(100, "The next piece.");
    deadline[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5_000);
    expect(deadline.signal.aborted).toBe(false);
  });
});
