import { beforeEach, describe, expect, it } from "vitest";
import { createEgress } from "../../src/egress/egress.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace, type Workspace } from "../../src/sandbox/workspace.ts";
import downloadFile from "../../tools/download_file.ts";
import { playInternet } from "../support/played-internet.ts";
import { temporaryFolder } from "../support/temporary.ts";

const site = "http://a.example.com";
const signal = new AbortController().signal;
const progress = () => {};
let workspace: Workspace;
beforeEach(async () => {
  workspace = openWorkspace({
    folder: await openFolder(temporaryFolder()),
    origins: new Map(),
    quotaBytes: 60 * 1024 ** 2,
  });
});

async function download(
  input: { path?: string; filename?: string },
  {
    headers = {},
    body = "content",
    status = 200,
  }: { headers?: Record<string, string>; body?: string | Buffer; status?: number } = {},
): Promise<string> {
  await using internet = await playInternet({
    answers: { "a.example.com": [["93.184.215.14"]] },
    serve: (_, response) => response.writeHead(status, headers).end(body),
  });
  const egress = createEgress({ allow: [], ...internet.options });
  const { filename } = input;
  const call = { url: site + (input.path ?? "/file.txt"), ...(filename === undefined ? {} : { filename }) };
  const output = await downloadFile.run(call, { egress, workspace, signal, progress });
  return typeof output === "string" ? output : output.text;
}
const names = async () =>
  (await workspace.list("downloads").catch(() => [])).map(({ path }) => path.replace("downloads/", ""));

describe("download_file", () => {
  it("keeps a file in downloads/, as foreign", async () => {
    const bytes = Buffer.from([0, 255, 1, 2]);
    const said = await download({ path: "/a/photo.png" }, { body: bytes, headers: { "content-type": "image/png" } });
    expect(said).toBe("Saved `downloads/photo.png` (4 bytes, image/png).");
    expect(await workspace.readFile("downloads/photo.png")).toEqual({ bytes, origin: "web" });
  });

  it("never writes over another", async () => {
    await download({}, { body: "one" });
    await download({}, { body: "two" });
    await download({ filename: "file.txt" }, { body: "three" });
    await download({ filename: "x.tar.gz" });
    await download({ filename: "x.tar.gz" });
    expect((await names()).sort()).toEqual(["file (2).txt", "file (3).txt", "file.txt", "x (2).tar.gz", "x.tar.gz"]);
    expect((await workspace.readFile("downloads/file.txt")).bytes.toString()).toBe("one");
  });

  it.each([
    ["/", {}, "download"],
    ["/", { "content-type": "application/pdf" }, "download.pdf"],
    ["/a/%C3%A4%20b.txt?x=1", {}, "ä b.txt"],
    ["/x", { "content-disposition": 'attachment; filename="report.pdf"' }, "report.pdf"],
    ["/x", { "content-disposition": "attachment; filename=report.pdf; size=1" }, "report.pdf"],
    ["/x", { "content-disposition": "attachment; filename=\"a.txt\"; filename*=UTF-8''b%20%e2%82%ac.txt" }, "b €.txt"],
    ["/x", { "content-disposition": 'attachment; filename="../../etc/passwd"' }, "passwd"],
    ["/x", { "content-disposition": 'attachment; filename="C:\\\\x\\\\evil.exe"' }, "evil.exe"],
    ["/x", { "content-disposition": "attachment; filename*=UTF-8''..%2f..%2fa.txt" }, "a.txt"],
    ["/x", { "content-disposition": 'attachment; filename=".bashrc"' }, "bashrc"],
    ["/x", { "content-disposition": 'attachment; filename="-rf"' }, "rf"],
    ["/x", { "content-disposition": 'attachment; filename="a:b|c?.txt"' }, "a_b_c_.txt"],
    ["/x", { "content-disposition": "attachment; filename*=UTF-8''a%00b%e2%80%aetxt.exe" }, "a_b_txt.exe"],
    ["/ok.txt", { "content-disposition": 'attachment; filename="CON"' }, "ok.txt"],
    ["/ok.txt", { "content-disposition": 'attachment; filename=".."' }, "ok.txt"],
    ["/ok.txt", { "content-disposition": "attachment; filename*=UTF-8''%ff%fe" }, "ok.txt"],
    ["/%2e%2e%2f%2e%2e%2fx.txt", {}, "x.txt"],
    ["/%E0%A4%A", {}, "%E0%A4%A"],
    [`/${"long".repeat(90)}.pdf`, {}, `${"long".repeat(49)}.pdf`],
  ])("is given a safe name: %s %j", async (path, headers, expected) => {
    await download({ path }, { headers: headers as Record<string, string> });
    expect(await names()).toEqual([expected]);
  });

  it.each(["../x", "a/b", ".hidden", "-x", "CON", "", "a\u202eb", "x.", "/etc/passwd"])(
    "does not take the name %j",
    async (filename) => {
      await expect(download({ filename })).rejects.toThrow(/^It cannot be called that: /);
      expect(await names()).toEqual([]);
    },
  );

  it("asks before any request, and refuses what cannot be asked for without a question", async () => {
    await using internet = await playInternet();
    const egress = createEgress({ allow: [], ...internet.options });
    const context = { egress, workspace, signal, progress };
    const confirm = (url: string, filename?: string) =>
      Promise.resolve().then(() =>
        downloadFile.confirm?.({ url, ...(filename === undefined ? {} : { filename }) }, context),
      );
    expect(await confirm("https://a.example.com/x?d=CANARY")).toMatch(
      /^Download a file of at most 50 MiB into `downloads\/`\?$/,
    );
    await expect(confirm("http://127.0.0.1/")).rejects.toThrow(/this machine/);
    await expect(confirm("https://a.example.com/x", "../x")).rejects.toThrow(/cannot be called that/);
    expect(internet).toMatchObject({ lookUps: [], connections: [] });
  });

  it("keeps nothing of what is refused, too long or broken off", async () => {
    await expect(download({}, { status: 404 })).rejects.toThrow(/answered with 404/);
    await expect(download({}, { headers: { "content-length": String(51 * 1024 ** 2) }, body: "" })).rejects.toThrow(
      /50 MiB/,
    );
    await expect(download({}, { body: Buffer.alloc(51 * 1024 ** 2) })).rejects.toThrow(/50 MiB/);
    await expect(download({}, { headers: { "content-encoding": "gzip" }, body: "x" })).rejects.toThrow(/damaged/);
    expect(await names()).toEqual([]);
  });

  it("stays within the workspace's quota", async () => {
    await download({ path: "/a" }, { body: Buffer.alloc(40 * 1024 ** 2) });
    await expect(download({ path: "/b" }, { body: Buffer.alloc(40 * 1024 ** 2) })).rejects.toThrow(/workspace is full/);
    expect(await names()).toEqual(["a"]);
  });
});
