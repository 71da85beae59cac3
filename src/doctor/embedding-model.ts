import { join } from "node:path";
import { findModel } from "../memory/embedding-models.ts";
import { compareWithRecord, fileNamesOf, hashFiles, missingFiles } from "../memory/model-files.ts";
import { checkOf, fault, ok, warning } from "./check.ts";

/** The files of the model by which memories are compared in their meaning are there, and are the ones they were. */
export const embeddingModelCheck = checkOf(
  "memory model",
  async ({ memory }, { paths, home }, signal) => {
    if (memory.model === null) return [ok("none is set up (memory.model is null): memories are searched by keyword")];
    const model = await findModel(memory.model, join(paths.data, "models"), home);
    const missing = await missingFiles(model);
    if (missing.length > 0 && !model.source)
      return [
        fault(`${model.folder} lacks ${missing.join(", ")}`, "put the model there, or name another in memory.model"),
      ];
    if (missing.length === fileNamesOf(model).length)
      return [
        warning(
          `${model.name} is not there yet: memories are searched by keyword`,
          "it is fetched when Memtrix runs and the network is there: npm start",
        ),
      ];
    if (missing.length > 0)
      return [warning(`${model.name} is there in part`, "the rest is fetched when Memtrix runs: npm start")];
    await compareWithRecord(model, await hashFiles(model, signal));
    return [ok(`${model.name}: ${fileNamesOf(model).length} files, unchanged`)];
  },
  60_000,
);
