import type { z } from "zod";

/** One sentence for each thing that a schema found wrong: the path of the key, what is wrong, what would be right. */
export function sentences(error: z.ZodError, root = "the config"): string[] {
  return error.issues.flatMap((issue) => sentence(issue, root));
}

type Issue = z.core.$ZodIssue;

function sentence(issue: Issue, root: string): string[] {
  const where = keyPath(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(
        (key) => `${keyPath([...issue.path, key])} is not a setting; correct its name or take it out.`,
      );
    case "invalid_type":
      return [`${where || root} must be ${typeWords[issue.expected] ?? `a ${issue.expected}`}${missing(issue)}.`];
    case "invalid_value":
      return [`${where || root} must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}.`];
    case "invalid_union":
      return [
        `${where || root} must be ${issue.discriminator ? "one of the kinds that exist" : "in a form that is known"}.`,
      ];
    case "invalid_key":
      return [`${where}: this name ${issue.issues[0]?.message ?? "cannot be used"}.`];
    case "too_small":
    case "too_big":
      return [`${where || root} ${sizeWords(issue)}.`];
    case "invalid_format":
      return [
        `${where || root} ${issue.format === "url" ? "must be an address such as http://127.0.0.1:8080" : issue.message}.`,
      ];
    default:
      return [`${where || root} ${issue.message}.`];
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

function missing(issue: Issue): string {
  return issue.message.includes("received undefined") ? "; it is missing" : "";
}

function sizeWords(issue: Extract<Issue, { code: "too_small" | "too_big" }>): string {
  if (issue.origin === "string" || issue.origin === "array")
    return issue.message.replace(/^Too .*/, "has the wrong length");
  return issue.code === "too_small"
    ? `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`
    : `must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
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
