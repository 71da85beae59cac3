import { getDocumentProxy } from "unpdf";

/** More is not handed over: no model reads so far. */
const mostCharacters = 4_000_000;

/** The text of a PDF, each page under a line with its number. Takes the bytes for itself. Throws a sentence when it cannot be read. */
export async function readPdf(bytes: Uint8Array): Promise<string> {
  const document = await getDocumentProxy(bytes, { verbosity: 0 }).catch((cause) => {
    const isLocked = cause instanceof Error && cause.name === "PasswordException";
    throw new Error(isLocked ? "This PDF is locked by a password." : "This PDF is damaged.", { cause });
  });
  try {
    const pages: string[] = [];
    let characters = 0;
    for (let number = 1; number <= document.numPages && characters < mostCharacters; number += 1) {
      const { items } = await (await document.getPage(number)).getTextContent();
      const text = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
      pages.push(`[Page ${number} of ${document.numPages}]\n${text.trim() || "[no text: perhaps a picture]"}\n`);
      characters += text.length;
    }
    const left = document.numPages - pages.length;
    if (left > 0) pages.push(`[The ${left} pages after this one are not read: the text is too long.]\n`);
    return pages.join("\n");
  } finally {
    await document.loadingTask.destroy();
  }
}
