import type { z } from "zod";
import { ModelError } from "../src/provider.ts";

/** What a server answered, if it has the form of `schema`. */
export function answerAs<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(answer);
  if (success) return data;
  const place = error.issues[0]?.path.join(".") || "all of it";
  throw new ModelError(
    "malformed",
    `The models' server gave an answer of an unknown form (${place}). Check the provider's address and type.`,
    { cause: error },
  );
}
