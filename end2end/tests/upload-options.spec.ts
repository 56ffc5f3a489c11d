// What one chooses for uploads before they are sent.
import type { Page } from "@playwright/test";
import { jpegFile, pngFile, sceneFile, type ImageFile } from "../support/images.ts";
import { dropFiles, inBothSchemes } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { row } from "../support/tray.ts";

// Larger than what is sent of the pictures below, smaller than they are.
test.use({ serverSettings: { REFLECT_MAX_UPLOAD: "100 KiB" } });

const choice = (page: Page, name: string) => page.getByRole("combobox", { name, exact: true });

/** A GIF of one pixel; that there is only one frame is told by its end alone. */
const gif: ImageFile = {
  name: "dot.gif",
  mimeType: "image/gif",
  buffer: Buffer.from("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==", "base64"),
};

test("pictures go into an album, hidden and for a day, as was chosen, and those of another page don't", async ({ page, owner }) => {
  const album = await owner.api.makeAlbum("Sea", await owner.api.upload(pngFile("first.png", 40, 30)));
  await open(page, "/upload");
  await page.getByText("Options for these uploads").click();
  await choice(page, "Into an album").selectOption("Sea");
  await choice(page, "Who can see it").selectOption("Only me");
  await choice(page, "The link works").selectOption("For a day");
  await inBothSchemes(page);
  const began = Date.now();
  await dropFiles(page, "main", [jpegFile("sea.jpg", 320, 240, 1)]);
  await expect(row(page, "sea.jpg")).toContainText("Uploaded");
  const [stored] = await owner.api.list();
  const details = await owner.api.details(stored!);
  expect(details.visibility).toBe("private");
  const end = Date.parse(details.expires_at ?? "") - began;
  expect(Math.abs(end - 24 * 3_600_000)).toBeLessThan(60_000);
  expect((await owner.api.inAlbum(album)).map((image) => image.filename)).toEqual(["first.png", "sea.jpg"]);

  await page.getByRole("link", { name: "Gallery" }).filter({ visible: true }).first().click();
  await expect(page).toHaveURL(/\/gallery$/);
  await dropFiles(page, "main", [jpegFile("shore.jpg", 320, 240, 2)]);
  await expect(row(page, "shore.jpg")).toContainText("Uploaded");
  const shore = (await owner.api.list()).find((image) => image.filename === "shore.jpg");
  expect((await owner.api.details(shore!)).visibility).toBe("unlisted");
});

test("the browser makes them smaller and WebP before it sends them, but for what may move", async ({ page, owner }) => {
  const large = sceneFile("large.jpg", 2600, 1300, 4);
  expect(large.buffer.length).toBeGreaterThan(100 * 1024);
  await open(page, "/upload");
  await page.getByText("Options for these uploads").click();
  await choice(page, "Longer side at most").selectOption("1280 px");
  await page.getByRole("checkbox", { name: /Send as WebP/ }).check();
  await dropFiles(page, "main", [large, jpegFile("small.jpg", 320, 240, 1), gif]);
  for (const name of ["large.jpg", "small.jpg", "dot.gif"]) await expect(row(page, name)).toContainText("Uploaded");
  const stored = await owner.api.list();
  const told = stored.map((image) => [image.filename, image.media_type, image.width, image.height]).sort();
  expect(told).toEqual([
    ["dot.gif", "image/gif", 1, 1],
    ["large.webp", "image/webp", 1280, 640],
    ["small.webp", "image/webp", 320, 240],
  ]);

  await choice(page, "Longer side at most").selectOption("As it is");
  await page.getByRole("checkbox", { name: /Send as WebP/ }).uncheck();
  await dropFiles(page, "main", [{ ...large, name: "whole.jpg" }]);
  await expect(row(page, "whole.jpg")).toContainText("Larger than 100.0 KiB");
  expect(await owner.api.list()).toHaveLength(3);
});
