// Selecting as in a file manager, and what is done to many pictures at once.
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { bytesOf } from "../support/api.ts";
import { jpegFile } from "../support/images.ts";
import { expectAccessible, expectNoSidewaysScroll, inBothSchemes, screenshot } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectShown, tile, viewer } from "../support/viewer.ts";

const files = [1, 2, 3, 4, 5, 6].map((n) => jpegFile(`pick-${n}.jpg`, 300, 240, n));
const bar = (page: Page, count: number) => page.getByRole("region", { name: `${count} selected`, exact: true });
/** What is read out. */
const said = (page: Page) => page.locator("main > p[role=status]");

/** Waits until the gallery hears gestures: its code comes after the first rows. */
const ready = (page: Page) => expect(said(page)).toBeAttached();

async function check(page: Page, name: string, modifiers: ("Shift" | "Control")[] = []): Promise<void> {
  await tile(page, name).hover();
  await page.getByRole("checkbox", { name: `Select ${name}` }).click({ modifiers });
}

test("check marks, Shift and Ctrl; kept on other pages", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "for a mouse");
  await owner.api.upload(...files);
  await open(page, "/gallery");
  await ready(page);
  await check(page, "pick-5.jpg");
  await check(page, "pick-2.jpg", ["Shift"]);
  await expect(bar(page, 4)).toBeVisible();
  await expect(said(page)).toHaveText("4 selected");
  for (const n of [5, 4, 3, 2]) await expect(page.getByRole("checkbox", { name: `Select pick-${n}.jpg` })).toBeChecked();
  await tile(page, "pick-3.jpg").click({ modifiers: ["Control"] });
  await expect(bar(page, 3)).toBeVisible();
  await expect(viewer(page)).toHaveCount(0);
  await tile(page, "pick-1.jpg").click({ modifiers: ["Shift"] });
  await expect(bar(page, 5)).toBeVisible();
  await inBothSchemes(page);

  await page.getByRole("navigation").getByRole("link", { name: "Albums" }).filter({ visible: true }).click();
  await expect(page).toHaveURL(/albums/);
  await page.goBack();
  await expect(bar(page, 5)).toBeVisible();
  await tile(page, "pick-6.jpg").click();
  await expectShown(page, "pick-6.jpg");
  await page.keyboard.press("Escape");
  await expect(viewer(page)).toHaveCount(0);
  await expect(bar(page, 5)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(bar(page, 5)).toHaveCount(0);
  await expect(said(page)).toHaveText("");
});

test("a range reaches over what isn't loaded, and all can be selected", async ({ page, owner, server, isMobile }) => {
  test.skip(isMobile, "for a mouse");
  test.setTimeout(120_000);
  await server.seed(owner.name, 1_500);
  await open(page, "/gallery");
  await ready(page);
  await page.locator(".tile").first().hover();
  await page.locator(".tile-select input").first().click();
  await page.keyboard.press("End");
  const { id } = await owner.api.oldest();
  const last = page.locator(`.tile[data-id="${id}"]`);
  await expect(last).toBeInViewport();
  await last.hover();
  await last.locator(".tile-select input").click({ modifiers: ["Shift"] });
  await expect(bar(page, 1_500)).toBeVisible();
  await bar(page, 1_500).getByRole("button", { name: "Clear selection" }).click();
  await page.locator(".tile-link").last().focus();
  await page.keyboard.press("Control+a");
  await expect(bar(page, 1_500)).toBeVisible();
  await page.keyboard.press("Escape");

  await test.step("of a search", async () => {
    await open(page, "/gallery?type=png");
    await ready(page);
    const all = (await owner.api.list()).filter((image) => image.links.url.endsWith(".png")).length;
    expect(all).toBeGreaterThan(60);
    await page.locator(".tile").first().hover();
    await page.locator(".tile-select input").first().click();
    await bar(page, 1).getByRole("button", { name: `Select all ${all}` }).click();
    await expect(bar(page, all)).toBeVisible();
    await bar(page, all).getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText(`${all} images are in the bin`)).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByText("Back in the gallery")).toBeVisible();
    expect((await owner.api.list()).length).toBe(1_500);
  });
});

test("a band around pictures, which scrolls along at the edge", async ({ page, owner, server, isMobile }) => {
  test.skip(isMobile, "for a mouse");
  await server.seed(owner.name, 400);
  await open(page, "/gallery");
  await ready(page);
  const heading = (await page.locator(".grid .day").first().boundingBox())!;
  const first = (await page.locator(".tile").first().boundingBox())!;
  await page.mouse.move(heading.x + heading.width - 60, heading.y + heading.height / 2);
  await page.mouse.down();
  await page.mouse.move(first.x + 20, first.y + 20, { steps: 4 });
  await expect(page.locator(".band")).toBeVisible();
  const row = await page.locator(".tile.selected").count();
  expect(row).toBeGreaterThan(0);
  const seen = await page.locator(".tile").evaluateAll((tiles) => tiles.filter((tile) => tile.getBoundingClientRect().top < innerHeight).length);
  await page.mouse.move(first.x + 20, 790, { steps: 4 });
  await expect.poll(async () => Number((await said(page).innerText()).split(" ")[0]), { timeout: 20_000 }).toBeGreaterThan(seen + 20);
  await page.mouse.up();
  await expect(page.locator(".band")).toHaveCount(0);
  await expect(viewer(page)).toHaveCount(0);
});

test("arrows, the space bar, Shift, Ctrl+A and Escape", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "for a keyboard");
  await owner.api.upload(...files);
  await open(page, "/gallery");
  await ready(page);
  await tile(page, "pick-6.jpg").focus();
  await page.keyboard.press("ArrowRight");
  await expect(tile(page, "pick-5.jpg")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(bar(page, 1)).toBeVisible();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(tile(page, "pick-3.jpg")).toBeFocused();
  await expect(bar(page, 3)).toBeVisible();
  await page.keyboard.press("ArrowLeft");
  await expect(tile(page, "pick-4.jpg")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(bar(page, 2)).toBeVisible();
  const below = page.locator(".tile-link:focus");
  await page.keyboard.press("ArrowDown");
  const down = await below.getAttribute("aria-label");
  await page.keyboard.press("ArrowUp");
  expect(down).not.toBe(await below.getAttribute("aria-label"));
  await page.keyboard.press("Control+a");
  await expect(bar(page, 6)).toBeVisible();
  await page.getByRole("searchbox").focus();
  await page.keyboard.press("Escape");
  await expect(bar(page, 6), "what is pressed in a field is the field's").toBeVisible();
  await tile(page, "pick-6.jpg").focus();
  await page.keyboard.press("Escape");
  await expect(bar(page, 6)).toHaveCount(0);
});

test("a finger that rests on a picture selects; then taps do", async ({ page, owner, hasTouch }) => {
  test.skip(!hasTouch, "for fingers");
  await owner.api.upload(...files);
  await open(page, "/gallery");
  await ready(page);
  const client = await page.context().newCDPSession(page);
  const box = (await tile(page, "pick-5.jpg").boundingBox())!;
  await client.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: box.x + 40, y: box.y + 60 }] });
  await expect(bar(page, 1)).toBeVisible();
  await client.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await expect(viewer(page)).toHaveCount(0);
  await tile(page, "pick-3.jpg").tap();
  await expect(bar(page, 2)).toBeVisible();
  await tile(page, "pick-5.jpg").tap();
  await expect(bar(page, 1)).toBeVisible();
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await screenshot(page, "selection-phone");
  await tile(page, "pick-3.jpg").tap();
  await expect(bar(page, 1)).toHaveCount(0);
  await tile(page, "pick-3.jpg").tap();
  await expectShown(page, "pick-3.jpg");
});

test("to whom they are shown, and all of them in one file", async ({ page, owner }) => {
  const images = await owner.api.upload(...files.slice(0, 3));
  await open(page, "/gallery");
  await ready(page);
  for (const n of [1, 2]) {
    await tile(page, `pick-${n}.jpg`).hover();
    await page.getByRole("checkbox", { name: `Select pick-${n}.jpg` }).check();
  }
  await screenshot(page, "selection-bar");
  await bar(page, 2).getByRole("button", { name: "Visibility" }).click();
  const dialog = page.getByRole("dialog", { name: "Who sees these images" });
  await dialog.getByRole("combobox", { name: "Who can see it" }).selectOption({ label: "Only me" });
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(dialog.getByRole("status")).toHaveText("Changed: 2.");
  await dialog.getByRole("combobox", { name: "Open until" }).selectOption({ label: "Until a moment" });
  await dialog.locator("input[type=datetime-local]").fill("2001-01-01T10:00");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.locator("input[type=datetime-local]").fill("2095-01-01T10:00");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(dialog.getByRole("status")).toHaveText("Changed: 2.");
  await inBothSchemes(page);
  await dialog.getByRole("button", { name: "Close" }).click();
  const details = await owner.api.details(images[0]!);
  expect([details.visibility, details.expires_at]).toEqual(["private", "2095-01-01T10:00:00Z"]);
  expect((await owner.api.details(images[2]!)).visibility).toBe("unlisted");

  const coming = page.waitForEvent("download");
  await bar(page, 2).getByRole("button", { name: "Download" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^reflect \d{4}-\d\d-\d\d\.zip$/);
  const zip = await readFile(await download.path());
  for (const [index, file] of files.slice(0, 3).entries()) {
    expect(zip.includes(Buffer.from(file.name)), file.name).toBe(index < 2);
  }
  expect(zip.includes(await bytesOf(images[2]!.links.url)), "stored as they are, and only those").toBe(false);
  await expect(bar(page, 2)).toBeVisible();
});
