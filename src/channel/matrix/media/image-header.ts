interface Size {
  w: number;
  h: number;
}

/** Width and height as the header says; undefined where it is cut short or of no known form. */
export function imageHeader(bytes: Buffer, mimetype: string): Size | undefined {
  const read = { "image/png": png, "image/gif": gif, "image/jpeg": jpeg, "image/webp": webp }[mimetype];
  try {
    return read?.(bytes);
  } catch {
    return undefined; // It ends within its header.
  }
}

function png(bytes: Buffer): Size {
  return { w: bytes.readUInt32BE(16), h: bytes.readUInt32BE(20) };
}

function gif(bytes: Buffer): Size {
  return { w: bytes.readUInt16LE(6), h: bytes.readUInt16LE(8) };
}

/** The size stands in the frame's header, after any number of other segments. */
function jpeg(bytes: Buffer): Size | undefined {
  let at = 2;
  while (bytes.readUInt8(at) === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { h: bytes.readUInt16BE(at + 5), w: bytes.readUInt16BE(at + 7) };
    if (marker === 0xd9 || marker === 0xda) return undefined;
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

function webp(bytes: Buffer): Size | undefined {
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { w: bytes.readUInt16LE(26) & 0x3fff, h: bytes.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return { w: (bits & 0x3fff) + 1, h: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { w: bytes.readUIntLE(24, 3) + 1, h: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}
