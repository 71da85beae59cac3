import { z } from "zod";
import type { ProviderModule } from "../src/provider.ts";

/** One setting of a provider, as a question. */
export interface Field {
  /** Its key in the config. */
  name: string;
  /** Undefined for a setting that has a good default and is not asked for. */
  question: string | undefined;
  kind: "text" | "address" | "number" | "boolean" | "list";
  /** The only values there are, if they are few. */
  choices: string[] | undefined;
  /** Typed hidden, kept in `.env`. */
  secret: boolean;
  required: boolean;
  default: unknown;
}

/** The settings of a provider, in the order of its schema. */
export function fieldsOf({ settings }: Pick<ProviderModule, "settings">): Field[] {
  const schema = ObjectSchema.parse(z.toJSONSchema(settings, { io: "input", unrepresentable: "any" }));
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    question: property.description,
    kind: property.format === "uri" ? "address" : (kinds[property.type ?? ""] ?? "text"),
    choices: property.enum?.map(String),
    secret: property.secret ?? false,
    required: schema.required.includes(name),
    default: property.default,
  }));
}

/** What was typed, as the schema wants it. What cannot be read is handed on as it is, for the schema to refuse. */
export function settingFrom({ kind }: Pick<Field, "kind">, typed: string): unknown {
  const text = typed.trim();
  if (kind === "number") return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  if (kind === "boolean")
    return /^(y|yes|true|on)$/i.test(text) ? true : /^(n|no|false|off)$/i.test(text) ? false : text;
  if (kind === "address") return /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (kind === "list") return text.split(/[\s,]+/).filter(Boolean);
  return text;
}

/** How a value stands in a line of text. */
export function settingText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

const kinds: Record<string, Field["kind"]> = { number: "number", integer: "number", boolean: "boolean", array: "list" };

const ObjectSchema = z.object({
  properties: z
    .record(
      z.string(),
      z.object({
        type: z.string().optional(),
        format: z.string().optional(),
        description: z.string().optional(),
        enum: z.array(z.unknown()).optional(),
        secret: z.boolean().optional(),
        default: z.unknown().optional(),
      }),
    )
    .default({}),
  required: z.array(z.string()).default([]),
});
