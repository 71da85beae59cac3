import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { pictureForModel, pictureSize } from "../../src/reader/picture.ts";
import { noisyPicture, plainPicture } from "../support/picture.ts";

const mebibyte = 1024 ** 2;

describe("a picture for a model", () => {
  it.each([
    ["png", "image/png"],
    ["gif", "image/png"],
    ["jpeg", "image/jpeg"],
    ["webp", "image/jpeg"],
  ] as const)("is had from %s", async (format, mediaType) => {
    const bytes = await plainPicture(40, 20).toFormat(format).toBuffer();
    const picture = await pictureForModel(bytes);
    expect(picture).toMatchObject({ mediaType, tokens: 2 });
    const { width, height } = await sharp(picture.bytes).metadata();
    expect({ width, height }).toEqual({ width: 40, height: 20 });
    expect(await pictureSize(bytes)).toEqual({ width: 40, height: 20 });
  });

  it("has at most 1,568 pixels a side, and at most 3 MiB", async () => {
    const wide = await pictureForModel(await plainPicture(4_000, 1_000).png().toBuffer());
    const { width, height } = await sharp(wide.bytes).metadata();
    expect({ width, height }).toEqual({ width: 1_568, height: 392 });
    expect(wide.tokens).toBe(Math.ceil((1_568 * 392) / 750));
    const noisy = await pictureForModel(await noisyPicture(2_000, 2_000).png().toBuffer());
    expect(noisy.mediaType).toBe("image/jpeg");
    expect(noisy.bytes.length).toBeLessThan(3 * mebibyte);
  });

  it("is upright, and tells nothing of where and by what it was taken", async () => {
    const lying = plainPicture(40, 20)
      .jpeg()
      .withExif({ IFD0: { Copyright: "canary", Orientation: "6" } });
    const bytes = await lying.withMetadata({ orientation: 6 }).toBuffer();
    expect(await pictureSize(bytes)).toEqual({ width: 20, height: 40 });
    const picture = await pictureForModel(bytes);
    const { width, exif } = await sharp(picture.bytes).metadata();
    expect([width, exif]).toEqual([20, undefined]);
  });

  it("is the same for the same file: a request may be made again", async () => {
    const bytes = await noisyPicture(60, 60).png().toBuffer();
    expect((await pictureForModel(bytes)).bytes).toEqual((await pictureForModel(bytes)).bytes);
  });

  it("is not had where it is cut short, says that it is huge, or is none", async () => {
    const whole = await noisyPicture(300, 300).png().toBuffer();
    await expect(pictureForModel(whole.subarray(0, 20_000))).rejects.toThrow("damaged, or too large to unpack");
    const huge = Buffer.from(whole);
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    await expect(pictureForModel(huge)).rejects.toThrow("damaged, or too large to unpack");
    await expect(pictureSize(Buffer.from("no picture"))).rejects.toThrow("The picture is damaged.");
  });
});
