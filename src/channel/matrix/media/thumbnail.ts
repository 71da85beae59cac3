/** A small picture that a client shows before it has the large one. */
export interface Thumbnail {
  bytes: Uint8Array;
  mimetype: "image/webp";
  w: number;
  h: number;
}

const pictures = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const box = { width: 800, height: 600 };
/** A picture that says it is larger would take gigabytes to unpack. */
const mostPixels = 100_000_000;

/** Undefined for what is no picture, is small enough as it is, or cannot be read as the picture that it says it is. */
export async function thumbnailOf(bytes: Uint8Array, mimetype: string): Promise<Thumbnail | undefined> {
  if (!pictures.has(mimetype)) return undefined;
  try {
    // Loaded with the first picture that is sent: it is large, and most runs need none.
    const { default: sharp } = await import("sharp");
    const picture = sharp(bytes, { limitInputPixels: mostPixels, sequentialRead: true });
    const { width = 0, height = 0 } = await picture.metadata();
    if (width <= box.width && height <= box.height) return undefined;
    const { data, info } = await picture
      .autoOrient()
      .resize({ ...box, fit: "inside" })
      .webp({ quality: 75 })
      .toBuffer({ resolveWithObject: true });
    return { bytes: data, mimetype: "image/webp", w: info.width, h: info.height };
  } catch {
    return undefined;
  }
}
