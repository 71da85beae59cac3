import { silent } from "../../src/log.ts";
import { createEmbedder } from "../../src/memory/embedder.ts";
import { findModel } from "../../src/memory/embedding-models.ts";

// Embeds one text with the model in the folder given, and closes nothing.
const [folder = "", directory = ""] = process.argv.slice(2);
const embedder = createEmbedder({ model: await findModel(folder, directory), log: silent });
await embedder.ready();
const { length } = await embedder.embedQuery("x");
console.log(`${length} numbers`);
