import { parentPort } from "node:worker_threads";
import { messageOf } from "../errors.ts";
import { readPage } from "./readable.ts";
import type { ReadAnswer, ReadRequest } from "./reader.ts";

/** The other side of the reader: one page after the other. */
parentPort?.on("message", ({ html, address }: ReadRequest) => {
  parentPort?.postMessage(answerTo(html, address));
});

function answerTo(html: string, address: string): ReadAnswer {
  try {
    return { page: readPage(html, address) };
  } catch (error) {
    return { failure: messageOf(error) };
  }
}
