#!/usr/bin/env -S node --max-semi-space-size=1
// Plain JavaScript for Node 18 and newer, with nothing but Node's own modules: it runs before anything is installed.
// It installs what is missing, and starts src/main.ts with a Node that is new enough.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const oldestNode = 24;
const installOnly = process.argv[2] === "--install-only";

if (isOutdated()) await install();
if (!installOnly) await start();

/** True when a package that the lockfile wants is not installed in that version. */
function isOutdated() {
  const wanted = packagesOf(join(root, "package-lock.json"));
  if (!wanted) return false;
  const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (!installed) return true;
  return Object.entries(wanted).some(([path, entry]) => {
    const there = installed[path];
    if (path === "") return false;
    if (there) return there.version !== entry.version;
    // Those for other platforms are left out on purpose, and an image may go without what only tests need.
    return !entry.optional && !entry.devOptional && (installOnly || !entry.dev);
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

async function install() {
  console.error("Installing the packages Memtrix needs into node_modules; this takes about a minute.");
  const options = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  // Under `npm start` npm says where it is; elsewhere it is looked for on PATH.
  const npm = process.env.npm_execpath;
  const [command, arguments_] =
    npm && /npm-cli\.c?js$/.test(npm) && existsSync(npm) ? [process.execPath, [npm, ...options]] : ["npm", options];
  const result = await run(command, arguments_, {
    cwd: root,
    shell: process.platform === "win32" && command === "npm",
  });
  if (result.code === 0) return;
  fail(
    result.error?.code === "ENOENT"
      ? "npm was not found: install Node with npm from https://nodejs.org, then try again."
      : "The packages could not be installed: see what npm says above, check the network and the free space, then run: npm ci",
  );
}

async function start() {
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) {
    await import("./main.ts");
    return;
  }
  const node = pinnedNode();
  if (!node) fail(noNode());

  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  // A small young generation: a program that mostly waits holds a quarter less memory for it.
  const result = await run(node, ["--max-semi-space-size=1", main, ...process.argv.slice(2)], {
    env: { ...process.env, PATH: path },
  });
  if (result.error) fail(noNode());
  process.exitCode = result.code ?? 128 + (constants.signals[result.signal] ?? 0);
}

/** The Node that the lockfile pins for this platform. */
function pinnedNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const file = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", name);
  return existsSync(file) ? file : undefined;
}

function noNode() {
  return `Memtrix needs Node ${oldestNode} or newer, this is ${process.versions.node}, and none could be brought along for ${process.platform}-${process.arch}: install it from https://nodejs.org`;
}

/** Runs a program on this terminal to its end. Signals reach it too; this process waits for it. */
function run(command, arguments_, options) {
  return new Promise((resolve) => {
    const child = spawn(command, arguments_, { stdio: "inherit", ...options });
    const handlers = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
      // A terminal sends Ctrl-C to the child itself; sent on, it would count twice.
      const handler = () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal));
      process.on(signal, handler);
      return { signal, handler };
    });
    const done = (result) => {
      for (const { signal, handler } of handlers) process.off(signal, handler);
      resolve(result);
    };
    child.on("error", (error) => done({ error }));
    child.on("exit", (code, signal) => done({ code, signal }));
  });
}

/** @returns {never} */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
