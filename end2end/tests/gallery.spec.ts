// The gallery: rows that stand still, and the viewer by mouse, keys and fingers.
import type { Page } from "@playwright/test";
import { jpegFile, pngFile } from "../support/images.ts";
import { dayInWords, dropFiles, expectNoSidewaysScroll } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectLoaded, expectShown, tile, viewer } from "../support/viewer.ts";

/** The pictures' names from top to bottom and left to right, as laid out. */
const names = (page: Page) =>
  page.locator(".tile").evaluateAll((tiles) =>
    tiles
      .map((tile) => ({ box: tile.getBoundingClientRect(), label: tile.querySelector("a")?.getAttribute("aria-label") ?? "" }))
      .sort((a, b) => Math.round(a.box.top - b.box.top) || a.box.left - b.box.left)
      .map(({ label }) => label.replace("Open ", "")),
  );

const boxes = (page: Page) =>
  page.locator(".tile").evaluateAll((tiles) =>
    tiles.map((tile) => {
      const { x, y, width, height } = tile.getBoundingClientRect();
      return { x, y, width, height };
    }),
  );

test("newest first, each in a box of its own shape that stays where it is when the pixels come", async ({ page, owner }) => {
  const sizes = [
    [400, 300],
    [300, 400],
    [640, 200],
    [200, 200],
    [500, 333],
    [200, 300],
    [160, 384],
    [320, 180],
    [180, 320],
    [300, 240],
    [240, 300],
  ] as const;
  await owner.api.upload(...sizes.map(([width, height], n) => jpegFile(`shape-${n}.jpg`, width, height, n)));
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/i/**", async (route) => {
    await released;
    await route.continue();
  });
  await page.addInitScript(() => {
    Object.assign(globalThis, { shift: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value } = entry as PerformanceEntry & { value: number };
        (globalThis as unknown as { shift: number }).shift += value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto("/gallery", { waitUntil: "commit" });
  await expect(page.locator(".tile")).toHaveCount(sizes.length);
  await page.waitForFunction(() => "reflectHydrated" in globalThis);
  expect(await names(page)).toEqual(sizes.map((_, n) => `shape-${sizes.length - 1 - n}.jpg`));
  const before = await boxes(page);
  // A row that few pictures fill is cut off at a height; the others have the pictures' shapes.
  const tallest = Math.max(...before.map((box) => box.height));
  const whole = [...before.entries()].filter(([, box]) => box.height < tallest - 1);
  expect(whole.length).toBeGreaterThan(4);
  for (const [at, box] of whole) {
    const [width, height] = sizes[sizes.length - 1 - at]!;
    expect(Math.abs(box.width / box.height / (width / height) - 1), `shape of box ${at}`).toBeLessThan(0.04);
  }
  const soft = page.locator(".tile .placeholder").first();
  const cells = soft.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  });
  expect(await cells, "a few soft colours stand for the picture").toEqual([4, 4]);
  await expect(soft).toHaveCSS("object-fit", "fill");
  release();
  for (const image of await page.locator(".tile-link img").all()) {
    await image.scrollIntoViewIfNeeded();
    await expectLoaded(image);
  }
  await page.evaluate(() => scrollTo(0, 0));
  expect(await boxes(page)).toEqual(before);
  expect(await page.evaluate(() => (globalThis as unknown as { shift: number }).shift), "layout shift").toBeLessThan(0.01);
  await expectNoSidewaysScroll(page);
  await expect(page.getByRole("heading", { name: dayInWords(Date.now()), level: 2 })).toBeVisible();
});

test("the viewer opens by a click, moves on, goes back and shows what is known", async ({ page, owner }) => {
  const [, middle] = await owner.api.upload(...[1, 2, 3].map((n) => jpegFile(`view-${n}.jpg`, 300 + n, 200, n)));
  await open(page, "/gallery");
  await tile(page, "view-2.jpg").click();
  await expectShown(page, "view-2.jpg");
  await expect(page).toHaveURL(new RegExp(`view=${middle?.slug}`));
  const side = viewer(page).getByRole("complementary");
  await expect(side).toContainText("302 × 200");
  await expect(side).toContainText("JPG");
  await expect(side.getByRole("link", { name: "Public page" })).toHaveAttribute("href", `/p/${middle?.slug}`);
  await viewer(page).getByRole("button", { name: "Next image" }).click();
  await expectShown(page, "view-1.jpg");
  const next = viewer(page).getByRole("button", { name: "Next image" });
  await expect(next, "there is no older one").toHaveAttribute("aria-disabled", "true");
  await expect(next, "and the focus stays").toBeFocused();
  await viewer(page).getByRole("button", { name: "Previous image" }).click();
  await viewer(page).getByRole("button", { name: "Previous image" }).click();
  await expectShown(page, "view-3.jpg");
  await expectNoSidewaysScroll(page);
  await test.step("one step back leaves the viewer", async () => {
    await page.goBack();
    await expect(viewer(page)).toHaveCount(0);
    await expect(page).toHaveURL(/\/gallery$/);
  });
  await test.step("its address opens it", async () => {
    await open(page, `/gallery?view=${middle?.slug}`);
    await expectShown(page, "view-2.jpg");
    await viewer(page).getByRole("button", { name: "Close" }).click();
    await expect(viewer(page)).toHaveCount(0);
  });
});

test("the viewer's side stays while pictures change; the public page is part of the app", async ({ page, owner }) => {
  const images = await owner.api.upload(...[1, 2].map((n) => jpegFile(`side-${n}.jpg`, 900, 600, n)));
  await open(page, `/gallery?view=${images[1]!.slug}`);
  await expectShown(page, "side-2.jpg");
  const links = viewer(page).getByRole("region", { name: "Links" });
  await links.getByRole("radio", { name: "640" }).check({ force: true });
  await links.getByRole("button", { name: "Copy Markdown", exact: true }).focus();
  await page.keyboard.press("ArrowRight");
  await expectShown(page, "side-1.jpg");
  await expect(links.getByRole("button", { name: "Copy Markdown", exact: true })).toBeFocused();
  await expect(links.getByRole("radio", { name: "640" })).toBeChecked();
  await expect(links.getByRole("textbox", { name: "Direct link" })).toHaveValue(`${images[0]!.links.url}?w=640`);
  await page.evaluate(() => Object.assign(globalThis, { here: true }));
  await page.keyboard.press("ArrowLeft");
  await expectShown(page, "side-2.jpg");
  await expect(page, "the address follows").toHaveURL(new RegExp(`view=${images[1]!.slug}$`));
  await page.keyboard.press("ArrowRight");
  await expectShown(page, "side-1.jpg");
  // The page comes after the address would have followed the picture.
  let goOn = () => {};
  const later = new Promise<void>((resolve) => (goOn = resolve));
  await page.route("**/*.wasm", async (route) => {
    await later;
    await route.continue();
  });
  await viewer(page).getByRole("link", { name: "Public page" }).click();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)));
  goOn();
  await expect(page.getByRole("heading", { name: "side-1", level: 1 })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/p/${images[0]!.slug}$`));
  expect(await page.evaluate(() => "here" in globalThis), "uploads would go on").toBe(true);
  await page.goBack();
  await expectShown(page, "side-1.jpg");
});

test("what is deleted in the viewer is taken back there, and uploads are seen there", async ({ page, owner }) => {
  await owner.api.upload(...[1, 2, 3].map((n) => jpegFile(`over-${n}.jpg`, 300, 200, n)));
  await open(page, "/gallery");
  await tile(page, "over-3.jpg").click();
  await expectShown(page, "over-3.jpg");
  await page.keyboard.press("Shift+ArrowRight");
  // Held down: one is meant.
  await page.keyboard.down("Delete");
  await page.keyboard.down("Delete");
  await page.keyboard.up("Delete");
  await expectShown(page, "over-2.jpg");
  await expect(viewer(page).getByText("over-3.jpg is in the bin")).toBeVisible();
  expect((await owner.api.list()).map((image) => image.filename)).toEqual(["over-2.jpg", "over-1.jpg"]);
  await viewer(page).getByRole("button", { name: "Undo" }).click();
  await expect(viewer(page).getByText("Back in the gallery")).toBeVisible();
  await page.keyboard.press("ArrowLeft");
  await expectShown(page, "over-3.jpg");
  await dropFiles(page, ".viewer-stage", [jpegFile("over-4.jpg", 300, 200, 4)]);
  await expect(viewer(page).getByRole("region", { name: "Uploads" }).getByText("Uploaded: 1")).toBeVisible();
  await viewer(page).getByRole("button", { name: "Close", exact: true }).click();
  await expect(viewer(page)).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Uploads" })).toBeVisible();
  await test.step("also when the viewer is left for another page", async () => {
    await tile(page, "over-4.jpg").click();
    await expectShown(page, "over-4.jpg");
    await viewer(page).getByRole("link", { name: "Public page" }).click();
    await expect(page.getByRole("heading", { name: "over-4", level: 1 })).toBeVisible();
    await expect(page.getByRole("region", { name: "Uploads" })).toBeVisible();
  });
});

test("a picture that is being deleted isn't come back to, and one that can't be deleted is shown again", async ({ page, owner }) => {
  await owner.api.upload(...[1, 2, 3].map((n) => jpegFile(`going-${n}.jpg`, 300, 200, n)));
  await open(page, "/gallery");
  await tile(page, "going-2.jpg").click();
  await expectShown(page, "going-2.jpg");
  let refuse = () => {};
  const refused = new Promise<void>((resolve) => (refuse = resolve));
  await page.route("**/api/app/bulk", async (route) => {
    await refused;
    await route.abort();
  });
  await page.keyboard.press("Delete");
  await expectShown(page, "going-1.jpg");
  await page.keyboard.press("ArrowLeft");
  await expectShown(page, "going-3.jpg");
  refuse();
  await expect(viewer(page).locator(".toast")).toContainText("The server cannot be reached");
  await page.keyboard.press("ArrowRight");
  await expectShown(page, "going-2.jpg");
  expect(await owner.api.list()).toHaveLength(3);
});

test("messages stay while somebody is at them, and keep the focus when others come and go", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "for a mouse and keys");
  await owner.api.upload(...[1, 2].map((n) => jpegFile(`told-${n}.jpg`, 300, 200, n)));
  await page.clock.install();
  await open(page, "/gallery");
  await tile(page, "told-2.jpg").hover();
  await page.getByRole("checkbox", { name: "Select told-2.jpg" }).check();
  await page.getByRole("region", { name: "1 selected" }).getByRole("button", { name: "Delete" }).click();
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.focus();
  await page.clock.fastForward(15_000);
  await page.locator(".tile-copy").evaluate((button: HTMLElement) => button.click());
  await expect(page.locator(".toast")).toHaveCount(2);
  await expect(undo).toBeFocused();
  await undo.blur();
  await page.locator(".toast").first().hover();
  await page.clock.fastForward(15_000);
  await expect(undo).toBeVisible();
  await page.mouse.move(640, 300);
  await page.clock.fastForward(15_000);
  await expect(page.locator(".toast")).toHaveCount(0);
});

test("the viewer by keys: open, left, right, close, and the focus is where it was", async ({ page, owner }) => {
  await owner.api.upload(...[1, 2, 3].map((n) => jpegFile(`key-${n}.jpg`, 300, 200, n)));
  await open(page, "/gallery");
  await tile(page, "key-2.jpg").focus();
  await page.keyboard.press("Enter");
  await expectShown(page, "key-2.jpg");
  await page.keyboard.press("ArrowRight");
  await expectShown(page, "key-1.jpg");
  await page.keyboard.press("ArrowRight");
  await expectShown(page, "key-1.jpg");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expectShown(page, "key-3.jpg");
  await page.keyboard.press("Tab");
  expect(await viewer(page).evaluate((dialog) => dialog.contains(document.activeElement)), "the focus stays in the viewer").toBe(true);
  await page.keyboard.press("Escape");
  await expect(viewer(page)).toHaveCount(0);
  await expect(page.locator(".tile-link:focus"), "the focus is back on a picture").toHaveCount(1);
});

test("a swipe shows the next picture", async ({ page, owner, hasTouch }) => {
  test.skip(!hasTouch, "for fingers");
  await owner.api.upload(...[1, 2].map((n) => jpegFile(`swipe-${n}.jpg`, 300, 200, n)));
  await open(page, "/gallery");
  await tile(page, "swipe-2.jpg").tap();
  await expectShown(page, "swipe-2.jpg");
  const client = await page.context().newCDPSession(page);
  const swipe = async (from: number, to: number, down = 0, fingers = 1) => {
    const at = (x: number, y = 300) => Array.from({ length: fingers }, (_, id) => ({ x, y: y + 50 * id, id }));
    await client.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(from) });
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await client.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(from + (to - from) * part, 300 + down * part) });
    }
    await client.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  await swipe(330, 60);
  await expectShown(page, "swipe-1.jpg");
  await swipe(60, 330);
  await expectShown(page, "swipe-2.jpg");
  await swipe(200, 185);
  await expectShown(page, "swipe-2.jpg");
  // Two fingers enlarge, and one that goes down scrolls.
  await swipe(330, 60, 0, 2);
  await swipe(330, 260, 200);
  await expectShown(page, "swipe-2.jpg");
});

test("more than a page of pictures comes by scrolling, none twice; a search finds the few", async ({ page, owner }) => {
  test.setTimeout(120_000);
  const files = Array.from({ length: 130 }, (_, n) => pngFile(`many-${n}${n % 50 === 7 ? " sunset 100%" : ""}.png`, 24, 16, n));
  for (let at = 0; at < files.length; at += 50) {
    expect((await owner.api.send(files.slice(at, at + 50))).status).toBe(201);
  }
  await open(page, "/gallery");
  await expect(tile(page, "many-129.png")).toBeVisible();
  expect(await page.locator(".tile").count()).toBeLessThan(130);
  await expect(async () => {
    await page.keyboard.press("End");
    await expect(page.locator(".tile")).toHaveCount(130, { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  const ids = await page.locator(".tile").evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute("data-id")));
  expect(ids).toEqual((await owner.api.list()).map((image) => image.id));
  await expect(page.getByRole("button", { name: "Load more" })).toHaveCount(0);

  await test.step("search", async () => {
    const field = page.getByRole("searchbox", { name: "Search your images" });
    await field.fill("SUNSET y-1");
    await field.press("Enter");
    await expect(page.locator(".tile"), "both words, in any case").toHaveCount(1);
    await expect(page).toHaveURL(/q=SUNSET/);
    expect(await names(page)).toEqual(["many-107 sunset 100%.png"]);
    await page.reload();
    await expect(field).toHaveValue("SUNSET y-1");
    await expect(page.locator(".tile")).toHaveCount(1);
    await field.fill("100%");
    await field.press("Enter");
    await expect(page.locator(".tile"), "a per cent sign is one").toHaveCount(3);
    await field.fill("nothing like it");
    await field.press("Enter");
    await expect(page.getByRole("heading", { name: "No image matches" })).toBeVisible();
    await page.getByRole("link", { name: "Clear search" }).click();
    await expect(tile(page, "many-129.png")).toBeVisible();
    await expect(field).toHaveValue("");
  });
});

test("closing the viewer leaves nothing behind in the history", async ({ page, owner }) => {
  await owner.api.upload(...[1, 2].map((n) => jpegFile(`past-${n}.jpg`, 300, 200, n)));
  await open(page, "/bin");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Gallery" }).filter({ visible: true }).click();
  for (const name of ["past-2.jpg", "past-1.jpg"]) {
    await tile(page, name).click();
    await expectShown(page, name);
    await page.keyboard.press("Escape");
    await expect(viewer(page)).toHaveCount(0);
    await expect(page).toHaveURL(/\/gallery$/);
  }
  await page.goBack();
  await expect(page).toHaveURL(/\/bin$/);
});
