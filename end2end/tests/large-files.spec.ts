// Files that are sent in pieces, over connections that break.
import type { Page } from "@playwright/test";
import { bytesOf } from "../support/api.ts";
import { largePngFile, type ImageFile } from "../support/images.ts";
import { expect, newPerson, open, signIn, test, type Person } from "../support/reflect.ts";
import { row, tray } from "../support/tray.ts";

/** Requests for pieces, and others that send files, from now on: method and `Upload-Offset`. */
function requests(page: Page): { method: string; offset: number }[] {
  const seen: { method: string; offset: number }[] = [];
  page.on("request", (request) => {
    const path = new URL(request.url()).pathname;
    if (path.startsWith("/api/v1/uploads") || (/^\/api\/v1\/(images|guest-links\/.*\/images)$/.test(path) && request.method() === "POST")) {
      seen.push({ method: request.method(), offset: Number(request.headers()["upload-offset"] ?? "-1") });
    }
  });
  return seen;
}

const offsets = (seen: { method: string; offset: number }[]) =>
  seen.filter(({ method }) => method === "PATCH").map(({ offset }) => offset);

async function pick(page: Page, file: ImageFile): Promise<void> {
  await open(page, "/upload");
  await choose(page, file);
}

/** Where the page for uploads is. */
async function choose(page: Page, file: ImageFile): Promise<void> {
  const choosing = page.waitForEvent("filechooser");
  await page.locator("main .upload-button").click();
  await (await choosing).setFiles([file]);
}

async function expectStored(person: Person, file: ImageFile): Promise<void> {
  const stored = await person.api.list();
  expect(stored.map(({ filename }) => filename)).toEqual([file.name]);
  const bytes = await bytesOf(stored[0]?.links.url ?? "");
  expect(bytes.equals(file.buffer), `${file.name} as sent`).toBe(true);
}

const PIECE = 4 * 1024 * 1024;

test("a large file whose connection breaks in the middle goes on there", async ({ page, owner }) => {
  test.slow();
  const file = largePngFile("große Karte.png", 1800, 1500);
  expect(file.buffer.length).toBeGreaterThan(2.4 * PIECE);
  const seen = requests(page);
  const line = await page.context().newCDPSession(page);
  await line.send("Network.enable");
  const speed = (uploadThroughput: number, offline = false) =>
    line.send("Network.emulateNetworkConditions", { offline, latency: 0, downloadThroughput: -1, uploadThroughput });
  await open(page, "/upload");
  await speed(2_500_000);
  await pick(page, file);
  const progress = tray(page).getByRole("progressbar", { name: `Progress of ${file.name}` });
  const percent = async () => Number(await progress.getAttribute("aria-valuenow", { timeout: 500 }).catch(() => 0));
  await expect.poll(percent, { intervals: [50], timeout: 30_000 }).toBeGreaterThan(50);
  await speed(-1, true);
  await expect(row(page, file.name)).toContainText("The connection broke. Trying again soon.");
  const before = offsets(seen);
  expect(before[0]).toBe(0);
  await speed(-1);
  await expect(row(page, file.name)).toContainText("Uploaded", { timeout: 30_000 });
  // What comes after the break begins behind all that was acknowledged before.
  const after = offsets(seen).slice(before.length);
  expect(after[0]).toBeGreaterThanOrEqual(Math.max(...before));
  expect(after[0]).toBeGreaterThanOrEqual(PIECE);
  expect(seen.map(({ method }) => method).filter((method) => method === "POST"), "begun once").toHaveLength(1);
  await expectStored(owner, file);
});

test("a piece that is refused on the way is sent again, and the others aren't", async ({ page, owner }) => {
  const file = largePngFile("map.png", 1800, 1500);
  const seen = requests(page);
  let broken = 0;
  await page.route("**/api/v1/uploads/*", async (route) => {
    const headers = route.request().headers();
    const breaks = route.request().method() === "PATCH" && Number(headers["upload-offset"]) === PIECE && broken++ < 1;
    if (breaks) await route.abort("connectionreset");
    else await route.continue();
  });
  await pick(page, file);
  await expect(row(page, file.name)).toContainText("Uploaded", { timeout: 30_000 });
  expect(offsets(seen)).toEqual([0, PIECE, PIECE, 2 * PIECE]);
  expect(seen.map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH", "HEAD", "PATCH", "PATCH", "GET"]);
  await expectStored(owner, file);
});

test("what is stopped can be gone on with, and is forgotten when it is off the list", async ({ page, owner }) => {
  const file = largePngFile("stopped.png", 1800, 1500);
  const seen = requests(page);
  let held: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (held = resolve));
  let isHeld = true;
  await page.route("**/api/v1/uploads/*", async (route) => {
    if (isHeld && Number(route.request().headers()["upload-offset"]) === PIECE) held();
    else await route.continue().catch(() => undefined);
  });
  await pick(page, file);
  await arrived;
  const cancel = () => row(page, file.name).getByRole("button", { name: `Cancel ${file.name}` }).click();
  await cancel();
  await expect(row(page, file.name)).toContainText("Cancelled");
  await row(page, file.name).getByRole("button", { name: `Try ${file.name} again` }).click();
  await expect.poll(() => offsets(seen)).toEqual([0, PIECE, PIECE]);
  await cancel();
  await expect(row(page, file.name)).toContainText("Cancelled");
  isHeld = false;
  const forgotten = page.waitForResponse((response) => response.request().method() === "DELETE");
  await row(page, file.name).getByRole("button", { name: `Take ${file.name} off the list` }).click();
  expect((await forgotten).status()).toBe(204);
  expect(await owner.api.list()).toEqual([]);
});

test("a large file goes where, and to whom, it was chosen that uploads go", async ({ page, owner }) => {
  const album = await owner.api.makeAlbum("Sea", []);
  const file = largePngFile("sea.png", 1800, 1500);
  const seen = requests(page);
  await open(page, "/upload");
  await page.getByText("Options for these uploads").click();
  for (const [name, option] of [["Into an album", "Sea"], ["Who can see it", "Only me"], ["The link works", "For a day"]]) {
    await page.getByRole("combobox", { name: name!, exact: true }).selectOption(option!);
  }
  const began = Date.now();
  await choose(page, file);
  await expect(row(page, file.name)).toContainText("Uploaded", { timeout: 30_000 });
  expect(seen.map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH", "PATCH", "GET"]);
  const [stored] = await owner.api.list();
  const details = await owner.api.details(stored!);
  expect(details.visibility).toBe("private");
  expect(Math.abs(Date.parse(details.expires_at ?? "") - began - 24 * 3_600_000)).toBeLessThan(60_000);
  expect((await owner.api.inAlbum(album)).map((image) => image.filename)).toEqual([file.name]);
});

test("a guest's large file is one request", async ({ owner, newVisitor }) => {
  const link = await owner.api.makeGuestLink(await owner.api.makeAlbum("Party", []), { name: "Friends", max_images: 1 });
  const file = largePngFile("party.png", 1800, 1500);
  const visitor = await (await newVisitor()).newPage();
  const seen = requests(visitor);
  await open(visitor, link);
  await visitor.locator(".drop-area input[type=file]").setInputFiles([file]);
  await expect(row(visitor, file.name)).toContainText("Uploaded", { timeout: 30_000 });
  expect(seen.map(({ method }) => method)).toEqual(["POST"]);
  await expectStored(owner, file);
});

test("a server that is killed between pieces has all that it acknowledged", { tag: "@once" }, async ({ page, ownServer }) => {
  test.slow();
  const ada = await newPerson(ownServer, "ada");
  await signIn(page, ada, ownServer.url);
  const file = largePngFile("killed.png", 1800, 1500);
  const seen = requests(page);
  let goOn: () => void = () => undefined;
  const isBack = new Promise<void>((resolve) => (goOn = resolve));
  let held: () => void = () => undefined;
  const second = new Promise<void>((resolve) => (held = resolve));
  await page.route("**/api/v1/uploads/*", async (route) => {
    if (Number(route.request().headers()["upload-offset"]) === PIECE) {
      held();
      await isBack;
    }
    await route.continue().catch(() => undefined);
  });
  await open(page, `${ownServer.url}/upload`);
  await choose(page, file);
  await second;
  await ownServer.stop("SIGKILL");
  await ownServer.launch();
  goOn();
  await expect(row(page, file.name)).toContainText("Uploaded", { timeout: 30_000 });
  expect(offsets(seen)).toEqual([0, PIECE, 2 * PIECE]);
  await expectStored(ada, file);
});
