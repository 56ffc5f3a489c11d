// Pictures worth looking at, drawn here: skies, ridges in haze, water. For screenshots.
import jpeg from "jpeg-js";
import type { ImageFile } from "./images.ts";

type Rgb = readonly [number, number, number];
type Ridge = {
  /** Where its line runs, from 0 at the top to 1. */
  at: number;
  height: number;
  color: string;
  /** What it fades into at its foot. */
  haze?: string;
  /** How rough: 0.3 for dunes, 0.6 for rocks. */
  rough?: number;
  /** Hills in the picture's width. */
  hills?: number;
  trees?: number;
};
type Scene = {
  name: string;
  size: readonly [number, number];
  /** From the zenith to the horizon. */
  sky: readonly string[];
  sun?: { x: number; y: number; radius: number; color: string; glow?: number };
  stars?: boolean;
  aurora?: string;
  clouds?: string;
  ridges: readonly Ridge[];
  /** Where water begins, if there is any. */
  water?: number;
};

const SCENES: readonly Scene[] = [
  {
    name: "fjord-at-dawn.jpg",
    size: [1800, 1200],
    sky: ["#4a6fa5", "#9db4d0", "#f3c9a5", "#fbe3c0"],
    sun: { x: 0.66, y: 0.42, radius: 0.035, color: "#fff3d6", glow: 0.5 },
    clouds: "#fde4cf",
    ridges: [
      { at: 0.42, height: 0.2, color: "#8fa3bd", haze: "#e9cdb6" },
      { at: 0.5, height: 0.22, color: "#5d7593", haze: "#b9b6ba" },
      { at: 0.58, height: 0.16, color: "#2f4258", haze: "#5c6c80", trees: 60 },
    ],
    water: 0.66,
  },
  {
    name: "aurora-over-the-pass.jpg",
    size: [1500, 1000],
    sky: ["#070b1c", "#0d1a38", "#15345a", "#23556c"],
    stars: true,
    aurora: "#4ef2a8",
    ridges: [
      { at: 0.66, height: 0.22, color: "#15263c", haze: "#1d3a50" },
      { at: 0.8, height: 0.14, color: "#0a1424", haze: "#0d1b2c", trees: 46 },
    ],
  },
  {
    name: "dunes.jpg",
    size: [1600, 1000],
    sky: ["#3f8fd0", "#8dc3ea", "#f6e4c3"],
    ridges: [
      { at: 0.46, height: 0.1, color: "#e8b777", haze: "#f1cf9c", rough: 0.3, hills: 2 },
      { at: 0.58, height: 0.14, color: "#d5944f", haze: "#eab878", rough: 0.25, hills: 1.6 },
      { at: 0.76, height: 0.16, color: "#b06a31", haze: "#d69355", rough: 0.22, hills: 1.2 },
    ],
  },
  {
    name: "evening-sea.jpg",
    size: [1600, 1067],
    sky: ["#2b2350", "#7c3f74", "#e56b5f", "#fbb45c", "#ffe08f"],
    sun: { x: 0.4, y: 0.6, radius: 0.06, color: "#fff0b8", glow: 0.7 },
    clouds: "#f59b78",
    ridges: [{ at: 0.635, height: 0.05, color: "#4c2f5c", haze: "#6a3b63", hills: 3 }],
    water: 0.65,
  },
  {
    name: "spruces-in-mist.jpg",
    size: [1000, 1400],
    sky: ["#c9d6d8", "#dde5e4", "#eef1ec"],
    ridges: [
      { at: 0.4, height: 0.12, color: "#a9bcbc", haze: "#dbe4e2", trees: 34 },
      { at: 0.52, height: 0.12, color: "#7d9694", haze: "#cbd7d5", trees: 26 },
      { at: 0.66, height: 0.12, color: "#4d6a67", haze: "#a5b9b5", trees: 20 },
      { at: 0.84, height: 0.12, color: "#1f3b39", haze: "#4c6864", trees: 14 },
    ],
  },
  {
    name: "lavender.jpg",
    size: [1500, 1000],
    sky: ["#6fa8dc", "#bcd9f0", "#fdeccf"],
    sun: { x: 0.8, y: 0.34, radius: 0.04, color: "#fffbe8", glow: 0.4 },
    clouds: "#ffffff",
    ridges: [
      { at: 0.5, height: 0.08, color: "#90a5b8", haze: "#c8cdd6", hills: 3 },
      { at: 0.56, height: 0.05, color: "#7f8f6b", haze: "#9aa77f", hills: 4, trees: 90 },
      { at: 0.64, height: 0.04, color: "#8a6bb8", haze: "#6a48a0", rough: 0.3, hills: 2 },
      { at: 0.8, height: 0.05, color: "#6f4ba6", haze: "#4b2d80", rough: 0.3, hills: 1.4 },
    ],
  },
  {
    name: "first-snow.jpg",
    size: [1400, 1050],
    sky: ["#7fa6c9", "#b8cfe2", "#f0dfe0"],
    ridges: [
      { at: 0.42, height: 0.3, color: "#e8eef5", haze: "#c6d5e6", rough: 0.62 },
      { at: 0.6, height: 0.2, color: "#c3d2e2", haze: "#e2eaf2", rough: 0.58 },
      { at: 0.74, height: 0.08, color: "#32475a", haze: "#dfe8f0", trees: 60 },
    ],
    water: 0.86,
  },
  {
    name: "red-rocks.jpg",
    size: [1600, 900],
    sky: ["#274b8f", "#5f8fce", "#f0c9a0"],
    ridges: [
      { at: 0.5, height: 0.18, color: "#c77f5d", haze: "#e2ac85", rough: 0.7, hills: 5 },
      { at: 0.64, height: 0.16, color: "#a4492f", haze: "#c87a52", rough: 0.66, hills: 4 },
      { at: 0.82, height: 0.1, color: "#5f2719", haze: "#8c4128", hills: 2 },
    ],
  },
  {
    name: "moonrise.jpg",
    size: [1100, 1467],
    sky: ["#0b1030", "#20265c", "#5a4a86", "#b77a94"],
    sun: { x: 0.35, y: 0.32, radius: 0.075, color: "#fdf6e3", glow: 0.25 },
    stars: true,
    ridges: [
      { at: 0.62, height: 0.14, color: "#4a3f73", haze: "#86638d" },
      { at: 0.72, height: 0.12, color: "#2a2852", haze: "#453d6b", trees: 30 },
    ],
    water: 0.8,
  },
  {
    name: "rice-terraces.jpg",
    size: [1500, 1000],
    sky: ["#a7c7c9", "#d6e2cf", "#f7eccb"],
    clouds: "#ffffff",
    ridges: [
      { at: 0.36, height: 0.16, color: "#86a58f", haze: "#cfdcc0", hills: 3 },
      { at: 0.5, height: 0.08, color: "#6f9a5b", haze: "#a9c27f", rough: 0.35 },
      { at: 0.6, height: 0.06, color: "#5b8a46", haze: "#97b765", rough: 0.3 },
      { at: 0.7, height: 0.06, color: "#4a7a3a", haze: "#86aa55", rough: 0.3 },
      { at: 0.82, height: 0.06, color: "#38652f", haze: "#6d9446", rough: 0.3 },
    ],
  },
  {
    name: "harbour-lights.jpg",
    size: [1700, 850],
    sky: ["#101a3a", "#2d3f74", "#a5668f", "#f0a97a"],
    clouds: "#c37d95",
    ridges: [
      { at: 0.52, height: 0.12, color: "#37406b", haze: "#69587f" },
      { at: 0.58, height: 0.06, color: "#1b2140", haze: "#2a2c4e", trees: 120 },
    ],
    water: 0.63,
  },
  {
    name: "volcano.jpg",
    size: [1200, 1200],
    sky: ["#f2b8a0", "#f7d6b8", "#fdeed6"],
    sun: { x: 0.22, y: 0.3, radius: 0.05, color: "#fff8ea", glow: 0.4 },
    ridges: [
      { at: 0.5, height: 0.34, color: "#8c7f9c", haze: "#d9bfc0", rough: 0.42, hills: 1.1 },
      { at: 0.7, height: 0.1, color: "#5c6a6d", haze: "#a9a79f", trees: 50 },
      { at: 0.86, height: 0.08, color: "#2f4038", haze: "#4d5f4e", trees: 30 },
    ],
  },
];

const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
const clamp = (value: number) => Math.min(1, Math.max(0, value));
const smooth = (t: number) => t * t * (3 - 2 * t);
const mix = (a: Rgb, b: Rgb, t: number): Rgb => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];

/** A number from 0 to 1 that depends on nothing but its arguments. */
function chance(x: number, y: number, seed: number): number {
  let hash = Math.imul(x | 0, 374761393) ^ Math.imul(y | 0, 668265263) ^ Math.imul(seed | 0, 2246822519);
  hash = Math.imul(hash ^ (hash >>> 13), 1274126177);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0xffffffff;
}

/** Smooth noise from 0 to 1. */
function noise(x: number, y: number, seed: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [smooth(x - left), smooth(y - top)];
  const upper = chance(left, top, seed) * (1 - u) + chance(left + 1, top, seed) * u;
  const lower = chance(left, top + 1, seed) * (1 - u) + chance(left + 1, top + 1, seed) * u;
  return upper * (1 - v) + lower * v;
}

/** Noise on many scales, each `rough` as strong as the one before. */
function fractal(x: number, y: number, seed: number, rough: number, octaves: number): number {
  let [sum, weight, total] = [0, 1, 0];
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(x * 2 ** octave, y * 2 ** octave, seed + octave);
    total += weight;
    weight *= rough;
  }
  return sum / total;
}

function draw(scene: Scene, seed: number): Buffer {
  const [width, height] = scene.size;
  const sky = scene.sky.map(rgb);
  const aspect = width / height;
  const sun = scene.sun && { ...scene.sun, rgb: rgb(scene.sun.color) };
  const clouds = scene.clouds && rgb(scene.clouds);
  const aurora = scene.aurora && rgb(scene.aurora);
  const ridges = scene.ridges.map((ridge, number) => {
    const line = new Float64Array(width);
    for (let x = 0; x < width; x++) {
      const hills = (x / width) * (ridge.hills ?? 2.5);
      const shape = fractal(hills, 0.5, seed * 31 + number * 7, ridge.rough ?? 0.5, 9);
      let y = ridge.at + ridge.height * (0.5 - shape) * 1.8;
      if (ridge.trees) {
        const place = (x / width) * ridge.trees;
        for (const tree of [Math.floor(place) - 1, Math.floor(place), Math.floor(place) + 1]) {
          const trunk = tree + chance(tree, number, seed);
          const tall = (0.4 + chance(tree, number + 50, seed)) * (1.3 / ridge.trees) * aspect;
          const slope = Math.abs(place - trunk) * 1.7;
          const branches = 0.12 * Math.abs(((slope * 9) % 1) - 0.5);
          if (slope < 1) y = Math.min(y, ridge.at + ridge.height * (0.5 - shape) * 1.8 - tall * (1 - slope - branches));
        }
      }
      line[x] = y;
    }
    return { line, color: rgb(ridge.color), haze: rgb(ridge.haze ?? ridge.color), height: ridge.height };
  });

  const above = (u: number, v: number): Rgb => {
    const stop = clamp(v / 0.7) * (sky.length - 1);
    const lower = Math.min(Math.floor(stop), sky.length - 2);
    let color = mix(sky[lower]!, sky[lower + 1]!, stop - lower);
    if (scene.stars && chance(u * width, v * height, seed) > 0.9994) color = mix(color, [255, 255, 255], clamp(1 - v * 1.4));
    if (aurora) {
      const drift = fractal(u * 3, v * 0.8, seed + 3, 0.5, 4);
      const curtain = Math.exp(-(((v - 0.22 - drift * 0.3) / 0.13) ** 2)) * fractal(u * 26, v * 0.9, seed + 9, 0.6, 3);
      color = mix(color, aurora, clamp(curtain * 1.25));
    }
    if (clouds) {
      const cover = fractal(u * 3 * aspect, v * 9, seed + 5, 0.55, 6);
      color = mix(color, clouds, clamp((cover - 0.52) * 3) * 0.75 * clamp(1.1 - v));
    }
    if (sun) {
      const far = Math.hypot((u - sun.x) * aspect, v - sun.y) / sun.radius;
      color = mix(color, sun.rgb, clamp((sun.glow ?? 0.4) * Math.exp(-(far - 1) * 0.28)));
      color = mix(color, sun.rgb, clamp((1.02 - far) * 40));
    }
    const x = Math.min(width - 1, Math.max(0, Math.round(u * width)));
    for (const { line, color: rock, haze, height: tall } of ridges) {
      const depth = v - line[x]!;
      if (depth <= -1 / height) continue;
      const grain = 0.86 + 0.28 * fractal(u * 40, v * 60, seed + 11, 0.6, 3);
      const body = mix(rock, haze, smooth(clamp(depth / (tall * 1.4))));
      color = mix(color, [body[0] * grain, body[1] * grain, body[2] * grain], clamp(depth * height + 0.5));
    }
    return color;
  };

  const data = Buffer.alloc(width * height * 4, 255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height];
      let color: Rgb;
      if (scene.water !== undefined && v > scene.water) {
        const near = (v - scene.water) / (1 - scene.water);
        const ripple = (fractal(u * 14 * aspect, 60 / (near + 0.12), seed + 21, 0.5, 3) - 0.5) * (0.015 + 0.07 * near);
        const mirrored = above(clamp(u + ripple), clamp(scene.water - near * scene.water * 0.9 + ripple * 0.6));
        color = mix(mirrored, sky[0]!, 0.18 + 0.22 * near);
      } else {
        color = above(u, v);
      }
      const at = (y * width + x) * 4;
      for (const channel of [0, 1, 2] as const) data[at + channel] = Math.min(255, Math.max(0, color[channel]));
    }
  }
  return data;
}

/** Every landscape, the same each time. */
export function landscapes(): ImageFile[] {
  return SCENES.map((scene, seed) => {
    const [width, height] = scene.size;
    const { data } = jpeg.encode({ data: draw(scene, seed + 1), width, height }, 88);
    return { name: scene.name, mimeType: "image/jpeg", buffer: Buffer.from(data) };
  });
}
