import type { z } from "zod";

/**
 * One sentence for each thing that a schema found wrong: the path of the key, and what would be right. No value is told,
 * since it may be a secret that stands in the wrong place. `root` is what the whole is called.
 */
export function sentences(error: z.ZodError, root = "the config"): string[] {
  return error.issues.flatMap((issue) => sentencesOf(issue, root));
}

type Issue = z.core.$ZodIssue;

function sentencesOf(issue: Issue, root: string): string[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map(
      (key) => `${keyPath([...issue.path, key])} is not a setting; correct its name or take it out.`,
    );
  return [`${keyPath(issue.path) || root} ${rule(issue)}.`];
}

function rule(issue: Exclude<Issue, { code: "unrecognized_keys" }>): string {
  switch (issue.code) {
    case "invalid_type": {
      const must = `must be ${typeWords[issue.expected] ?? `a ${issue.expected}`}`;
      return issue.message.includes("received undefined") ? `is missing; it ${must}` : must;
    }
    case "invalid_value":
      return `must be ${alternatives(issue.values)}`;
    case "invalid_union":
      return "options" in issue && issue.options
        ? `must be ${alternatives(issue.options)}`
        : "is in no form that is known";
    case "invalid_key":
      return `is a name that ${issue.issues[0]?.message ?? "cannot be used"}`;
    case "too_small":
      if (issue.origin === "string" || issue.origin === "array") return sizeWords(issue, "at least", issue.minimum);
      return `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      if (issue.origin === "string" || issue.origin === "array") return sizeWords(issue, "at most", issue.maximum);
      return `must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    case "invalid_format":
      return issue.format === "url" ? "must be an address such as http://127.0.0.1:8080" : issue.message;
    default:
      return issue.message;
  }
}

const typeWords: Record<string, string> = {
  object: "an object in braces",
  record: "an object in braces",
  array: "a list in brackets",
  string: "a text in quotes",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
};

function alternatives(values: readonly z.core.util.Primitive[]): string {
  return values.map((value) => JSON.stringify(value)).join(" or ");
}

function sizeWords(
  { origin, message }: { origin: string; message: string },
  bound: string,
  size: number | bigint,
): string {
  // A message that the schema gives itself knows better.
  if (!message.startsWith("Too ")) return message;
  if (bound === "at least" && Number(size) === 1) return "must not be empty";
  return `must have ${bound} ${size} ${origin === "string" ? "characters" : "entries"}`;
}

function keyPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      const name = String(key);
      return /^[\w-]+$/.test(name) ? `${index ? "." : ""}${name}` : `[${JSON.stringify(name)}]`;
    })
    .join("");
}
