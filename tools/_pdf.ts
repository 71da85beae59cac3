/** The text of a PDF, each page under a line with its number. Throws one sentence when it cannot be read. */
export async function pdfText(bytes: Uint8Array, signal: AbortSignal): Promise<string> {
  // Only who reads a PDF pays for the library.
  const { getDocumentProxy } = await import("unpdf");
  // It takes the memory for itself: give it its own.
  const document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 }).catch((cause) => {
    const isLocked = cause instanceof Error && cause.name === "PasswordException";
    throw new Error(isLocked ? "This PDF is locked by a password." : "This PDF is damaged.", { cause });
  });
  try {
    const pages: string[] = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      signal.throwIfAborted();
      const { items } = await (await document.getPage(number)).getTextContent();
      const text = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
      pages.push(`[Page ${number} of ${document.numPages}]\n${text.trim() || "[no text: perhaps a picture]"}\n`);
    }
    return pages.join("\n");
  } finally {
    await document.loadingTask.destroy();
  }
}
