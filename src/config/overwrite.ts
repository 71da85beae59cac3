import { open } from "node:fs/promises";

/**
 * Puts `text` into a file that cannot be replaced, since it was mounted into a container by itself: one write over what is
 * there. What is too long is blanked by the same write and cut off afterwards, so whoever is killed in between leaves empty
 * lines at worst. Its owner and mode stay.
 */
export async function overwrite(path: string, text: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size, nlink } = await file.stat();
    if (nlink === 0)
      throw new Error(
        "it was replaced outside meanwhile, and what is mounted here is the old one: restart the container",
      );
    const bytes = Buffer.from(text);
    const whole = Buffer.alloc(Math.max(bytes.length, size), "\n");
    bytes.copy(whole);
    const { bytesWritten } = await file.write(whole, 0, whole.length, 0);
    if (bytesWritten !== whole.length) throw new Error("the disk took only a part of it");
    await file.truncate(bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
}
