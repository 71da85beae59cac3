import { clear } from "./clear.ts";
import type { Command } from "./command.ts";
import { help } from "./help.ts";
import { memory } from "./memory.ts";
import { model } from "./model.ts";
import { sethome } from "./sethome.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { reasoning, verbose } from "./switch.ts";
import { usage } from "./usage.ts";

/** Every command, in the order of `/help`. */
export const commands: readonly Command[] = [
  help,
  clear,
  stop,
  verbose,
  reasoning,
  model,
  status,
  usage,
  memory,
  sethome,
];
