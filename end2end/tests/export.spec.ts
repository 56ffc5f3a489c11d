// A whole account as a file: taken away from one reflect and brought to another, byte for byte and field for field.
import { readFile } from "node:fs/promises";
import type { Page, Route } from "@playwright/test";
import type { ApiImage, ImageDetails } from "../support/api.ts";
import { jpegFile, pngFile } from "../support/images.ts";
import { inBothSchemes } from "../support/page.ts";
import { expect, newPerson, open, signIn, test } from "../support/reflect.ts";

const card = (page: Page, title: string) =>
  page.getByRole("main").locator("section.card").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

/** The bytes of an image as its owner gets them. */
const bytesOf = async (page: Page, image: ApiImage) => (await page.request.get(image.links.url)).body();

/** What is said of an image, without what another instance says otherwise. */
function said({ id: _id, links, ...details }: ImageDetails): object {
  return { ...details, path: new URL(links.url).pathname };
}

/** The path of the file that the button gives. */
async function exported(page: Page): Promise<string> {
  const coming = page.waitForEvent("download");
  await card(page, "Export and import").getByRole("link", { name: "Download" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^reflect export \d{4}-\d\d-\d\d\.zip$/);
  return download.path();
}

test("an account moves to another reflect, with a break on the way", async ({ page, owner, ownServer, newVisitor }) => {
  test.setTimeout(180_000);
  const images = await owner.api.upload(
    ...[1, 2, 3].map((n) => jpegFile("same name.jpg", 300 + n, 200, n)),
    ...[4, 5].map((n) => pngFile(`${n}.png`, 120, 90 + n, n)),
    pngFile("猫.png", 64, 64, 6),
  );
  const [first, second, third] = images as [ApiImage, ApiImage, ApiImage];
  await owner.api.change(first, { title: "Harbour", description: "One.\nTwo.", alt_text: "Boats", favourite: true });
  await owner.api.change(second, { visibility: "private", expires_at: "2095-01-01T10:00:00Z" });
  await owner.api.change(third, { max_views: 7 });
  await owner.api.tag([first, third], "sea", "Ferien");
  const album = await owner.api.makeAlbum("Trip", [third, first, second]);
  const order = (await owner.api.inAlbum(album)).map((image) => image.slug);

  await open(page, "/settings");
  await page.getByRole("link", { name: "Export and import" }).click();
  await expect(card(page, "Export and import").getByText(/^Images: 6, /)).toBeVisible();
  await inBothSchemes(page);
  const file = await exported(page);

  const grace = await newPerson(ownServer, "grace");
  const there = await (await newVisitor()).newPage();
  await signIn(there, grace, ownServer.url);
  await open(there, `${ownServer.url}/settings/export`);
  await expect(there.getByText("There are no images yet.")).toBeVisible();
  const importing = card(there, "Import");

  await test.step("it is broken off in the middle", async () => {
    let passed = 0;
    const held: Route[] = [];
    await there.route("**/api/v1/import/images", (route) => {
      passed += 1;
      if (passed > 2) held.push(route);
      else void route.continue();
    });
    await importing.getByLabel("Exported file").setInputFiles(file);
    await expect(importing.getByText(/^Images: 2 of 6, /)).toBeVisible();
    await expect(importing.getByRole("status")).toHaveText("Importing. You can go on working, but leave this tab open.");
    await inBothSchemes(there);
    // It goes on while one looks at something else, and asks before it is lost.
    await there.getByRole("link", { name: "Tags", exact: true }).click();
    await expect(there.getByRole("heading", { name: "Tags" })).toBeVisible();
    await there.getByRole("link", { name: "Export and import" }).click();
    await expect(importing.getByText(/^Images: 2 of 6, /)).toBeVisible();
    const asked = there.waitForEvent("dialog");
    const leaving = there.reload();
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.accept();
    await leaving;
    await there.unroute("**/api/v1/import/images");
    expect(await grace.api.list()).toHaveLength(2);
  });

  await test.step("and goes on where it ended", async () => {
    await open(there, `${ownServer.url}/settings/export`);
    await importing.getByLabel("Exported file").setInputFiles(file);
    await expect(importing.getByRole("status")).toHaveText("Imported.");
    await expect(importing.getByRole("listitem")).toHaveText(["Imported: 4", "Already here: 2"]);
    await expect(there.getByText(/^Images: 6, /), "what can be exported now").toBeVisible();
    await inBothSchemes(there);
  });

  await test.step("everything is there, and the same", async () => {
    const [before, after] = [await owner.api.list(), await grace.api.list()];
    expect(after.map((image) => image.slug)).toEqual(before.map((image) => image.slug));
    for (const [index, image] of before.entries()) {
      const copy = after[index]!;
      expect(said(await grace.api.details(copy)), image.filename).toEqual(said(await owner.api.details(image)));
      expect((await bytesOf(there, copy)).equals(await bytesOf(page, image)), image.filename).toBe(true);
    }
    const [trip] = await grace.api.albums();
    expect(trip?.name).toBe("Trip");
    expect((await grace.api.inAlbum(trip!.id)).map((image) => image.slug)).toEqual(order);
  });

  await test.step("once more, nothing is sent", async () => {
    let sent = 0;
    there.on("request", (request) => void (sent += Number(request.url().endsWith("/import/images"))));
    await importing.getByLabel("Exported file").setInputFiles(file);
    await expect(importing.getByRole("listitem")).toHaveText(["Already here: 6"]);
    await expect(importing.getByRole("status")).toHaveText("Imported.");
    expect(sent).toBe(0);
  });
});

test("an import that is stopped sends nothing more", { tag: "@once" }, async ({ page, server, newVisitor, owner }) => {
  await owner.api.upload(...Array.from({ length: 8 }, (_, n) => pngFile(`${n}.png`, 40, 30 + n, n)));
  await open(page, "/settings/export");
  const file = await exported(page);
  const other = await newPerson(server);
  const there = await (await newVisitor()).newPage();
  await signIn(there, other);
  await open(there, "/settings/export");
  const importing = card(there, "Import");
  const [field, status] = [importing.getByLabel("Exported file"), importing.getByRole("status")];
  const stop = importing.getByRole("button", { name: "Stop" });
  let sent = 0;
  const held: Route[] = [];

  await test.step("what was begun comes", async () => {
    await there.route("**/api/v1/import/images", (route) => {
      sent += 1;
      held.push(route);
    });
    await field.setInputFiles(file);
    await expect.poll(() => held.length).toBe(3);
    // The field keeps its place in the order of the keyboard, and does nothing.
    await expect(field).toHaveAttribute("aria-disabled", "true");
    await field.focus();
    await expect(field).toBeFocused();
    await stop.focus();
    await stop.press("Enter");
    await expect(status).toHaveText("Stopping…");
    await Promise.all(held.map((route) => route.continue()));
    await expect(status).toHaveText("Stopped. Choose the file again to go on.");
    await expect(status, "the button that had the focus is gone").toBeFocused();
    await expect(importing.getByRole("listitem")).toHaveText(["Imported under new links: 3"]);
    expect(sent).toBe(3);
  });

  await test.step("what waits for its turn doesn't", async () => {
    await there.unroute("**/api/v1/import/images");
    sent = 0;
    await there.route("**/api/v1/import/images", (route) => {
      sent += 1;
      // To be sent again in a minute.
      void route.fulfill({ status: 429, body: "" });
    });
    await field.setInputFiles(file);
    await expect.poll(() => sent).toBe(3);
    await stop.click();
    await expect(status).toHaveText("Stopped. Choose the file again to go on.");
    await expect(importing.getByRole("listitem")).toHaveText(["Already here: 3"]);
    await there.unroute("**/api/v1/import/images");
    expect(await other.api.list()).toHaveLength(3);
  });

  await test.step("and it goes on", async () => {
    await field.setInputFiles(file);
    await expect(status).toHaveText("Imported.");
    await expect(importing.getByRole("listitem")).toHaveText(["Imported under new links: 5", "Already here: 3"]);
  });
});

test("what is no export, or doesn't fit, says so and changes nothing", async ({ page, server, newVisitor, owner }) => {
  await owner.api.upload(pngFile("a.png", 90, 90, 1), pngFile("b.png", 91, 90, 2));
  await open(page, "/settings/export");
  const zip = await readFile(await exported(page));
  const poor = await newPerson(server);
  const there = await (await newVisitor()).newPage();
  await signIn(there, poor);
  await open(there, "/settings/export");
  const importing = card(there, "Import");
  const choose = async (buffer: Buffer, says: string) => {
    await importing.getByLabel("Exported file").setInputFiles({ name: "some.zip", mimeType: "application/zip", buffer });
    await expect(importing.getByRole("status")).toHaveText(says);
  };
  await choose(pngFile("a.png", 9, 9).buffer, "This is no zip file, or not a whole one.");
  await choose(zip.subarray(0, zip.length - 30), "This is no zip file, or not a whole one.");
  await choose(Buffer.alloc(0), "This is no zip file, or not a whole one.");
  // The version, in a file whose checksum nobody looks at.
  const other = Buffer.from(zip);
  other.write('"version": 2', other.lastIndexOf('"version": 1'));
  await choose(other, "This export is of another version, which this reflect can't read.");
  // The bytes of an image: the first pixel data that differ.
  const broken = Buffer.from(zip);
  const data = broken.indexOf("IDAT") + 20;
  broken[data] = (broken[data] ?? 0) ^ 1;
  await choose(broken, "Imported, except for some images.");
  await expect(importing.locator(".thing")).toHaveCount(1);
  await inBothSchemes(there);
  expect(await poor.api.list()).toHaveLength(1);
});
