import type { PictureForModel, PictureSize } from "./picture.ts";
import type { ReadablePage } from "./readable.ts";
import { createReadingThread, type ReadingThreadOptions } from "./reading-thread.ts";

/**
 * Makes pages and PDFs readable, all but short pages in a thread of their own: one may be made such that this takes for ever or all
 * memory, and nothing else waits for it.
 */
export interface PageReader extends AsyncDisposable {
  /** Throws one sentence when it takes too long or too much memory, and the signal's reason. */
  read(html: string, address: string, signal: AbortSignal): Promise<ReadablePage>;
  /** The text of a PDF, each page under a line with its number. Throws as `read` does, and when the PDF is damaged or locked. */
  readPdf(bytes: Uint8Array, signal: AbortSignal): Promise<string>;
  /** In pixels. Throws a sentence when it is damaged. */
  pictureSize(bytes: Uint8Array): Promise<PictureSize>;
  /** Throws a sentence when it is damaged, or too large to unpack. */
  pictureForModel(bytes: Uint8Array): Promise<PictureForModel>;
}

/** A page this short is read sooner than it is handed over, and no page this short takes long. */
const mostCharactersAtOnce = 16_000;

export function createPageReader(options: ReadingThreadOptions = {}): PageReader {
  const thread = createReadingThread(options);
  return {
    async read(html, address, signal) {
      if (html.length <= mostCharactersAtOnce) return readAtOnce(html, address, signal);
      return (await thread.ask({ kind: "page", html, address }, signal)).page;
    },
    async readPdf(bytes, signal) {
      return (await thread.ask({ kind: "pdf", bytes: new Uint8Array(bytes) }, signal)).text;
    },
    // These have threads of their own in their library.
    pictureSize: async (bytes) => (await import("./picture.ts")).pictureSize(bytes),
    pictureForModel: async (bytes) => (await import("./picture.ts")).pictureForModel(bytes),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}

async function readAtOnce(html: string, address: string, signal: AbortSignal): Promise<ReadablePage> {
  signal.throwIfAborted();
  // Only who reads a page pays for the library.
  const { readPage } = await import("./readable.ts");
  return readPage(html, address);
}
