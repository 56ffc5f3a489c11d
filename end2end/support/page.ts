// Helpers on a page that many journeys share.
import { resolve } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import type { ImageFile } from "./images.ts";

/** Fails, at the test's end, with the list of what WCAG 2.2 A and AA rules find on the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
  // What the bars half cover counts as too small a target, wherever the page happens to be scrolled to.
  await page.evaluate(() => scrollTo(0, 0));
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.target.join(" ")) }));
  expect.soft(found, `accessibility of ${new URL(page.url()).pathname}`).toEqual([]);
}

/** Fails when the page is wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  // A phone's `innerWidth` grows with what sticks out, so that the window itself has to be asked.
  const width = page.viewportSize()?.width ?? 0;
  const surplus = (await page.evaluate(() => document.documentElement.scrollWidth)) - width;
  expect(surplus, "pixels that stick out of the window").toBeLessThanOrEqual(0);
}

let pictures = 0;

/** The page in both schemes, without reloading: as somebody's evening comes. Leaves a picture of each to look at. */
export async function inBothSchemes(page: Page): Promise<void> {
  const grounds: string[] = [];
  pictures += 1;
  const name = `${test.info().title.replaceAll(/\W+/g, "-")}-${pictures}-${page.viewportSize()?.width}`;
  for (const colorScheme of ["light", "dark"] as const) {
    await test.step(colorScheme, async () => {
      await page.emulateMedia({ colorScheme });
      grounds.push(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await screenshot(page, `${name}-${colorScheme}`);
    });
  }
  expect(grounds[0], "light and dark differ").not.toBe(grounds[1]);
}

/** A day in UTC as the English pages write it. */
export function dayInWords(time: number): string {
  return new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/**
 * Writes the window, once its fonts and pictures are there, to `REFLECT_SCREENSHOTS/NAME.png`, or to
 * `test-results/screenshots` when that is not set. Answers the file's path.
 */
export async function screenshot(page: Page, name: string): Promise<string> {
  const folder = process.env["REFLECT_SCREENSHOTS"] ?? resolve(import.meta.dirname, "../test-results/screenshots");
  await page.evaluate(async () => {
    await document.fonts.ready;
    const visible = [...document.images].filter((image) => image.getBoundingClientRect().top < window.innerHeight);
    await Promise.all(visible.map((image) => image.decode().catch(() => undefined)));
  });
  const path = resolve(folder, `${name}.png`);
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  return path;
}

/** Drops files on an element as a person does from a file manager: enter, over, drop. */
export async function dropFiles(page: Page, selector: string, files: ImageFile[]): Promise<void> {
  const transfer = await fileTransfer(page, files);
  for (const event of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent(selector, event, { dataTransfer: transfer });
  }
}

/** Pastes files into the page as after a copy from an image editor or a screenshot tool. */
export async function pasteFiles(page: Page, files: ImageFile[]): Promise<void> {
  const transfer = await fileTransfer(page, files);
  await transfer.evaluate((clipboardData) => {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
}

function fileTransfer(page: Page, files: ImageFile[]) {
  const plain = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString("base64") }));
  return page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, mimeType, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type: mimeType }));
    }
    return transfer;
  }, plain);
}
