// The gallery and its viewer, as journeys look at them.
import { expect, type Locator, type Page } from "@playwright/test";

export const tile = (page: Page, name: string): Locator => page.getByRole("link", { name: `Open ${name}`, exact: true });

export const viewer = (page: Page): Locator => page.getByRole("dialog", { name: "Image viewer" });

/** The viewer shows this picture, and its pixels have arrived. */
export async function expectShown(page: Page, name: string): Promise<void> {
  await expect(viewer(page).getByRole("heading", { name, exact: true })).toBeVisible();
  const picture = viewer(page).locator(".viewer-stage .picture");
  await expect(picture).toHaveAttribute("alt", name.replace(/\.\w+$/, ""));
  await expectLoaded(picture);
}

/** The picture has arrived and is one. */
export async function expectLoaded(picture: Locator): Promise<void> {
  await expect
    .poll(() => picture.evaluate((image) => (image as HTMLImageElement).complete && (image as HTMLImageElement).naturalWidth))
    .toBeGreaterThan(0);
}
