import { describe, expect, it } from "vitest";
import { friend, me, openDesk, owner, says } from "./desk.ts";

describe("one who is allowed to write, and is no owner", () => {
  const write = (count: number, sender: string) =>
    Array.from({ length: count }, (_, index) => says(`${index}`, { sender }));

  it("is answered ten times a minute, told once, and answered again in the next", async () => {
    const desk = openDesk({ members: [me, owner, friend], mode: "open" });
    await desk.read(...write(25, friend));
    expect(desk.orders()).toHaveLength(10);
    expect(desk.told()).toEqual([expect.stringContaining("ten messages a minute")]);

    desk.clock.advance(60_000);
    await desk.read(says("good morning", { sender: friend }));
    expect(desk.orders().at(-1)).toBe("good morning");
  });

  it("does not use up what an owner may say", async () => {
    const desk = openDesk({ members: [me, owner, friend], mode: "open" });
    await desk.read(...write(15, friend), ...write(15, owner));
    expect(desk.orders()).toHaveLength(25);
  });
});
