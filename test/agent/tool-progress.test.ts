import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import type { AgentEvent } from "../../src/agent/events.ts";
import { createEgress } from "../../src/egress/egress.ts";
import { alwaysAnswer, openHarness } from "../support/agent-harness.ts";
import { playInternet } from "../support/played-internet.ts";
import { scriptedModel } from "../support/scripted-model.ts";

it("a download that takes long tells how far it is while it goes on", async () => {
  await using internet = await playInternet({
    answers: { "a.example.com": [["93.184.215.14"]] },
    async serve(_, response) {
      response.writeHead(200, { "content-type": "application/zip", "content-length": 3_100_000 });
      response.write(Buffer.alloc(2_000_000));
      // Nobody is told of what takes less than two seconds.
      await sleep(2_100);
      response.end(Buffer.alloc(1_100_000));
    },
  });
  const url = "http://a.example.com/big.zip";
  const harness = await openHarness({
    model: scriptedModel({ calls: [{ name: "download_file", input: { url } }] }, "It is there."),
    agent: { egress: createEgress({ allow: [], ...internet.options }) },
  });
  onTestFinished(() => harness.close());

  const { ask } = alwaysAnswer("yes");
  const { events, answer } = await harness.say(`Get me ${url}`, { ask });
  expect(answer).toBe("It is there.");
  const ofTheCall = events.filter(({ type }) => type.startsWith("tool-"));
  const told = ofTheCall.filter(
    (event): event is AgentEvent & { type: "tool-progress" } => event.type === "tool-progress",
  );
  expect(ofTheCall.map(({ type }) => type)).toEqual(["tool-start", ...told.map(({ type }) => type), "tool-end"]);
  expect(told.length).toBeGreaterThan(0);
  for (const { text, call } of told) {
    expect(text).toMatch(/^[23][.][0-9] MB of 3[.]1 MB$/);
    expect(call).toMatchObject({ name: "download_file", input: { url } });
  }
});
