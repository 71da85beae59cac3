import type { Check } from "./check.ts";
import { chromaCheck } from "./chroma.ts";
import { clockCheck } from "./clock.ts";
import { configCheck } from "./config.ts";
import { databaseCheck } from "./database.ts";
import { diskCheck } from "./disk.ts";
import { embeddingModelCheck } from "./embedding-model.ts";
import { foldersCheck } from "./folders.ts";
import { homeserverCheck } from "./homeserver.ts";
import { keysCheck } from "./keys.ts";
import { modelsCheck } from "./models.ts";
import { nodeCheck } from "./node.ts";
import { searchCheck } from "./search.ts";
import { secretsCheck } from "./secrets.ts";

/** In the order in which they are shown: what others depend on comes first. */
export const checks: readonly Check[] = [
  ...[nodeCheck, configCheck, secretsCheck, foldersCheck, diskCheck, databaseCheck],
  ...[modelsCheck, homeserverCheck, clockCheck, keysCheck],
  ...[embeddingModelCheck, chromaCheck, searchCheck],
];
