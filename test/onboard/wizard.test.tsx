import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startOllamaServer } from "../support/ollama-server.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";
import { back, clear, configured, enter, openWizard } from "../support/wizard-person.tsx";

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home[Symbol.dispose]());

const open = () => openWizard(home.path);

describe("the wizard", () => {
  it("asks one thing after another, shows all, and only then gives the answers", async () => {
    const { press, sees, screen, ended } = await open();
    press(clear, "Bea", enter);
    await sees("Where do its models come from?");
    await sees("rehearsal");
    press("\u001b[F", enter);
    await sees("Which model?");
    press(enter);
    await sees("How many tokens");
    press(enter);
    await sees("Shall it have another model?");
    press(enter);
    await sees("Where will you talk to it?");
    press("\u001b[F", enter);
    await sees("Which time zone");
    press("lisb", enter);
    await sees("Is this right?");
    expect(screen()).toContain("Nothing has been written yet.");
    expect(readdirSync(home.path)).toEqual([]);
    press(enter);
    expect(await ended()).toMatchObject({
      name: "Bea",
      provider: { section: "rehearsal", type: "rehearsal" },
      model: { id: "rehearsal", contextTokens: 16_384 },
      channel: "cli",
      timezone: "Europe/Lisbon",
    });
  });

  it("goes back with Esc, and knows what was said", async () => {
    const { press, sees, screen } = await open();
    press(clear, "Bea", enter);
    await sees("rehearsal");
    press(back);
    await sees("What shall your agent be called?");
    expect(screen()).toContain("› Bea");
  });

  it("that is left with Ctrl-C gives nothing and leaves nothing", async () => {
    const { press, sees, ended } = await open();
    press("x", enter);
    await sees("Where do its models come from?");
    press("\u0003");
    expect(await ended()).toBeUndefined();
    expect(readdirSync(home.path)).toEqual([]);
  });

  it("says what is wrong with an answer, and takes a better one", async () => {
    const { press, sees } = await open();
    press(clear, enter);
    await sees("! The agent needs a name.");
    press("Ada", enter);
    await sees("Where do its models come from?");
  });

  it("takes keys that come in one piece", async () => {
    const { press, sees } = await open();
    press(`${clear}Adx\u007fa${enter}`);
    await sees("Where do its models come from?");
    press(back);
    await sees("› Ada");
  });
});

describe("the wizard, run again", () => {
  it("begins with what is there, and Enter all the way changes nothing", async () => {
    await using server = await startOllamaServer({ models: { llama3: { contextTokens: 131_072 }, other: {} } });
    configured(home, "ollama", { base_url: server.url });
    const { press, sees, screen, ended } = await open();
    press(enter);
    await sees("❯ mine");
    press(enter);
    await sees("Where does Ollama listen?");
    expect(screen()).toContain(server.url);
    press(enter);
    await sees("❯ llama3");
    press(enter);
    await sees("itself holds up to 131,072");
    expect(screen()).toContain("› 8192");
    press(enter);
    await sees("Shall it have another model?");
    press(enter);
    await sees("❯ This terminal only");
    press(enter);
    await sees("❯ UTC");
    press(enter);
    await sees("Is this right?");
    press(enter);
    expect(await ended()).toMatchObject({
      name: "Ada",
      provider: { section: "mine", settings: { base_url: server.url } },
      model: { id: "llama3", contextTokens: 8192 },
    });
  });
});
