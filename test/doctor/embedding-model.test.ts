import { cpSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { embeddingModelCheck } from "../../src/doctor/embedding-model.ts";
import { findModel } from "../../src/memory/embedding-models.ts";
import { fileNamesOf, hashFiles, writeRecord } from "../../src/memory/model-files.ts";
import { type Patient, patient } from "./ground.ts";

const name = "nomic-ai/nomic-embed-text-v1.5";

async function laidDown({ home, write }: Patient) {
  const model = await findModel(name, join(home, "data/models"));
  for (const file of fileNamesOf(model)) write(`data/models/nomic-ai--nomic-embed-text-v1.5/${file}`, `of ${file}`);
  await writeRecord(model, await hashFiles(model));
  return join(model.folder, model.onnxFile);
}

describe("memtrix doctor, of the model that memories are compared by", () => {
  it("finds one that is not fetched yet, and one that is in part", async () => {
    const someone = patient({ memory: { model: name } });
    expect(await someone.look(embeddingModelCheck)).toMatchObject([
      {
        state: "warning",
        text: expect.stringContaining("not there yet"),
        remedy: expect.stringContaining("npm start"),
      },
    ]);
    const weights = await laidDown(someone);
    expect(await someone.states(embeddingModelCheck)).toEqual(["ok"]);
    renameSync(weights, `${weights}.part`);
    expect(await someone.look(embeddingModelCheck)).toMatchObject([
      { state: "warning", text: expect.stringContaining("in part") },
    ]);
  });

  it("finds a file that is not what it was, and is content when the right one is back", async () => {
    const someone = patient({ memory: { model: name } });
    const weights = await laidDown(someone);
    cpSync(weights, `${weights}.copy`);
    writeFileSync(weights, "of onnx/model_quantized.onnY");
    expect(await someone.look(embeddingModelCheck)).toMatchObject([
      { state: "fault", text: expect.stringContaining("delete it to have it downloaded again") },
    ]);
    rmSync(weights);
    expect(await someone.states(embeddingModelCheck)).toEqual(["warning"]);
    cpSync(`${weights}.copy`, weights);
    expect(await someone.states(embeddingModelCheck)).toEqual(["ok"]);
  });

  it("finds nothing wrong where none is wanted", async () => {
    expect(await patient().states(embeddingModelCheck)).toEqual(["ok"]);
  });
});
