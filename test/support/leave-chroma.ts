import { silent } from "../../src/log.ts";
import { openChromaIndexes } from "../../src/memory/chroma.ts";
import { startTestChroma } from "./chroma.ts";
import { vectorSource } from "./vectors.ts";

/** Run as `node leave-chroma.ts DIRECTORY`: starts a Chroma with five vectors, says its process, and waits to be killed. */
const [directory = ""] = process.argv.slice(2);
const server = await startTestChroma(directory);
const indexes = openChromaIndexes({ url: server.url, title: "Chroma", log: silent });
await (await indexes.open("test", 8)).upsert(vectorSource(8, 1).items(5));
console.log(server.pid());
setInterval(() => {}, 60_000);
