import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { openIndexedMemory } from "./indexed-memory.ts";
import { wordEmbedder } from "./word-embedder.ts";

// Indexes the memory in the folder given. Each batch of texts is written down, and told of, before it is embedded. What comes
// in is searched for.
const [home = "", notes] = process.argv.slice(2);
const embedder = wordEmbedder((texts) => {
  if (notes !== undefined) appendFileSync(notes, `${JSON.stringify(texts)}\n`);
  console.log("a batch");
});
const { memory, whole } = await openIndexedMemory({ home, embedder });
console.log("opened");
createInterface(process.stdin).on("line", async (text) => {
  const found = await memory.search({ text, limit: 3 });
  console.log(JSON.stringify(found.flatMap(({ lines }) => lines.map((line) => line.text))));
});
memory.start();
await whole();
console.log("whole");
