/** A body as text, by the mark it begins with, what the server says, what it says itself, or what it looks like. */
export function decodedText(bytes: Buffer, contentType: string): string {
  const charset = markOf(bytes) ?? charsetOf(contentType) ?? charsetWithin(bytes);
  if (charset !== undefined) return new TextDecoder(charset).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function markOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return undefined;
}

function charsetOf(contentType: string): string | undefined {
  return known(/;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]);
}

/** As a page or an XML file says it near its beginning. */
function charsetWithin(bytes: Buffer): string | undefined {
  const start = bytes.toString("latin1", 0, 2_048);
  const said = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w-]+)/i.exec(
    start,
  );
  const name = known(said?.[1] ?? said?.[2]);
  // It was read byte by byte so far: it cannot be what it says.
  return name?.startsWith("utf-16") ? "utf-8" : name;
}

function known(label: string | undefined): string | undefined {
  try {
    return label && new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
