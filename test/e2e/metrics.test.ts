import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyFree } from "../../src/child/free-port.ts";
import { serveMetrics } from "../../src/metrics/metrics-server.ts";
import { type AppRig, call, openAppRig } from "../support/app-rig.ts";

const key = "a key that nobody guesses";
let rig: AppRig;
let port: number;

const read = (authorization?: string, path = "/metrics"): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers: authorization === undefined ? {} : { authorization } });
const metrics = async (): Promise<string[]> => (await (await read(`Bearer ${key}`)).text()).split("\n");

beforeAll(async () => {
  port = await anyFree();
  rig = await openAppRig({ metrics: { port, key } });
});
afterAll(() => rig?.[Symbol.asyncDispose]());

describe("the metrics", () => {
  it("count runs, steps, calls, tokens and decisions", async () => {
    await rig.say("main", call("create_file", { path: "note.txt", content: "hello" }));
    await rig.say("main", call("delete_file", { path: "note.txt" }), () => ({ no: "keep it" }));
    await rig.say("main", call("read_file", { path: "nothing.txt" }));

    const lines = await metrics();
    expect(lines).toContain('memtrix_runs_total{agent="main",reason="answered"} 3');
    expect(lines).toContain('memtrix_steps_total{agent="main"} 6');
    expect(lines).toContain('memtrix_tool_seconds_count{tool="create_file",outcome="done"} 1');
    expect(lines).toContain('memtrix_tool_seconds_count{tool="delete_file",outcome="refused"} 1');
    expect(lines).toContain('memtrix_tool_seconds_count{tool="read_file",outcome="failed"} 1');
    expect(lines).toContain('memtrix_policy_decisions_total{tool="delete_file",verdict="no"} 1');
    expect(lines).toContain('memtrix_search_seconds_count{agent="main",asked="before-answer"} 3');
    expect(lines).toContain("memtrix_messages_waiting 0");
    expect(lines.find((line) => line.startsWith('memtrix_tokens_total{agent="main"'))).toMatch(/ [1-9]\d*$/);
  });

  it("are for whoever has the key", async () => {
    for (const authorization of [undefined, "", key, "Bearer", "Bearer another", `Basic ${key}`]) {
      const answer = await read(authorization);
      expect([authorization, answer.status, await answer.text()]).toEqual([
        authorization,
        401,
        "The key is missing.\n",
      ]);
    }
    expect((await read(`Bearer ${key}`, "/")).status).toBe(404);
  });

  it("hold nothing of what was said", async () => {
    await rig.say("main", "my name is Wilhelmina");
    expect((await metrics()).join("\n")).not.toContain("Wilhelmina");
  });

  it("say what to do when their port is taken", async () => {
    await expect(serveMetrics({ port, key, text: async () => "" })).rejects.toThrow(
      `Metrics cannot be served on port ${port}: set another "metrics.port" in data/config.json.`,
    );
  });
});
