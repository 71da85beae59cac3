import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSecrets, saveSecrets } from "../../src/config/secrets.ts";
import { ConfigError } from "../../src/errors.ts";
import { temporaryHome } from "../support/temporary-home.ts";

/** What `$KEY` stands for in a `.env` of this text. */
function valueIn(text: string): string {
  using home = temporaryHome();
  chmodSync(home.write(".env", text), 0o600);
  return loadSecrets(home.path, {}).resolve("$KEY");
}

describe("a secret in .env", () => {
  it.each([
    ["MEMTRIX_SECRET_KEY=value", "value"],
    ["MEMTRIX_SECRET_KEY=value\n\n", "value"],
    ["MEMTRIX_SECRET_KEY=value\r\nOTHER=1\r\n", "value"],
    ["export MEMTRIX_SECRET_KEY = value  ", "value"],
    ["MEMTRIX_SECRET_KEY=value # mine", "value"],
    ["MEMTRIX_SECRET_KEY=a#b=c", "a#b=c"],
    ['MEMTRIX_SECRET_KEY="a # \\"b\\" \\\\ c" # mine', 'a # "b" \\ c'],
    ["MEMTRIX_SECRET_KEY='a $b \"c\"'", 'a $b "c"'],
    ['MEMTRIX_SECRET_KEY="value\\n"', "value"],
    ["MEMTRIX_SECRET_KEY=old\nMEMTRIX_SECRET_KEY=new", "new"],
    ["\uFEFFMEMTRIX_SECRET_KEY=value", "value"],
    ["# MEMTRIX_SECRET_KEY=no\nKEY=no\nMEMTRIX_SECRET_KEY=value", "value"],
  ])("%j is %j", (text, value) => {
    expect(valueIn(text)).toBe(value);
  });

  it.each([
    "",
    "MEMTRIX_SECRET_OTHER=x",
    "MEMTRIX_SECRET_KEY=",
    "MEMTRIX_SECRET_KEY=''",
    "MEMTRIX_SECRET_KEY= # later",
  ])("that is missing or empty (%j) is named with the file to put it in", (text) => {
    expect(() => valueIn(text)).toThrow(ConfigError);
    expect(() => valueIn(text)).toThrow(/put MEMTRIX_SECRET_KEY=… into .*\.env, or run: memtrix onboard/);
  });

  it("with an open quote is said with its line, and without its value", () => {
    expect(() => valueIn('\nMEMTRIX_SECRET_KEY="hidden')).toThrow(/line 2: the quote after MEMTRIX_SECRET_KEY= is not/);
    expect(() => valueIn('MEMTRIX_SECRET_KEY="hidden')).not.toThrow(/hidden/);
  });

  it("that others can read is used with a warning", () => {
    using home = temporaryHome();
    chmodSync(home.write(".env", "MEMTRIX_SECRET_KEY=value"), 0o644);
    const secrets = loadSecrets(home.path, {});
    expect(secrets.resolve("$KEY")).toBe("value");
    expect(secrets.warnings).toEqual([expect.stringMatching(/Other users .* can read .*: chmod 600 /)]);
  });

  it("may stand in a file of another name, which must then be there", () => {
    using home = temporaryHome();
    chmodSync(home.write("run/secrets", "MEMTRIX_SECRET_KEY=value"), 0o400);
    expect(loadSecrets("/nowhere", { MEMTRIX_SECRETS_FILE: join(home.path, "run/secrets") }).resolve("$KEY")).toBe(
      "value",
    );
    expect(() => loadSecrets(home.path, { MEMTRIX_SECRETS_FILE: "/nowhere/secrets" })).toThrow(
      /names \/nowhere\/secrets/,
    );
  });

  it("is not taken from the environment, and does not stay there", () => {
    using home = temporaryHome();
    const env: NodeJS.ProcessEnv = { MEMTRIX_SECRET_KEY: "leaked-value", PATH: "x" };
    const secrets = loadSecrets(home.path, env);
    expect(env).toEqual({ PATH: "x" });
    expect(secrets.has("KEY")).toBe(false);
    expect(secrets.warnings.join()).toMatch(/MEMTRIX_SECRET_KEY: secrets are not taken from the environment/);
    expect(secrets.warnings.join()).not.toContain("leaked-value");
  });
});

describe("placeholders", () => {
  using home = temporaryHome();
  chmodSync(home.write(".env", "MEMTRIX_SECRET_KEY=value\nMEMTRIX_SECRET_TOKEN=other"), 0o600);
  const secrets = loadSecrets(home.path, {});

  it("are replaced wherever they stand, and only whole", () => {
    const section = {
      key: "$KEY",
      list: ["$TOKEN", "costs $KEY"],
      deep: { n: 1, none: null },
      price: "$$KEY",
      dollar: "$",
    };
    expect(secrets.resolve(section)).toEqual({
      key: "value",
      list: ["other", "costs $KEY"],
      deep: { n: 1, none: null },
      price: "$KEY",
      dollar: "$",
    });
    expect(section.key).toBe("$KEY");
  });

  it("that lead nowhere are all named at once", () => {
    expect(() => secrets.resolve(["$ONE", "$KEY", "$TWO"])).toThrow(/MEMTRIX_SECRET_ONE=… and MEMTRIX_SECRET_TWO=…/);
  });
});

describe("masking", () => {
  using home = temporaryHome();
  const values = { KEY: "sk-a/b+c d?e", LONG: "sk-a/b+c d?e-and-more", SHORT: "abc", QUOTED: 'pass"word\\1' };
  const lines = Object.entries(values).map(
    ([name, value]) => `MEMTRIX_SECRET_${name}="${value.replace(/["\\]/g, "\\$&")}"\n`,
  );
  chmodSync(home.write(".env", lines.join("")), 0o600);
  const { mask } = loadSecrets(home.path, {});

  it.each([
    ["plain", values.KEY],
    ["in an address", encodeURIComponent(values.KEY)],
    ["as base64", Buffer.from(values.KEY).toString("base64")],
    ["as base64 of addresses", Buffer.from(values.KEY).toString("base64url")],
  ])("hides a secret %s", (_, form) => {
    expect(mask(`before ${form} after`)).toMatch(/^before \[secret KEY\]=* after$/);
  });

  it("hides one inside JSON", () => {
    expect(mask(JSON.stringify({ text: values.QUOTED }))).toBe('{"text":"[secret QUOTED]"}');
  });

  it("hides the longer of two that begin alike, and leaves what is too short to be a secret", () => {
    expect(mask(`${values.LONG} ${values.SHORT}`)).toBe("[secret LONG] abc");
  });
});

describe("saving secrets", () => {
  it("keeps every other line and replaces its own", async () => {
    using home = temporaryHome();
    const file = home.write(
      ".env",
      "# mine\nCOMPOSE_PROFILES=element\nMEMTRIX_SECRET_KEY=old # here\n\nMEMTRIX_SECRET_B=b",
    );
    await saveSecrets(home.path, { KEY: "new", ADDED: 'it\'s # "odd" \\ $x' }, {});
    expect(readFileSync(file, "utf8")).toBe(
      `# mine\nCOMPOSE_PROFILES=element\nMEMTRIX_SECRET_KEY=new\n\nMEMTRIX_SECRET_B=b\nMEMTRIX_SECRET_ADDED="it's # \\"odd\\" \\\\ $x"\n`,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loadSecrets(home.path, {}).resolve(["$KEY", "$ADDED"])).toEqual(["new", 'it\'s # "odd" \\ $x']);
  });

  it("makes the file where there is none, and none where there is nothing to save", async () => {
    using home = temporaryHome();
    await saveSecrets(home.path, {}, {});
    expect(statSync(join(home.path, ".env"), { throwIfNoEntry: false })).toBeUndefined();
    await saveSecrets(home.path, { KEY: "x" }, {});
    expect(readFileSync(join(home.path, ".env"), "utf8")).toBe("MEMTRIX_SECRET_KEY=x\n");
  });
});

describe("a secret that comes while the program runs", () => {
  it("is known and masked from then on, and goes without a trace", async () => {
    using home = temporaryHome();
    home.write(".env", "# mine\r\nMEMTRIX_SECRET_KEY=of-the-owner\r\nOTHER=1\r\n");
    const secrets = loadSecrets(home.path, {});
    await secrets.save({ COOK_PASSWORD: "hunter2hunter2" });
    expect(secrets.resolve("$COOK_PASSWORD")).toBe("hunter2hunter2");
    expect(secrets.mask("it is hunter2hunter2")).toBe("it is [secret COOK_PASSWORD]");

    await secrets.remove(["COOK_PASSWORD", "NEVER_THERE"]);
    expect(secrets.has("COOK_PASSWORD")).toBe(false);
    expect(secrets.mask("it is hunter2hunter2")).toBe("it is [secret COOK_PASSWORD]");
    expect(readFileSync(join(home.path, ".env"), "utf8")).toBe(
      "# mine\r\nMEMTRIX_SECRET_KEY=of-the-owner\r\nOTHER=1\r\n",
    );
  });

  it("is not lost among others that come and go at the same time", async () => {
    using home = temporaryHome();
    const secrets = loadSecrets(home.path, {});
    await secrets.save({ OLD: "going" });
    await Promise.all([secrets.save({ ONE: "first" }), secrets.remove(["OLD"]), secrets.save({ TWO: "second" })]);
    expect(loadSecrets(home.path, {}).resolve(["$ONE", "$TWO"])).toEqual(["first", "second"]);
    expect(secrets.has("OLD")).toBe(false);
  });
});
