// What people say of an image, and to whom they show it: the viewer's fields, and what comes of them elsewhere.
import type { Locator, Page } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { expectNoSidewaysScroll, inBothSchemes, screenshot } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectLoaded, expectShown, tile, viewer } from "../support/viewer.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
const details = (page: Page): Locator => viewer(page).getByRole("region", { name: "Details" });
const field = (page: Page, name: string): Locator => details(page).getByLabel(name, { exact: true });
const isSaved = (page: Page) => expect(details(page).getByRole("status")).toHaveText("Everything is saved.");

test("an alternative text is in the copied link, in the gallery and on the page", { tag: "@once" }, async ({ page, owner }) => {
  const [image] = await owner.api.upload(jpegFile("dsc1.jpg", 900, 600));
  await open(page, `/gallery?view=${image?.slug}`);
  await expectShown(page, "dsc1.jpg");
  await field(page, "Alternative text").fill('A "cat" on a roof');
  await field(page, "Description").fill("On a roof.\n\nIn the sun.");
  await field(page, "Title").fill("Mia");
  await field(page, "Title").press("Enter");
  await isSaved(page);
  await expect(field(page, "Title"), "who types goes on").toBeFocused();
  await viewer(page).getByRole("button", { name: "Copy HTML", exact: true }).click();
  expect(await clipboard(page)).toMatch(/alt="A &quot;cat&quot; on a roof">$/);
  await viewer(page).getByRole("button", { name: "Copy Markdown", exact: true }).click();
  expect(await clipboard(page)).toMatch(/^!\[A "cat" on a roof\]\(/);

  await test.step("also from the gallery, without loading it anew", async () => {
    await page.keyboard.press("Escape");
    await expect(viewer(page)).toHaveCount(0);
    await expect(tile(page, "dsc1.jpg").getByRole("img")).toHaveAttribute("alt", 'A "cat" on a roof');
    await tile(page, "dsc1.jpg").hover();
    await page.getByRole("button", { name: "Copy link of dsc1.jpg" }).click();
    await expect.poll(() => clipboard(page)).toMatch(/^!\[A "cat" on a roof\]\(/);
  });
  await open(page, `/p/${image?.slug}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Mia");
  await expect(page.getByText("In the sun.")).toBeVisible();
  await expectLoaded(page.getByRole("img", { name: 'A "cat" on a roof' }));
});

test("what was typed is saved when one moves on, closes the viewer, or renames", async ({ page, owner }) => {
  const [first, second] = await owner.api.upload(jpegFile("one.jpg", 300, 200, 1), jpegFile("two.jpg", 300, 200, 2));
  await open(page, `/gallery?view=${second?.slug}`);
  await field(page, "Title").fill("Second");
  await viewer(page).getByRole("button", { name: "Next image" }).click();
  await expectShown(page, "one.jpg");
  await expect(field(page, "Title")).toHaveValue("");
  await field(page, "Title").fill("First");
  await page.keyboard.press("Escape");
  await expect(viewer(page)).toHaveCount(0);
  await expect.poll(async () => (await owner.api.details(first!)).title).toBe("First");
  expect((await owner.api.details(second!)).title).toBe("Second");

  await open(page, `/gallery?view=${first?.slug}`);
  await field(page, "File name").fill("");
  await field(page, "File name").blur();
  await expect(details(page).getByRole("alert").getByText("A file name has 1 to 200 characters.")).toBeVisible();
  await field(page, "File name").fill("uno.jpg");
  await details(page).getByRole("button", { name: "Favourite" }).click();
  await expect(viewer(page).getByRole("heading", { name: "uno.jpg" })).toBeVisible();
  await expect(details(page).getByRole("button", { name: "Favourite" })).toHaveAttribute("aria-pressed", "true");
  await isSaved(page);
  expect(await owner.api.details(first!)).toMatchObject({ filename: "uno.jpg", favourite: true, title: "First" });
});

test("without a network what was typed stays, and is saved when there is one again", async ({ page, owner, context }) => {
  const [image] = await owner.api.upload(jpegFile("far.jpg", 300, 200));
  await open(page, `/gallery?view=${image?.slug}`);
  await field(page, "Title").fill("");
  await context.setOffline(true);
  await field(page, "Title").fill("Far away");
  await field(page, "Title").blur();
  await expect(details(page).getByRole("alert").getByText("Not saved yet.")).toBeVisible();
  await expect(field(page, "Title")).toHaveValue("Far away");
  await context.setOffline(false);
  await details(page).getByRole("button", { name: "Try again" }).click();
  await isSaved(page);
  expect((await owner.api.details(image!)).title).toBe("Far away");
});

test("a private image is its owner's alone, until it is opened again", { tag: "@once" }, async ({ page, owner, newVisitor }) => {
  const [image] = await owner.api.upload(jpegFile("secret.jpg", 900, 600));
  const stranger = await (await newVisitor()).newPage();
  const statuses = async () => {
    const links = [image!.links.url, image!.links.thumbnail, image!.links.page];
    return Promise.all(links.map(async (link) => (await fetch(link)).status));
  };
  expect(await statuses()).toEqual([200, 200, 200]);
  await open(page, `/gallery?view=${image?.slug}`);
  await field(page, "Who can see it").selectOption("Only me");
  await isSaved(page);
  await expect(details(page).getByText("Whoever has opened the image may keep a copy")).toBeVisible();
  expect(await statuses()).toEqual([404, 404, 404]);
  await stranger.goto(`/p/${image?.slug}`);
  await expect(stranger.getByRole("heading", { name: "Nothing here" })).toBeVisible();

  await test.step("its owner still has it, in the gallery and on the page", async () => {
    await open(page, "/gallery");
    await expectLoaded(tile(page, "secret.jpg").getByRole("img"));
    await open(page, `/p/${image?.slug}`);
    await expect(page.getByText("Only you can see this page.")).toBeVisible();
    await expectLoaded(page.getByRole("img", { name: "secret" }));
  });
  await open(page, `/gallery?view=${image?.slug}`);
  await field(page, "Who can see it").selectOption("Anyone with the link");
  await isSaved(page);
  expect(await statuses()).toEqual([200, 200, 200]);
});

test("an image lapses, and its views are counted", { tag: "@once" }, async ({ page, owner }) => {
  const [image] = await owner.api.upload(jpegFile("short.jpg", 900, 600));
  await owner.api.change(image!, { expires_at: new Date(Date.now() + 3_000).toISOString() });
  expect((await fetch(image!.links.url)).status).toBe(200);
  await expect.poll(async () => (await fetch(image!.links.url)).status, { timeout: 15_000 }).toBe(404);

  await open(page, `/gallery?view=${image?.slug}`);
  const until = field(page, "Open until");
  await until.fill("2020-01-01T00:00");
  await until.blur();
  await expect(details(page).getByText("Choose a day and time to come.")).toBeVisible();
  const later = await page.evaluate(() => {
    const local = new Date(Date.now() + 86_400_000 - new Date().getTimezoneOffset() * 60_000);
    return local.toISOString().slice(0, 16);
  });
  await until.fill(later);
  await until.blur();
  await isSaved(page);
  const set = (await owner.api.details(image!)).expires_at ?? "";
  expect(Math.abs(new Date(set).getTime() - Date.now() - 86_400_000)).toBeLessThan(120_000);
  expect((await fetch(image!.links.url)).status).toBe(200);

  await field(page, "Views, at most").fill("2");
  await field(page, "Views, at most").blur();
  await expect(details(page).getByText("Seen 0 of 2 times.")).toBeVisible();
  const statuses = [];
  for (let n = 0; n < 3; n++) statuses.push((await fetch(image!.links.url)).status);
  expect(statuses).toEqual([200, 200, 404]);
  await open(page, `/gallery?view=${image?.slug}`);
  await expect(details(page).getByText("All 2 views are used up")).toBeVisible();
  await expectShown(page, "short.jpg");
  await field(page, "Views, at most").fill("");
  await field(page, "Views, at most").blur();
  await isSaved(page);
  expect((await fetch(image!.links.url)).status).toBe(200);
});

test("the details are in order for everybody, in both languages", async ({ page, owner, context }, info) => {
  const [image] = await owner.api.upload(jpegFile("look.jpg", 900, 600));
  await owner.api.change(image!, { title: "Mia", visibility: "private", favourite: true, max_views: 9 });
  await open(page, `/gallery?view=${image?.slug}`);
  await isSaved(page);
  await inBothSchemes(page);
  await expectNoSidewaysScroll(page);
  await field(page, "Title").scrollIntoViewIfNeeded();
  await screenshot(page, `details-${info.project.name}-en`);
  await field(page, "Open until").scrollIntoViewIfNeeded();
  await screenshot(page, `details-${info.project.name}-en-below`);
  await test.step("with the keys alone", async () => {
    await field(page, "Title").focus();
    for (const name of ["Alternative text", "Description", "Tags", "File name", "Who can see it"]) {
      await page.keyboard.press("Tab");
      await expect(field(page, name)).toBeFocused();
    }
    await page.keyboard.press("ArrowUp");
    await expect(field(page, "Who can see it")).toHaveValue("unlisted");
    await isSaved(page);
    await expect(viewer(page).getByRole("heading", { name: "look.jpg" })).toBeVisible();
  });
  await context.addCookies([{ name: "reflect_language", value: "zh", url: page.url() }]);
  await page.reload();
  await expect(page.getByRole("button", { name: "收藏" })).toHaveAttribute("aria-pressed", "true");
  await page.getByLabel("标题", { exact: true }).scrollIntoViewIfNeeded();
  await screenshot(page, `details-${info.project.name}-zh`);
});
