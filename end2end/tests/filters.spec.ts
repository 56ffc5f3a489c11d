// What the gallery is narrowed by: chips that stand in the address.
import type { Page } from "@playwright/test";
import { jpegFile, pngFile } from "../support/images.ts";
import { expectNoSidewaysScroll, inBothSchemes, screenshot } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { tile } from "../support/viewer.ts";

const chip = (page: Page, name: string) => page.getByRole("link", { name: `Remove filter ${name}`, exact: true });
const form = (page: Page) => page.getByRole("dialog", { name: "Filter images" });

test("filters of each kind, together with words, kept by the address and taken away one by one", async ({ page, owner }) => {
  const images = await owner.api.upload(
    jpegFile("sea 1.jpg", 300, 200, 1), jpegFile("sea 2.jpg", 300, 200, 2), pngFile("sea 3.png", 30, 20, 3), pngFile("hill.png", 30, 20, 4));
  await owner.api.tag([images[0]!, images[3]!], "Coast");
  await owner.api.change(images[0]!, { favourite: true });
  await owner.api.change(images[1]!, { visibility: "private" });
  const album = await owner.api.makeAlbum("Trips", [images[0]!, images[1]!]);
  await open(page, "/gallery");
  await page.getByRole("button", { name: "Filter" }).click();
  await inBothSchemes(page);
  await form(page).getByRole("combobox", { name: "Type" }).selectOption("jpg");
  await form(page).getByRole("combobox", { name: "Album" }).selectOption({ label: "Trips" });
  await form(page).getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/\/gallery\?type=jpg&album=/);
  await expect(page.locator(".tile")).toHaveCount(2);
  await expect(chip(page, "Type: JPG")).toBeVisible();
  await expect(chip(page, "Album: Trips")).toBeVisible();

  await test.step("with words", async () => {
    const field = page.getByRole("searchbox");
    await field.fill("2");
    await field.press("Enter");
    await expect(page.locator(".tile")).toHaveCount(1);
    await expect(tile(page, "sea 2.jpg")).toBeVisible();
    await expect(chip(page, "“2”")).toBeVisible();
    await page.reload();
    await expect(chip(page, "Album: Trips")).toBeVisible();
    await inBothSchemes(page);
    await expectNoSidewaysScroll(page);
    await screenshot(page, "filters");
    await chip(page, "“2”").click();
    await expect(page.locator(".tile")).toHaveCount(2);
    await expect(field).toHaveValue("");
    await chip(page, "Type: JPG").click();
    await chip(page, "Album: Trips").click();
    await expect(page.locator(".tile")).toHaveCount(4);
    await expect(page).toHaveURL(/\/gallery$/);
  });
  await test.step("by each of the others", async () => {
    const today = new Date().toISOString().slice(0, 10);
    for (const [query, count, name] of [
      ["q=coast", 2, "“coast”"], ["visibility=private", 1, "Only me"], ["favourite=true", 1, "Favourites"], ["tag=coast", 2, "Tag: coast"],
      ["min_size=1%20MiB", 0, "At least 1 MiB"], ["max_size=1%20MiB", 4, "At most 1 MiB"],
      [`from=${today}`, 4, `From ${today}`], ["to=2001-01-01", 0, "Until 2001-01-01"], [`album=${album}`, 2, "Album: Trips"],
    ] as const) {
      await open(page, `/gallery?${query}`);
      await expect(chip(page, name)).toBeVisible();
      await expect(page.locator(".tile"), query).toHaveCount(count);
    }
  });
  await test.step("by a colour, which the viewer names", async () => {
    const [color] = (await owner.api.details(images[3]!)).colors;
    const name = color![0]!.toUpperCase() + color!.slice(1);
    await open(page, "/gallery");
    await page.getByRole("button", { name: "Filter" }).click();
    await form(page).getByRole("combobox", { name: "Colour" }).selectOption(name);
    await form(page).getByRole("button", { name: "Apply" }).click();
    await expect(chip(page, `Colour: ${name}`)).toBeVisible();
    await expect(tile(page, "hill.png")).toBeVisible();
    await open(page, `/gallery?color=${color}&view=${images[3]!.slug}`);
    await expect(page.getByRole("definition").filter({ hasText: name })).toBeVisible();
  });
  await test.step("nothing found: which one to take away", async () => {
    await open(page, "/gallery?type=png&tag=Coast&visibility=private");
    await expect(page.getByRole("heading", { name: "No image matches" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Without “Only me” there are 1" })).toBeVisible();
    await expect(page.getByRole("link", { name: /Without “T/ })).toHaveCount(0);
    await inBothSchemes(page);
    await screenshot(page, "filters-empty");
    await page.getByRole("link", { name: "Without “Only me” there are 1" }).click();
    await expect(tile(page, "hill.png")).toBeVisible();
  });
  await test.step("in Chinese", async () => {
    await page.context().addCookies([{ name: "reflect_language", value: "zh", url: page.url() }]);
    await open(page, "/gallery?type=png");
    await expect(page.getByRole("link", { name: "移除筛选条件 类型：PNG" })).toBeVisible();
    await page.getByRole("button", { name: "筛选" }).click();
    await expect(page.getByRole("dialog", { name: "筛选图片" })).toBeVisible();
    await screenshot(page, "filters-zh");
  });
});

test("what an address asks for that cannot be is said", async ({ page, owner }) => {
  await owner.api.upload(pngFile("a.png", 30, 20, 1));
  await open(page, "/gallery?type=bmp");
  await expect(page.getByRole("alert").filter({ hasText: "type" })).toBeVisible();
});
