import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type TemporaryHome, temporaryHome } from "./support/temporary-home.ts";

const launcher = join(import.meta.dirname, "../src/launch.js");
const wanted = {
  packages: {
    "": { name: "memtrix" },
    "node_modules/needed": { version: "2.0.0" },
    "node_modules/for-tests": { version: "1.0.0", dev: true },
    "node_modules/for-another-platform": { version: "1.0.0", optional: true },
  },
};
const needed = { "node_modules/needed": { version: "2.0.0" } };

/** A checkout with the launcher, a program that tells its arguments, and an npm that notes what it was asked. */
function checkout(installed?: object, npm = "exit 0"): TemporaryHome {
  const home = temporaryHome();
  mkdirSync(join(home.path, "src"));
  copyFileSync(launcher, join(home.path, "src/launch.js"));
  home.write("package.json", { type: "module" });
  home.write(
    "src/main.ts",
    "const words: string[] = process.argv.slice(2); console.log('ran', ...words); process.exitCode = 7;",
  );
  home.write("package-lock.json", wanted);
  if (installed) home.write("node_modules/.package-lock.json", { packages: installed });
  chmodSync(home.write("bin/npm", `#!/bin/sh\necho "npm $*" >> "$(dirname "$0")/asked"\n${npm}\n`), 0o755);
  return home;
}

function launch({ path }: TemporaryHome, argv: string[], node = process.execPath, searched = "bin") {
  const { npm_execpath: _, ...env } = process.env;
  const PATH = [join(path, searched), "/usr/bin", "/bin"].join(delimiter);
  const { status, stdout, stderr } = spawnSync(node, ["src/launch.js", ...argv], {
    cwd: path,
    env: { ...env, PATH },
    encoding: "utf8",
  });
  const asked = join(path, "bin/asked");
  return { status, stdout, stderr, npm: existsSync(asked) ? readFileSync(asked, "utf8") : "" };
}

describe("the launcher", () => {
  it("starts the program with its arguments and hands on its exit code", () => {
    using home = checkout(needed);
    expect(launch(home, ["chat", "-m", "two words"])).toMatchObject({
      status: 7,
      stdout: "ran chat -m two words\n",
      npm: "",
    });
  });

  it.each([
    ["nothing is installed", undefined],
    ["a package is missing", {}],
    ["a package is of another version", { "node_modules/needed": { version: "1.0.0" } }],
    [
      "a package of the platform is of another version",
      { ...needed, "node_modules/for-another-platform": { version: "0.9.0" } },
    ],
  ])("installs first when %s, and says so", (_, installed) => {
    using home = checkout(installed);
    const { status, stdout, stderr, npm } = launch(home, ["chat"]);
    expect(stderr).toMatch(/^Installing the packages .* about a minute\.$/m);
    expect(npm).toBe("npm ci --no-audit --no-fund --loglevel=error\n");
    expect({ status, stdout }).toEqual({ status: 7, stdout: "ran chat\n" });
  });

  it("installs and starts nothing with --install-only, which wants what the tests need as well", () => {
    using home = checkout(needed);
    expect(launch(home, ["--install-only"])).toMatchObject({
      status: 0,
      stdout: "",
      npm: expect.stringContaining("npm ci"),
    });
    using complete = checkout({ ...needed, "node_modules/for-tests": { version: "1.0.0" } });
    expect(launch(complete, ["--install-only"])).toMatchObject({ status: 0, stdout: "", npm: "" });
  });

  it("says what to do when installing fails, and starts nothing", () => {
    using home = checkout(undefined, "echo no network >&2; exit 1");
    const { status, stdout, stderr } = launch(home, ["chat"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/no network\n.*check the network and the free space, then run: npm ci\n$/);
  });

  const oldNode = findOldNode();
  it.skipIf(!oldNode)("brings the Node that is pinned where the machine's own is too old", () => {
    using home = checkout(needed);
    const folder = join(home.path, "node_modules", `node-${process.platform}-${process.arch}`, "bin");
    expect(launch(home, ["chat"], oldNode)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/needs Node 24 or newer, this is .*: install it from https:\/\/nodejs\.org/),
    });

    const pinned = join(folder, "node");
    const script = `#!/bin/sh\ncase "$PATH" in "${folder}":*) exec "${process.execPath}" "$@";; esac\nexit 99\n`;
    chmodSync(home.write(pinned.slice(home.path.length + 1), script), 0o755);
    expect(launch(home, ["chat", "a b"], oldNode)).toMatchObject({ status: 7, stdout: "ran chat a b\n" });
  });
});

/** A Node on PATH that is too old for the program itself. */
function findOldNode(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== dirname(process.execPath));
  return folders
    .map((folder) => join(folder, "node"))
    .filter((file) => existsSync(file))
    .find((file) => /^v(18|20|22)\./.test(spawnSync(file, ["--version"], { encoding: "utf8" }).stdout ?? ""));
}
