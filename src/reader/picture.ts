import type { Sharp } from "sharp";

/** A picture as a model gets it: turned upright, not too large, and without what else its file tells. */
export interface PictureForModel {
  bytes: Uint8Array;
  mediaType: "image/png" | "image/jpeg";
  /** About what it takes of a model's window. */
  tokens: number;
}

export interface PictureSize {
  width: number;
  height: number;
}

/** No model looks closer than this: more is only dearer. */
const longestSide = 1_568;
const mostBytes = 3 * 1024 ** 2;
/** A picture that says it is larger would take gigabytes to unpack. */
const mostPixels = 50_000_000;
const patience = { seconds: 20 };

/** In pixels, upright, from the head of the file alone. Throws a sentence. */
export async function pictureSize(bytes: Uint8Array): Promise<PictureSize> {
  try {
    const { autoOrient } = await (await opened(bytes)).metadata();
    return autoOrient;
  } catch (cause) {
    throw new Error("The picture is damaged.", { cause });
  }
}

/** Of what moves, the first picture. Throws a sentence. */
export async function pictureForModel(bytes: Uint8Array): Promise<PictureForModel> {
  try {
    const picture = await opened(bytes);
    const { format } = await picture.metadata();
    const scaled = picture
      .timeout(patience)
      .autoOrient()
      .resize({ width: longestSide, height: longestSide, fit: "inside", withoutEnlargement: true });
    // Drawn ones have letters and edges that this keeps.
    if (format === "png" || format === "gif") {
      const { data, info } = await scaled.clone().png().toBuffer({ resolveWithObject: true });
      if (data.length <= mostBytes) return { bytes: data, mediaType: "image/png", tokens: tokensOf(info) };
    }
    const { data, info } = await scaled
      .flatten({ background: "white" })
      .jpeg({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    return { bytes: data, mediaType: "image/jpeg", tokens: tokensOf(info) };
  } catch (cause) {
    throw new Error("The picture is damaged, or too large to unpack.", { cause });
  }
}

async function opened(bytes: Uint8Array): Promise<Sharp> {
  // Loaded with the first picture that is looked at: it is large, and most runs need none.
  const { default: sharp } = await import("sharp");
  return sharp(bytes, { limitInputPixels: mostPixels, sequentialRead: true });
}

/** As the makers of large models count; small ones have a fixed number of about the same size. */
function tokensOf({ width, height }: PictureSize): number {
  return Math.ceil((width * height) / 750);
}
