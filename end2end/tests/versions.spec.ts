// Another picture at the same address: turned, replaced, cut, and what it was before.
import type { Page } from "@playwright/test";
import { jpegFile, pngFile } from "../support/images.ts";
import { expectAccessible, expectNoSidewaysScroll, screenshot } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectLoaded, expectShown, tile, viewer } from "../support/viewer.ts";

const button = (page: Page, name: string) => viewer(page).getByRole("button", { name, exact: true });
const picture = (page: Page) => viewer(page).locator(".viewer-stage .picture");
const versions = (page: Page) => viewer(page).getByRole("list", { name: "Versions" }).getByRole("listitem");

/** The picture that is shown has this size, and its pixels have arrived. */
async function expectSize(page: Page, width: number, height: number): Promise<void> {
  await expect(picture(page)).toHaveAttribute("width", String(width));
  await expect(picture(page)).toHaveAttribute("height", String(height));
  await expectLoaded(picture(page));
  const shape = await picture(page).evaluate((image) => {
    const { naturalWidth, naturalHeight } = image as HTMLImageElement;
    return naturalWidth / naturalHeight;
  });
  expect(Math.abs(shape - width / height)).toBeLessThan(0.02);
}

test("a picture is turned, replaced and brought back while its link stays", async ({ page, owner }) => {
  const [image] = await owner.api.upload(jpegFile("cat.jpg", 600, 400));
  const address = image!.links.url;
  await open(page, "/gallery");
  await tile(page, "cat.jpg").click();
  await expectShown(page, "cat.jpg");
  await viewer(page).getByText("Edit picture and versions").click();
  await expect(viewer(page).getByText("There are no earlier versions yet.")).toBeVisible();

  await test.step("turned, at once and in the gallery", async () => {
    await button(page, "Rotate right").click();
    await expectSize(page, 400, 600);
    await expect(versions(page)).toHaveCount(2);
    await expect(versions(page).first()).toContainText("Rotated");
    await expect(page.getByText("Rotated.", { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expectSize(page, 600, 400);
    await expect(versions(page)).toHaveCount(3);
    await button(page, "Mirror").click();
    await expect(versions(page)).toHaveCount(4);
  });
  await test.step("replaced by a file of another type", async () => {
    const chooser = page.waitForEvent("filechooser");
    await button(page, "Replace…").click();
    await (await chooser).setFiles(pngFile("new.png", 300, 300));
    await expectSize(page, 300, 300);
    await expect(versions(page).first()).toContainText("PNG");
    await expect(viewer(page).getByRole("heading", { name: "cat.png" })).toBeVisible();
    const answer = await page.request.get(address);
    expect(answer.headers()["content-type"]).toBe("image/png");
    expect(answer.headers()["cache-control"]).toBe("public, max-age=60");
  });
  await test.step("brought back, and an earlier one deleted", async () => {
    const first = versions(page).filter({ hasText: "1. Uploaded" });
    await expectLoaded(first.locator("img"));
    await first.getByRole("button", { name: "Restore version 1", exact: true }).click();
    await expectSize(page, 600, 400);
    await expect(versions(page)).toHaveCount(6);
    await versions(page).filter({ hasText: "5. Replaced" }).getByRole("button", { name: "Delete version 5", exact: true }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete for good" }).click();
    await expect(versions(page)).toHaveCount(5);
  });
  await page.keyboard.press("Escape");
  await expect(viewer(page)).toHaveCount(0);
  await expect(tile(page, "cat.jpg").getByRole("img")).toHaveAttribute("src", /[?&]v=6/);
  await expectLoaded(tile(page, "cat.jpg").getByRole("img"));

  // Without the messages, which lie over the tools.
  await open(page, `/gallery?view=${image?.slug}`);
  await viewer(page).getByText("Edit picture and versions").click();
  await expect(versions(page)).toHaveCount(5);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await versions(page).first().scrollIntoViewIfNeeded();
  await screenshot(page, "versions");
});

test("a part is cut out by hand and by numbers", async ({ page, owner }) => {
  const [image] = await owner.api.upload(jpegFile("cat.jpg", 600, 400));
  await open(page, `/gallery?view=${image?.slug}`);
  await viewer(page).getByText("Edit picture and versions").click();
  await button(page, "Crop…").click();
  const dialog = page.getByRole("dialog", { name: "Crop", exact: true });
  const number = (name: string) => dialog.getByLabel(name, { exact: true });
  await expect(number("Width")).toHaveValue("600");
  const drawing = dialog.locator("svg").first();
  await drawing.scrollIntoViewIfNeeded();
  const box = (await drawing.boundingBox())!;
  const scale = Math.min(box.width / 600, box.height / 400);
  const at = (x: number, y: number) =>
    [box.x + box.width / 2 + (x - 300) * scale, box.y + box.height / 2 + (y - 200) * scale] as const;
  await page.mouse.move(...at(599, 399));
  await page.mouse.down();
  await page.mouse.move(...at(299, 199), { steps: 4 });
  await page.mouse.up();
  expect(Math.abs(Number(await number("Width").inputValue()) - 300)).toBeLessThan(4);
  expect(Math.abs(Number(await number("Height").inputValue()) - 200)).toBeLessThan(4);
  await screenshot(page, "crop");
  await expectAccessible(page);
  await dialog.getByLabel("Shape").selectOption("1:1");
  await number("Width").fill("120");
  await number("Width").press("Tab");
  await expect(number("Height")).toHaveValue("120");
  await number("From the left").fill("9999");
  await number("From the left").press("Tab");
  await expect(number("From the left")).toHaveValue("599");
  await number("From the left").fill("40");
  await number("From the left").press("Tab");
  await dialog.getByLabel("Shape").selectOption("");
  await number("Width").fill("100");
  await number("Height").fill("50");
  await dialog.getByRole("button", { name: "Crop", exact: true }).click();
  await expectSize(page, 100, 50);
  await expect(versions(page).first()).toContainText("Cropped");
  await expect(dialog).toHaveCount(0);
});

test("a file that is no picture changes nothing, and one is told so", async ({ page, owner }) => {
  const [image] = await owner.api.upload(pngFile("still.png", 80, 60));
  await open(page, `/gallery?view=${image?.slug}`);
  await viewer(page).getByText("Edit picture and versions").click();
  const chooser = page.waitForEvent("filechooser");
  await button(page, "Replace…").click();
  await (await chooser).setFiles({ name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") });
  await expect(viewer(page).getByRole("alert").filter({ hasText: /\w/ })).toBeVisible();
  await expect(picture(page)).toHaveAttribute("width", "80");
});
