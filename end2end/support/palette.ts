// Screenshots in 256 colours: a third of the size, and nobody sees the difference.
import { crc32, deflateSync } from "node:zlib";
import { PNG } from "pngjs";

type Shade = { r: number; g: number; b: number; count: number };
/** How much of an error is passed on; all of it would be smoother still and compress worse. */
const DIFFUSED = 0.8;
const CHANNELS = ["r", "g", "b"] as const;

/** The colours that stand for all others: boxes of shades are halved, those with the widest spread of pixels first. */
function medianCut(shades: Shade[], colors: number): Shade[] {
  const spread = (box: Shade[]) => {
    const total = box.reduce((sum, shade) => sum + shade.count, 0);
    const variances = CHANNELS.map((channel) => {
      const mean = box.reduce((sum, shade) => sum + shade[channel] * shade.count, 0) / total;
      return box.reduce((sum, shade) => sum + shade.count * (shade[channel] - mean) ** 2, 0);
    });
    const widest = variances.indexOf(Math.max(...variances));
    return { box, total, channel: CHANNELS[widest] ?? "g", error: variances[widest] ?? 0 };
  };
  const boxes = [spread(shades)];
  while (boxes.length < colors) {
    const worst = boxes.reduce((best, box, at) => (box.error > (boxes[best]?.error ?? 0) ? at : best), 0);
    const [taken] = boxes.splice(worst, 1);
    if (!taken || taken.box.length < 2) {
      if (taken) boxes.push(taken);
      break;
    }
    const { box, channel } = taken;
    box.sort((a, b) => a[channel] - b[channel]);
    const mean = box.reduce((sum, shade) => sum + shade[channel] * shade.count, 0) / taken.total;
    const cut = Math.min(box.length - 1, Math.max(1, box.findIndex((shade) => shade[channel] > mean)));
    boxes.push(spread(box.slice(0, cut)), spread(box.slice(cut)));
  }
  return boxes.map(({ box, total }) => {
    const mean = (channel: "r" | "g" | "b") => Math.round(box.reduce((sum, shade) => sum + shade[channel] * shade.count, 0) / total);
    return { r: mean("r"), g: mean("g"), b: mean("b"), count: total };
  });
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** The same picture, opaque, as a PNG with a palette of `colors`. */
export function inPalette(file: Buffer, colors: number): Buffer {
  const { width, height, data } = PNG.sync.read(file);
  const shades = new Map<number, Shade>();
  const keyAt = (at: number) => data.readUIntBE(at, 3);
  for (let at = 0; at < data.length; at += 4) {
    const key = keyAt(at);
    const shade = shades.get(key);
    if (shade) shade.count++;
    else shades.set(key, { r: key >> 16, g: (key >> 8) & 255, b: key & 255, count: 1 });
  }
  const palette = medianCut([...shades.values()], colors);
  const known = new Map<number, number>();
  const nearest = (r: number, g: number, b: number): number => {
    const key = (r << 16) | (g << 8) | b;
    let best = known.get(key);
    if (best === undefined) {
      best = 0;
      let least = Infinity;
      for (const [at, color] of palette.entries()) {
        const far = 2 * (color.r - r) ** 2 + 4 * (color.g - g) ** 2 + 3 * (color.b - b) ** 2;
        if (far < least) [best, least] = [at, far];
      }
      known.set(key, best);
    }
    return best;
  };
  // What a pixel is off by goes to its neighbours (Floyd and Steinberg), so that skies have no steps.
  const rows = Buffer.alloc((width + 1) * height);
  let [here, below] = [new Float32Array((width + 2) * 3), new Float32Array((width + 2) * 3)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wanted = [0, 1, 2].map((c) => {
        const value = (data[(y * width + x) * 4 + c] ?? 0) + (here[(x + 1) * 3 + c] ?? 0);
        return Math.min(255, Math.max(0, Math.round(value)));
      }) as [number, number, number];
      const index = nearest(...wanted);
      rows[y * (width + 1) + 1 + x] = index;
      const color = palette[index];
      if (!color) continue;
      for (const [c, got] of [color.r, color.g, color.b].entries()) {
        const off = ((wanted[c] ?? 0) - got) * DIFFUSED;
        here[(x + 2) * 3 + c]! += (off * 7) / 16;
        below[x * 3 + c]! += (off * 3) / 16;
        below[(x + 1) * 3 + c]! += (off * 5) / 16;
        below[(x + 2) * 3 + c]! += off / 16;
      }
    }
    [here, below] = [below, here.fill(0)];
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("PLTE", Buffer.from(palette.flatMap(({ r, g, b }) => [r, g, b]))),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
