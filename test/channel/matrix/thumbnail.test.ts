import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { thumbnailOf } from "../../../src/channel/matrix/media/thumbnail.ts";

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#346" } })
    .png()
    .toBuffer();

describe("a thumbnail", () => {
  it("is made of a large picture, and fits into 800 by 600", async () => {
    const thumbnail = await thumbnailOf(await picture(2_000, 500), "image/png");
    expect(thumbnail).toMatchObject({ mimetype: "image/webp", w: 800, h: 200 });
    expect(await sharp(thumbnail?.bytes).metadata()).toMatchObject({ format: "webp", width: 800, height: 200 });
  });

  it.each([
    ["a small picture", () => picture(300, 200), "image/png"],
    ["what is no picture", async () => Buffer.from("hello"), "text/plain"],
    ["what only says that it is one", async () => Buffer.from("hello"), "image/png"],
    ["a picture that was cut off", async () => (await picture(2_000, 500)).subarray(0, 60), "image/png"],
  ])("is not made of %s", async (_, bytes, mimetype) => {
    expect(await thumbnailOf(await bytes(), mimetype)).toBeUndefined();
  });

  it("is not made of a picture that would take gigabytes to unpack", async () => {
    const header = Buffer.from(await picture(1, 1));
    header.writeUInt32BE(60_000, 16);
    header.writeUInt32BE(60_000, 20);
    expect(await thumbnailOf(header, "image/png")).toBeUndefined();
  });
});
