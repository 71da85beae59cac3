import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createTyping } from "../../../src/channel/matrix/typing.ts";

let told: string[];
const client = {
  async sendTyping(room: string, on: boolean) {
    told.push(`${room} ${on ? "on" : "off"}`);
    return {};
  },
};

beforeEach(() => {
  told = [];
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

it("says nothing of an answer that is there at once", () => {
  const end = createTyping(client).begin("!a");
  vi.advanceTimersByTime(299);
  end();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});

it("shows work that takes longer, again every 20 seconds, until all of it in the room has ended", () => {
  const typing = createTyping(client);
  const [endFirst, endSecond] = [typing.begin("!a"), typing.begin("!a")];
  vi.advanceTimersByTime(300);
  endFirst();
  endFirst();
  vi.advanceTimersByTime(20_000);
  expect(told).toEqual(["!a on", "!a on"]);
  endSecond();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual(["!a on", "!a on", "!a off"]);
});

it("ends in all rooms when the program does, and what ends afterwards says nothing more", () => {
  const typing = createTyping(client);
  const end = typing.begin("!a");
  typing.begin("!b");
  vi.advanceTimersByTime(300);
  typing.endAll();
  end();
  expect(told).toEqual(["!a on", "!b on", "!a off", "!b off"]);
});
