import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "../../src/home.ts";
import { temporaryFolder } from "../support/temporary.ts";

function doctorUrl(addresses: string[], input = "") {
  const env = { ...process.env, MEMTRIX_HOME: temporaryFolder() };
  const launcher = join(checkout, "src/launch.js");
  const { stdout, status } = spawnSync(process.execPath, [launcher, "doctor", "url", ...addresses], {
    env,
    input,
    encoding: "utf8",
  });
  return { lines: stdout.trimEnd().split("\n"), status };
}

describe("memtrix doctor url", () => {
  it("says of each address whether tools may ask for it, and why", () => {
    expect(doctorUrl(["https://example.com/a", "http://127.0.0.1/"])).toEqual({
      lines: [
        "allow\thttps://example.com/a\tit is a public name",
        "deny\thttp://127.0.0.1/\tit is this machine (127.0.0.0/8)",
      ],
      status: 1,
    });
    expect(doctorUrl(["https://8.8.8.8"]).status).toBe(0);
  });

  it("reads addresses from the input, a line each, and keeps each on its line", () => {
    const { lines, status } = doctorUrl(
      ["-"],
      "https://example.com/\nhttp://exam\\tple.com/\\r\\n\n\nhttp://ex\\u200bample.com/\n",
    );
    expect(lines.map((line) => line.split("\t").slice(0, 2))).toEqual([
      ["allow", "https://example.com/"],
      ["deny", "http://exam\\tple.com/\\r\\n"],
      ["deny", "http://ex\u200bample.com/"],
    ]);
    expect(status).toBe(1);
  });
});
