import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/** Runs in a process of its own: the server of the npm package, until it is told to stop or its starter is gone. */
export async function runChroma(): Promise<void> {
  // The server keeps this thread to itself. The starter holds the other end of standard input and never writes to it.
  const watch = `
    const { Socket } = require("node:net");
    new Socket({ fd: 0 }).resume().on("error", () => {}).on("close", () => {
      process.kill(process.pid, "SIGINT");
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 5000);
    });
  `;
  const watcher = new Worker(watch, { eval: true });
  await new Promise((resolve) => watcher.once("online", resolve));

  const package_ = dirname(fileURLToPath(import.meta.resolve("chromadb")));
  try {
    await import(pathToFileURL(join(package_, "cli.mjs")).href);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1); // The watcher would hold it.
  }
}
