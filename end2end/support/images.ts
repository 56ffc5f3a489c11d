// Real picture files, made here so that none has to be shipped or fetched.
import { createHash } from "node:crypto";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";

/** A file as `setInputFiles` and `FormData` take it. */
export type ImageFile = { name: string; mimeType: string; buffer: Buffer };

/**
 * RGBA pixels of a gradient whose hue follows `seed`, with a corner in a colour that follows `name`: no two pictures of
 * a journey have the same bytes, or the second would be answered with the first.
 */
function pixels(name: string, width: number, height: number, seed: number): Buffer {
  const [red = 0, green = 0, blue = 0] = createHash("sha256").update(name).digest();
  const data = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      data[at] = (255 * x) / width + seed * 37;
      data[at + 1] = (255 * y) / height + seed * 71;
      data[at + 2] = (x ^ y) + seed * 113;
      if (x < 8 && y < 8) data.set([red, green, blue], at);
      data[at + 3] = 255;
    }
  }
  return data;
}

export function pngFile(name: string, width: number, height: number, seed = 0): ImageFile {
  const png = new PNG({ width, height });
  png.data = pixels(name, width, height, seed);
  return { name, mimeType: "image/png", buffer: PNG.sync.write(png) };
}

/** A PNG that isn't compressed, four bytes for each pixel. */
export function largePngFile(name: string, width: number, height: number): ImageFile {
  const png = new PNG({ width, height });
  png.data = pixels(name, width, height, 0);
  return { name, mimeType: "image/png", buffer: PNG.sync.write(png, { deflateLevel: 0, filterType: 0 }) };
}

export function jpegFile(name: string, width: number, height: number, seed = 0): ImageFile {
  const { data } = jpeg.encode({ data: pixels(name, width, height, seed), width, height }, 85);
  return { name, mimeType: "image/jpeg", buffer: Buffer.from(data) };
}

/** A JPEG of soft shapes, whose arrangement follows `seed`: it looks the same at any size, as photos do. */
export function sceneFile(name: string, width: number, height: number, seed: number): ImageFile {
  const data = Buffer.alloc(width * height * 4, 255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height];
      let light = 128;
      for (let wave = 1; wave <= 6; wave++) {
        const turn = seed * wave * 1.7;
        light += 18 * Math.sin(2 * Math.PI * (((wave + seed) % 4) * u + ((wave * seed) % 3) * v) + turn) * Math.cos(Math.PI * wave * (u - v) + turn);
      }
      data.fill(Math.min(255, Math.max(0, Math.round(light))), (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { name, mimeType: "image/jpeg", buffer: Buffer.from(jpeg.encode({ data, width, height }, 85).data) };
}

/** A JPEG whose EXIF says that it must be turned: `orientation` from 1 to 8 as in TIFF 6.0, tag 0x0112. */
export function orientedJpegFile(name: string, width: number, height: number, orientation: number): ImageFile {
  const plain = jpegFile(name, width, height).buffer;
  const tiff = Buffer.from("4d4d002a00000008" + "0001" + "0112000300000001" + "00000000" + "00000000", "hex");
  tiff.writeUInt16BE(orientation, 18);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const header = Buffer.from([0xff, 0xe1, 0, 0]);
  header.writeUInt16BE(body.length + 2, 2);
  return { name, mimeType: "image/jpeg", buffer: Buffer.concat([plain.subarray(0, 2), header, body, plain.subarray(2)]) };
}

/** A file that claims to be a PNG, begins like one and then isn't. */
export function brokenPngFile(name: string): ImageFile {
  const { buffer } = pngFile(name, 64, 64);
  return { name, mimeType: "image/png", buffer: Buffer.concat([buffer.subarray(0, 40), Buffer.alloc(200, 0x55)]) };
}

/** A file of plain text under an image's name. */
export function textFile(name: string): ImageFile {
  return { name, mimeType: "image/png", buffer: Buffer.from("This is not a picture.\n") };
}
