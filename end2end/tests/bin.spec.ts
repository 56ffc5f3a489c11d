// Deleting, in two steps with a way back from the first; and the space it takes and frees.
import type { Page } from "@playwright/test";
import { bytesOf } from "../support/api.ts";
import { jpegFile } from "../support/images.ts";
import { dayInWords, dropFiles } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { row } from "../support/tray.ts";
import { expectShown, tile, viewer } from "../support/viewer.ts";

test.use({ serverSettings: { REFLECT_QUOTA: "64 KiB" } });

const statusOf = async (url: string) => (await fetch(url)).status;
const toast = (page: Page, text: string) => page.getByRole("status", { name: "Notifications" }).locator(".toast").filter({ hasText: text });
const binned = (page: Page, name: string) => page.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });

async function select(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) {
    await tile(page, name).hover();
    await page.getByRole("checkbox", { name: `Select ${name}` }).check();
  }
}

test("a deletion can be undone at once", async ({ page, owner }) => {
  const images = await owner.api.upload(...[1, 2, 3].map((n) => jpegFile(`undo-${n}.jpg`, 120, 90, n)));
  await open(page, "/gallery");
  await select(page, "undo-1.jpg", "undo-3.jpg");
  await page.getByRole("region", { name: "2 selected" }).getByRole("button", { name: "Delete" }).click();
  await expect(toast(page, "2 images are in the bin")).toBeVisible();
  await expect(page.locator(".tile")).toHaveCount(1);
  // The server's memory hears of it through the database, a moment later.
  await expect.poll(() => statusOf(images[0]!.links.url), { message: "what is in the bin no longer loads", timeout: 2_000 }).toBe(404);
  await toast(page, "2 images are in the bin").getByRole("button", { name: "Undo" }).click();
  await expect(toast(page, "Back in the gallery")).toBeVisible();
  await expect(page.locator(".tile-link")).toHaveCount(3);
  expect(await page.locator(".tile").evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute("data-id"))), "in their places").toEqual(
    images.map((image) => image.id).reverse(),
  );
  for (const image of images) await expect.poll(() => statusOf(image.links.url)).toBe(200);
});

test("delete, bin, restore, and for good: then the bytes are gone and the space is free", async ({ page, owner }) => {
  const files = [1, 2].map((n) => jpegFile(`bin-${n}.jpg`, 200, 150, n));
  const [first, second] = await owner.api.upload(...files);
  const full = (await owner.api.me()).usage.used;
  expect(full).toBe(files[0]!.buffer.length + files[1]!.buffer.length);

  await test.step("from the viewer into the bin; the viewer goes on to the next one", async () => {
    await open(page, `/gallery?view=${second?.slug}`);
    await viewer(page).getByRole("button", { name: "Delete" }).click();
    await expectShown(page, "bin-1.jpg");
    await viewer(page).getByRole("button", { name: "Delete" }).click();
    await expect(viewer(page)).toHaveCount(0);
    await expect(page.getByRole("heading", { name: "Your gallery is empty" })).toBeVisible();
    await expect.poll(() => statusOf(first!.links.url), { timeout: 2_000 }).toBe(404);
    expect(await statusOf(first!.links.page)).toBe(404);
    expect((await owner.api.me()).usage.used, "the bin counts").toBe(full);
  });

  await test.step("restore one", async () => {
    await page.getByRole("navigation").getByRole("link", { name: "Bin" }).filter({ visible: true }).click();
    await expect(page.getByRole("heading", { name: "Bin", level: 1 })).toBeVisible();
    await expect(binned(page, "bin-2.jpg")).toContainText(`Goes on ${dayInWords(Date.now() + 7 * 86_400_000)}`);
    await binned(page, "bin-2.jpg").getByRole("button", { name: "Restore" }).click();
    await expect(toast(page, "Back in the gallery")).toBeVisible();
    await expect(binned(page, "bin-2.jpg")).toHaveCount(0);
    expect((await bytesOf(second!.links.url)).equals(files[1]!.buffer)).toBe(true);
  });

  await test.step("the other one for good, after a question", async () => {
    await binned(page, "bin-1.jpg").getByRole("button", { name: "Delete for good" }).click();
    const question = page.getByRole("alertdialog", { name: "Delete bin-1.jpg for good?" });
    await expect(question).toContainText("This cannot be undone.");
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(binned(page, "bin-1.jpg")).toBeVisible();
    await binned(page, "bin-1.jpg").getByRole("button", { name: "Delete for good" }).click();
    await question.getByRole("button", { name: "Delete for good" }).click();
    await expect(toast(page, "Deleted for good")).toBeVisible();
    await expect(page.getByRole("heading", { name: "The bin is empty" })).toBeVisible();
    expect(await statusOf(first!.links.url)).toBe(404);
    expect((await owner.api.me()).usage.used).toBe(files[1]!.buffer.length);
  });

  await test.step("the page says the same number", async () => {
    await open(page, "/settings");
    const kib = (files[1]!.buffer.length / 1024).toFixed(1);
    await expect(page.getByText(`${kib} KiB of 64.0 KiB used`)).toBeVisible();
    await expect(page.getByText("Images: 1")).toBeVisible();
  });
});

test("emptying the bin deletes all of it", async ({ page, owner }) => {
  const images = await owner.api.upload(...[1, 2, 3].map((n) => jpegFile(`empty-${n}.jpg`, 100, 80, n)));
  await open(page, "/gallery");
  await select(page, "empty-1.jpg", "empty-2.jpg");
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(toast(page, "2 images are in the bin")).toBeVisible();
  await open(page, "/bin");
  await expect(page.locator(".thing")).toHaveCount(2);
  await page.getByRole("button", { name: "Empty the bin" }).click();
  await page.getByRole("alertdialog", { name: "Delete everything in the bin for good?" }).getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("heading", { name: "The bin is empty" })).toBeVisible();
  expect((await owner.api.list()).map((image) => image.id)).toEqual([images[2]!.id]);
  expect((await owner.api.me()).usage.used).toBe(images[2]!.byte_size);
});

test("what is too much for the quota is refused with the numbers, and fits once there is room", async ({ page, owner }) => {
  const [first] = await owner.api.upload(jpegFile("fills.jpg", 560, 420, 1));
  const next = jpegFile("too-much.jpg", 640, 480, 2);
  expect(first!.byte_size + next.buffer.length, "both don't fit").toBeGreaterThan(64 * 1024);
  const kib = (bytes: number) => `${(Math.floor((bytes * 10 + 512) / 1024) / 10).toFixed(1)} KiB`;
  await open(page, "/gallery");
  await dropFiles(page, "main", [next]);
  await expect(row(page, "too-much.jpg")).toContainText(
    `Your space is full: ${kib(first!.byte_size)} of 64.0 KiB are used and this needs ${kib(next.buffer.length)}. Delete images, empty the bin or delete earlier versions.`,
  );
  expect(await owner.api.list()).toHaveLength(1);

  await select(page, "fills.jpg");
  await page.getByRole("region", { name: "1 selected" }).getByRole("button", { name: "Delete" }).click();
  await expect(toast(page, "fills.jpg is in the bin")).toBeVisible();
  const nav = page.getByRole("navigation").getByRole("link", { name: "Bin" }).filter({ visible: true });
  await nav.click();
  await page.getByRole("button", { name: "Empty the bin" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete for good" }).click();
  await expect(toast(page, "Deleted for good")).toBeVisible();
  await row(page, "too-much.jpg").getByRole("button", { name: "Try too-much.jpg again" }).click();
  await expect(row(page, "too-much.jpg")).toContainText("Uploaded");
  const [stored] = await owner.api.list();
  expect((await bytesOf(stored!.links.url)).equals(next.buffer)).toBe(true);
});
