// The pictures in the README.
import { readFile, writeFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { landscapes } from "../support/landscapes.ts";
import { dropFiles, screenshot } from "../support/page.ts";
import { inPalette } from "../support/palette.ts";
import { expect, newPerson, open, signIn, test, type Person } from "../support/reflect.ts";
import { ReflectServer } from "../support/server.ts";
import { tray } from "../support/tray.ts";
import { expectLoaded, expectShown } from "../support/viewer.ts";

/** Bytes of a picture that a README is read with, at most. */
const MOST = 200_000;

/** Takes the picture, in as many colours as fit. */
async function take(page: Page, name: string): Promise<void> {
  const path = await screenshot(page, name);
  const whole = await readFile(path);
  const sizes = [256, 192, 128, 96, 64, 32].map((colors) => () => inPalette(whole, colors));
  for (const shrink of sizes) {
    const small = shrink();
    await writeFile(path, small);
    if (small.length < MOST) return;
  }
  throw new Error(`${path} has more than ${MOST} bytes`);
}

/** An instance with everything that one sees in it. */
async function furnish(page: Page, server: ReflectServer): Promise<Person> {
  const person = await newPerson(server, "ada");
  await person.api.upload(...landscapes());
  await signIn(page, person, server.url);
  return person;
}

async function allLoaded(page: Page): Promise<void> {
  for (const image of await page.locator(".tile-link img").all()) {
    await image.scrollIntoViewIfNeeded();
    await expectLoaded(image);
  }
  await page.evaluate(() => scrollTo(0, 0));
  await page.mouse.move(0, 0);
  await expect(page.locator(".toast")).toHaveCount(0, { timeout: 15_000 });
}

test("wizard", async ({ page, ownServer, isMobile }) => {
  test.skip(isMobile, "on a desktop");
  await open(page, await ownServer.setupLink());
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  await take(page, "wizard");
});

test("gallery, viewer, public page, uploads", async ({ page, ownServer, isMobile }) => {
  test.skip(isMobile, "on a desktop");
  const person = await furnish(page, ownServer);
  await open(page, `${ownServer.url}/gallery`);
  await allLoaded(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await take(page, `gallery-${colorScheme}`);
  }
  const images = await person.api.list();
  const slug = (name: string) => images.find((image) => image.filename === name)?.slug;
  await open(page, `${ownServer.url}/gallery?view=${slug("evening-sea.jpg")}`);
  await expectShown(page, "evening-sea.jpg");
  await take(page, "viewer");

  await page.emulateMedia({ colorScheme: "light" });
  await open(page, `${ownServer.url}/p/${slug("fjord-at-dawn.jpg")}`);
  await expectLoaded(page.getByRole("img", { name: "fjord-at-dawn" }));
  await take(page, "public-page");

  await test.step("uploads under way", async () => {
    const again = landscapes().slice(0, 6);
    await open(page, `${ownServer.url}/gallery`);
    await allLoaded(page);
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    let passed = 0;
    await page.route("**/api/v1/images", async (route) => {
      if (++passed > 2) await released;
      await route.continue().catch(() => undefined);
    });
    await dropFiles(page, "main", again);
    await expect(tray(page).locator(".tray-row.is-done")).toHaveCount(2);
    await expect(tray(page).locator(".is-processing, .is-sending")).toHaveCount(3);
    await expect(tray(page).locator(".tray-thumb img")).toHaveCount(6);
    await take(page, "uploads");
    release();
    await expect(tray(page).getByText("Uploaded: 6")).toBeVisible({ timeout: 30_000 });
  });
});

test("phone", async ({ page, ownServer, isMobile }) => {
  test.skip(!isMobile, "on a phone");
  await furnish(page, ownServer);
  await open(page, `${ownServer.url}/gallery`);
  await allLoaded(page);
  await take(page, "phone");
});
