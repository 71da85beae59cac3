import sharp, { type Sharp } from "sharp";

/** A picture of one colour, as an unfinished file: `.png().toBuffer()` and its like finish it. */
export function plainPicture(width: number, height: number, background = "#cc3300"): Sharp {
  return sharp({ create: { width, height, channels: 3, background } });
}

/** One that no format makes small. */
export function noisyPicture(width: number, height: number): Sharp {
  return sharp({
    create: { width, height, channels: 3, background: "white", noise: { type: "gaussian", mean: 128, sigma: 60 } },
  });
}
