// From the set-up to the bin, with no mouse.
import type { Page } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { expect, open, test } from "../support/reflect.ts";
import { Authenticator } from "../support/totp.ts";
import { Gate, row } from "../support/tray.ts";
import { expectShown, viewer } from "../support/viewer.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

/** Presses Tab until what has the focus bears this name, and checks on the way that one sees where one is. */
async function tabTo(page: Page, name: string | RegExp, key = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    const focused = page.locator(":focus");
    if ((await focused.count()) > 0) {
      const here = await focused.evaluate((element) => {
        const style = getComputedStyle(element);
        const label = (element as HTMLInputElement).labels?.[0];
        const ring = (of: Element) => getComputedStyle(of).outlineStyle !== "none" && parseFloat(getComputedStyle(of).outlineWidth) > 0;
        const around = [element, element.parentElement, element.nextElementSibling].filter((one) => one !== null);
        return {
          name: (element.getAttribute("aria-label") ?? label?.textContent ?? element.textContent ?? "").trim(),
          ringed: around.some(ring) || style.boxShadow !== "none",
          whole: element === document.body || element.matches("main, dialog, section, h1"),
        };
      });
      passed.push(here.name);
      if (!here.whole) expect(here.ringed, `${here.name} shows that it has the focus`).toBe(true);
      if (typeof name === "string" ? here.name === name : name.test(here.name)) return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not reach ${String(name)}, but: ${passed.join(" | ")}`);
}

test("by keys alone: sign in, find the newest picture, open it, copy its Markdown, sign out", async ({ page, person, isMobile }) => {
  test.skip(isMobile, "for keyboards");
  const [, image] = await person.api.upload(jpegFile("first.jpg", 300, 200, 1), jpegFile("second.jpg", 300, 200, 2));
  await open(page, "/");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeInViewport();
  await page.keyboard.press("Enter");
  await tabTo(page, "Sign in");
  await page.keyboard.press("Enter");

  await expect(page).toHaveURL(/\/sign-in$/);
  const field = page.getByRole("textbox", { name: "Six-digit code" });
  await expect(field).toBeFocused();
  if (await page.getByRole("textbox", { name: "Name", exact: true }).isVisible()) {
    await tabTo(page, /^Name$/, "Shift+Tab");
    await page.keyboard.type(person.name);
    await tabTo(page, /^Six-digit code/);
  }
  await page.keyboard.type(await person.authenticator.code());
  await expect(page).toHaveURL(/\/gallery$/);
  await expect(page.getByRole("link", { name: "Open second.jpg" })).toBeVisible();

  await tabTo(page, "Open second.jpg");
  await tabTo(page, "Select second.jpg");
  await page.keyboard.press("Space");
  await expect(page.getByRole("region", { name: "1 selected" })).toBeVisible();
  await page.keyboard.press("Space");
  await expect(page.getByRole("region", { name: "1 selected" })).toHaveCount(0);
  await tabTo(page, "Open second.jpg", "Shift+Tab");
  await page.keyboard.press("Enter");
  await expectShown(page, "second.jpg");
  await tabTo(page, "Copy Markdown");
  await page.keyboard.press("Enter");
  await expect(viewer(page).getByRole("button", { name: "Copy Markdown", exact: true })).toContainText("Copied");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(image?.links.markdown);
  await page.keyboard.press("Escape");
  await expect(viewer(page)).toHaveCount(0);

  await tabTo(page, "Account", "Shift+Tab");
  await page.keyboard.press("Enter");
  await tabTo(page, "Sign out");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("by keys alone: set an instance up", async ({ page, ownServer, isMobile }) => {
  test.skip(isMobile, "for keyboards");
  await open(page, await ownServer.setupLink());
  await tabTo(page, /^Name/);
  await page.keyboard.type("ada");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Scan this with your authenticator app" })).toBeFocused();
  const authenticator = new Authenticator(await page.locator(".secret code").innerText());
  await tabTo(page, "Copy the secret");
  await tabTo(page, "I have scanned it");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "Six-digit code" })).toBeFocused();
  await page.keyboard.type(await authenticator.code());
  const first = await page.locator(".codes code").first().innerText();
  await tabTo(page, "Copy all");
  await tabTo(page, "I have stored them safely");
  await page.keyboard.press("Space");
  await tabTo(page, /^Recovery code/);
  await page.keyboard.type(first);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/upload$/);
});

test("by keys alone: pick a picture, stop it on its way, and send it again", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "for keyboards");
  const picture = jpegFile("keys.jpg", 320, 240, 1);
  const gate = await Gate.before(page, picture.name);
  await open(page, "/gallery");
  await tabTo(page, "Upload");
  const choosing = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  await (await choosing).setFiles([picture]);
  await expect.poll(() => gate.arrived).toBe(1);
  await tabTo(page, "Cancel keys.jpg");
  await page.keyboard.press("Enter");
  await expect(row(page, picture.name)).toContainText("Cancelled");
  await tabTo(page, "Try keys.jpg again", "Shift+Tab");
  gate.release();
  await page.keyboard.press("Enter");
  await expect(row(page, picture.name)).toContainText("Uploaded");
  expect((await owner.api.list()).map((image) => image.filename)).toEqual([picture.name]);
});

test("by keys alone: delete in the viewer, restore, and delete for good", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "for keyboards");
  const [kept, gone] = await owner.api.upload(jpegFile("kept.jpg", 120, 90, 1), jpegFile("gone.jpg", 120, 90, 2));
  await open(page, `/gallery?view=${gone?.slug}`);
  await expectShown(page, "gone.jpg");
  await page.keyboard.press("Delete");
  await expectShown(page, "kept.jpg");
  await page.keyboard.press("Delete");
  await expect(viewer(page)).toHaveCount(0);
  await tabTo(page, "Bin");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Bin", level: 1 })).toBeVisible();
  // The one that was deleted last comes first.
  await tabTo(page, "Restore");
  await page.keyboard.press("Enter");
  await expect(page.locator(".thing")).toHaveCount(1);
  await tabTo(page, "Delete for good");
  await page.keyboard.press("Enter");
  const question = page.getByRole("alertdialog", { name: "Delete gone.jpg for good?" });
  await expect(question.getByRole("button", { name: "Delete for good" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "The bin is empty" })).toBeVisible();
  expect((await owner.api.list()).map((image) => image.id)).toEqual([kept?.id]);
});
