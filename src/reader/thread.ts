import { parentPort } from "node:worker_threads";
import { messageOf } from "../errors.ts";
import type { ReadAnswer, ReadRequest } from "./reading-thread.ts";

/** The other side of the reader: one page or PDF after the other. */
parentPort?.on("message", async (request: ReadRequest) => {
  parentPort?.postMessage(await answerTo(request));
});

/** Only who reads a kind pays for its library. */
async function answerTo(request: ReadRequest): Promise<ReadAnswer> {
  try {
    if (request.kind === "pdf") return { text: await (await import("./pdf.ts")).readPdf(request.bytes) };
    const { readPage } = await import("./readable.ts");
    return { page: readPage(request.html, request.address) };
  } catch (error) {
    const failure = messageOf(error);
    return { failure: request.kind === "pdf" ? failure : `This page could not be made readable (${failure}).` };
  }
}
