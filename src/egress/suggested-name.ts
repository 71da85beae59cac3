/** The file name in a Content-Disposition header; undefined when it has none. */
export function suggestedName(header: string): string | undefined {
  const extended = /(?:^|;)\s*filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;\s]+)/i.exec(header);
  if (extended) return decoded(extended[2] ?? "", (extended[1] ?? "").toLowerCase());
  const plain = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header);
  const name = plain?.[1]?.replace(/\\(.)/g, "$1") ?? plain?.[2];
  return name ? Buffer.from(name, "latin1").toString("utf8") : undefined;
}

function decoded(value: string, charset: string): string | undefined {
  const bytes = Buffer.from(
    value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
  const name = charset === "utf-8" ? bytes.toString("utf8") : bytes.toString("latin1");
  return name.includes("\ufffd") ? undefined : name;
}
