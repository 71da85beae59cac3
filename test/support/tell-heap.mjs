import { readdirSync, renameSync, writeFileSync } from "node:fs";
import v8 from "node:v8";
import vm from "node:vm";
import { isMainThread } from "node:worker_threads";

// Loaded before the program: at SIGUSR2 it writes what it holds, after collecting what it does not, to HEAP_FILE.
if (isMainThread) {
  v8.setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc");
  process.on("SIGUSR2", () => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    // The folder itself is open while it is read.
    const descriptors = readdirSync("/proc/self/fd").length - 1;
    writeFileSync(`${process.env.HEAP_FILE}.new`, JSON.stringify({ heapUsed, external, rss, descriptors }));
    renameSync(`${process.env.HEAP_FILE}.new`, process.env.HEAP_FILE);
  });
}
