// Albums: made, filled from the gallery and the viewer, put in order by keys and by dragging, deleted.
import type { Locator, Page } from "@playwright/test";
import { jpegFile, pngFile } from "../support/images.ts";
import { inBothSchemes, screenshot } from "../support/page.ts";
import { expect, open, test, type Person } from "../support/reflect.ts";
import { expectShown, tile, viewer } from "../support/viewer.ts";

const files = [1, 2, 3, 4].map((n) => jpegFile(`trip-${n}.jpg`, 300 + 40 * n, 240, n));
const toast = (page: Page, text: string) => page.getByRole("status", { name: "Notifications" }).locator(".toast").filter({ hasText: text });
const albumsLink = (page: Page) => page.getByRole("navigation").getByRole("link", { name: "Albums" }).filter({ visible: true });
const names = (page: Page) => page.locator(".tile-link").evaluateAll((links) => links.map((link) => link.getAttribute("aria-label")?.replace("Open ", "")));
const cards = (page: Page) => page.locator(".album strong").allInnerTexts();

async function select(page: Page, ...all: string[]): Promise<void> {
  for (const name of all) {
    await tile(page, name).hover();
    await page.getByRole("checkbox", { name: `Select ${name}` }).check();
  }
}

async function makeAlbum(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "New album" }).first().click();
  const form = page.getByRole("dialog", { name: "New album" });
  await form.getByRole("textbox", { name: "Name" }).fill(name);
  await form.getByRole("button", { name: "Create" }).click();
  await expect(form).toHaveCount(0);
}

/** An album with all of the files in their order, opened. */
async function openFilled(page: Page, owner: Person): Promise<void> {
  const images = await owner.api.upload(...files);
  await owner.api.makeAlbum("Trips", images);
  await open(page, "/albums");
  await page.getByRole("link", { name: "Trips" }).click();
  await expect(page.getByRole("heading", { name: "Trips", level: 1 })).toBeVisible();
  await expect(page.locator(".tile")).toHaveCount(files.length);
}

test("an album is made on its page and filled from the gallery and the viewer", async ({ page, owner }) => {
  await owner.api.upload(...files);
  await open(page, "/gallery");
  await albumsLink(page).click();
  await expect(page.getByRole("heading", { name: "No albums yet" })).toBeVisible();
  await inBothSchemes(page);
  await makeAlbum(page, "Trips");
  await expect(page.locator(".album")).toHaveText(/Trips\s*Images: 0/);

  await test.step("from a selection, into one there is", async () => {
    await page.getByRole("link", { name: "Trips" }).click();
    await expect(page.getByRole("heading", { name: "Nothing in here yet" })).toBeVisible();
    await page.getByRole("link", { name: "Open the gallery" }).click();
    await select(page, "trip-2.jpg", "trip-1.jpg");
    await page.getByRole("button", { name: "Add to album" }).click();
    const picker = page.getByRole("dialog", { name: "Add to which album?" });
    await picker.getByRole("button", { name: "Trips" }).click();
    await expect(page.getByText("Added to “Trips”: 2.")).toBeVisible();
    await page.getByRole("button", { name: "Add to album" }).click();
    await picker.getByRole("button", { name: "Trips" }).click();
    await expect(page.getByText("Added to “Trips”: 0. Already in it: 2.")).toBeVisible();
  });

  await test.step("from the viewer, into a new one", async () => {
    const slug = (await owner.api.list()).find((image) => image.filename === "trip-3.jpg")?.slug;
    await open(page, `/gallery?view=${slug}`);
    await expectShown(page, "trip-3.jpg");
    await viewer(page).getByRole("button", { name: "Add to album" }).click();
    const picker = page.getByRole("dialog", { name: "Add to which album?" });
    await picker.getByRole("textbox", { name: "New album" }).fill("Best");
    await inBothSchemes(page);
    await picker.getByRole("button", { name: "Create and add" }).click();
    await expect(viewer(page).getByText("Added to “Best”: 1.")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(viewer(page)).toHaveCount(0);
  });

  await albumsLink(page).click();
  await expect(page.locator(".album").filter({ hasText: "Trips" })).toContainText("Images: 2");
  expect(await cards(page)).toEqual(["Trips", "Best"]);
  await inBothSchemes(page);
  await page.getByRole("link", { name: "Trips" }).click();
  await expect.poll(() => names(page)).toEqual(["trip-2.jpg", "trip-1.jpg"]);
});

test("images are put in order by keys and by dragging, and stay so", async ({ page, owner, isMobile }) => {
  await openFilled(page, owner);
  await page.getByRole("button", { name: "Arrange" }).click();
  await page.getByRole("button", { name: "Move trip-3.jpg earlier" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => names(page)).toEqual(["trip-1.jpg", "trip-3.jpg", "trip-2.jpg", "trip-4.jpg"]);
  await expect(page.getByText("trip-3.jpg is now number 2")).toBeAttached();
  await expect(page.getByRole("button", { name: "Move trip-3.jpg earlier" }), "goes on with the next key").toBeFocused();
  await inBothSchemes(page);
  await screenshot(page, `album-arranging-${isMobile ? "phone" : "desktop"}`);
  if (!isMobile) {
    await page.locator(".tile", { has: tile(page, "trip-4.jpg") }).dragTo(page.locator(".tile", { has: tile(page, "trip-1.jpg") }));
    await expect.poll(() => names(page)).toEqual(["trip-4.jpg", "trip-1.jpg", "trip-3.jpg", "trip-2.jpg"]);
    await expect(page.getByText("trip-4.jpg is now number 1")).toBeAttached();
  }
  const now = await names(page);
  await page.reload();
  await expect.poll(() => names(page)).toEqual(now);
});

test("an album has a cover, texts, albums in it, and goes without its images", async ({ page, owner, isMobile }) => {
  await openFilled(page, owner);

  await test.step("cover and removal", async () => {
    await select(page, "trip-3.jpg");
    await page.getByRole("button", { name: "Use as cover" }).click();
    await expect(toast(page, "This image is the cover now")).toBeVisible();
    await page.getByRole("button", { name: "Remove from album" }).click();
    await expect(toast(page, "Removed from the album: 1")).toBeVisible();
    await expect.poll(() => names(page)).toEqual(["trip-1.jpg", "trip-2.jpg", "trip-4.jpg"]);
  });

  await test.step("name and description", async () => {
    await page.getByRole("button", { name: "Edit" }).click();
    const form = page.getByRole("dialog", { name: "Edit album" });
    await form.getByRole("textbox", { name: "Name" }).fill("Journeys");
    await form.getByRole("textbox", { name: "Description" }).fill("By train");
    await form.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { name: "Journeys", level: 1 })).toBeVisible();
    await expect(page.getByText("By train")).toBeVisible();
  });

  await test.step("one in it, and their order", async () => {
    for (const name of ["Japan", "Norway"]) {
      await page.getByRole("button", { name: "New album in here" }).click();
      const form = page.getByRole("dialog", { name: "New album" });
      await expect(form.getByRole("combobox", { name: "Lies in" })).toHaveText(/Journeys/);
      await form.getByRole("textbox", { name: "Name" }).fill(name);
      await form.getByRole("button", { name: "Create" }).click();
      await expect(page.getByRole("link", { name })).toBeVisible();
    }
    await page.getByRole("button", { name: "Arrange" }).last().click();
    await page.getByRole("button", { name: "Move Norway earlier" }).click();
    await expect.poll(() => cards(page)).toEqual(["Norway", "Japan"]);
    await screenshot(page, `album-nested-${isMobile ? "phone" : "desktop"}`);
    await inBothSchemes(page);
    await page.getByRole("link", { name: "Japan" }).click();
    await expect(page.getByRole("heading", { name: "Japan", level: 1 })).toBeVisible();
    await expect(page.getByRole("button", { name: "New album in here" })).toHaveCount(0);
    await page.getByRole("main").getByRole("link", { name: "Journeys" }).click();
    await expect(page.getByRole("heading", { name: "Journeys", level: 1 })).toBeVisible();
  });

  await test.step("the viewer goes through it in its order, and deletes with a way back", async () => {
    await tile(page, "trip-2.jpg").click();
    await expectShown(page, "trip-2.jpg");
    await page.keyboard.press("ArrowRight");
    await expectShown(page, "trip-4.jpg");
    await viewer(page).getByRole("button", { name: "Delete" }).click();
    await expectShown(page, "trip-2.jpg");
    await viewer(page).getByRole("button", { name: "Close" }).click();
    await toast(page, "trip-4.jpg is in the bin").getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => names(page)).toEqual(["trip-1.jpg", "trip-2.jpg", "trip-4.jpg"]);
  });

  await test.step("gone", async () => {
    await page.getByRole("button", { name: "Delete album" }).click();
    const question: Locator = page.getByRole("alertdialog", { name: "Delete the album “Journeys”?" });
    await expect(question).toContainText("Its images stay in the gallery.");
    await question.getByRole("button", { name: "Delete album" }).click();
    await expect(toast(page, "The album “Journeys” is deleted")).toBeVisible();
    await expect(page).toHaveURL(/\/albums$/);
    await expect.poll(() => cards(page)).toEqual(["Norway", "Japan"]);
    expect(await owner.api.list()).toHaveLength(4);
  });
});

test("an album that is nobody's, or somebody else's, isn't there", async ({ page, owner }) => {
  for (const address of ["/albums/nonsense", "/albums/01890000-0000-7000-8000-000000000000"]) {
    await open(page, address);
    await expect(page.getByRole("heading", { name: "Nothing here" })).toBeVisible();
  }
  expect(await owner.api.list()).toHaveLength(0);
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("albums", async ({ page, owner, isMobile }) => {
    const images = await owner.api.upload(...files);
    for (const name of ["旅行", "家人", "A very long name of an album that has to go somewhere"]) await owner.api.makeAlbum(name, images);
    await open(page, "/albums");
    await expect(page.getByRole("heading", { name: "相册", level: 1 })).toBeVisible();
    await inBothSchemes(page);
    await screenshot(page, `albums-zh-${isMobile ? "phone" : "desktop"}`);
  });
});

test("a shared album is seen without an account and without JavaScript, by whoever knows its password", async ({ page, owner, newVisitor, isMobile }) => {
  await openFilled(page, owner);
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share this album" });
  await dialog.getByRole("button", { name: "Make a page" }).click();
  const link = await dialog.getByRole("textbox", { name: "Link of the page" }).inputValue();
  await dialog.getByLabel(/^Password/).fill("open sesame");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("button", { name: "Remove the password" })).toBeVisible();
  await inBothSchemes(page);
  await screenshot(page, `album-sharing-${isMobile ? "phone" : "desktop"}`);

  const visitor = await (await newVisitor({ javaScriptEnabled: false })).newPage();
  await visitor.goto(link);
  await expect(visitor.getByRole("heading", { name: "This album has a password" })).toBeVisible();
  await visitor.getByLabel("Password").fill("guess");
  await visitor.getByRole("button", { name: "Open the album" }).click();
  await expect(visitor.getByRole("alert")).toHaveText("That is not the password. Ask whoever sent you the link.");
  await visitor.getByLabel("Password").fill("open sesame");
  await visitor.getByRole("button", { name: "Open the album" }).click();
  await expect(visitor.getByRole("heading", { name: "Trips", level: 1 })).toBeVisible();
  await expect(visitor.locator(".tile-link img")).toHaveCount(files.length);
  await screenshot(visitor, `album-page-${isMobile ? "phone" : "desktop"}`);
  await visitor.locator(".tile-link").first().click();
  await expect(visitor).toHaveURL(/\/p\//);

  const other = await (await newVisitor()).newPage();
  await other.goto(link);
  await inBothSchemes(other);
  await other.getByLabel("Password").fill("open sesame");
  await other.keyboard.press("Enter");
  await expect(other.locator(".tile-link img")).toHaveCount(files.length);
  await inBothSchemes(other);

  await dialog.getByRole("button", { name: "Take the page away" }).click();
  await expect(dialog.getByRole("button", { name: "Make a page" })).toBeVisible();
  await other.reload();
  await expect(other.getByRole("heading", { name: "There is no album here" })).toBeVisible();
});

test("a picture of an album is open after reloading, and comes back when its album was left", async ({ page, owner }) => {
  await openFilled(page, owner);
  await page.getByRole("link", { name: "Open trip-2.jpg" }).click();
  await expectShown(page, "trip-2.jpg");
  await page.reload();
  await expectShown(page, "trip-2.jpg");
  await viewer(page).getByRole("button", { name: "Next image" }).click();
  await expectShown(page, "trip-3.jpg");

  await page.keyboard.press("Delete");
  await expect(toast(page, "trip-3.jpg")).toBeVisible();
  await page.keyboard.press("Escape");
  await albumsLink(page).click();
  await expect(page.getByRole("heading", { name: "Albums", level: 1 })).toBeVisible();
  await toast(page, "trip-3.jpg").getByRole("button", { name: "Undo" }).click();
  await expect(toast(page, "Back in the gallery")).toBeVisible();
  await page.getByRole("link", { name: "Trips" }).click();
  await expect.poll(() => names(page)).toEqual(files.map((file) => file.name));
});

test("the viewer goes on past the part of an album that has come", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "for keyboards");
  const many = Array.from({ length: 62 }, (_, n) => pngFile(`long-${n}.png`, 24, 16, n));
  for (const part of [many.slice(0, 31), many.slice(31)]) expect((await owner.api.send(part)).status).toBe(201);
  await owner.api.makeAlbum("Long", await owner.api.list());
  await open(page, "/albums");
  await page.getByRole("link", { name: "Long" }).click();
  await expect(page.locator(".tile")).toHaveCount(60);
  const last = (await names(page)).at(-1)!;
  await tile(page, last).click();
  await expectShown(page, last);
  const next = viewer(page).getByRole("button", { name: "Next image" });
  await expect(next).not.toHaveAttribute("aria-disabled");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(next).toHaveAttribute("aria-disabled", "true");
  await expect(page.locator(".tile")).toHaveCount(62);
  await expectShown(page, (await names(page)).at(-1)!);
});
