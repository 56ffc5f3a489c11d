// Tags: given from a selection and in the viewer, renamed, painted, merged, deleted.
import type { Page } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { inBothSchemes, screenshot } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectShown, tile, viewer } from "../support/viewer.ts";

const thing = (page: Page, name: string) => page.getByRole("main").locator(".thing").filter({ has: page.locator("strong", { hasText: name }) });

test("images are tagged in the gallery and the viewer, and tags kept in order in the settings", async ({ page, owner, isMobile }) => {
  const images = await owner.api.upload(...[1, 2].map((n) => jpegFile(`tagged-${n}.jpg`, 300, 200, n)));
  await open(page, "/gallery");

  await test.step("a selection", async () => {
    for (const name of ["tagged-1.jpg", "tagged-2.jpg"]) {
      await tile(page, name).hover();
      await page.getByRole("checkbox", { name: `Select ${name}` }).check();
    }
    await page.getByRole("button", { name: "Tag", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Tag images" });
    await dialog.getByLabel("Name of a tag").fill("Cat");
    await dialog.getByRole("button", { name: "Add tag" }).click();
    await expect(dialog.getByText("“Cat” is on 2.")).toBeVisible();
    await dialog.getByLabel("Name of a tag").fill("night");
    await page.keyboard.press("Enter");
    await expect(dialog.getByText("“night” is on 2.")).toBeVisible();
    await dialog.getByLabel("Name of a tag").fill("NIGHT");
    await dialog.getByRole("button", { name: "Take tag away" }).click();
    await expect(dialog.getByText("“NIGHT” is off 2.")).toBeVisible();
    await inBothSchemes(page);
    await dialog.getByRole("button", { name: "Close" }).click();
    expect((await owner.api.details(images[1]!)).tags).toEqual(["Cat"]);
  });

  await test.step("the viewer", async () => {
    await open(page, `/gallery?view=${images[0]?.slug}`);
    await expectShown(page, "tagged-1.jpg");
    const field = viewer(page).getByLabel("Tags");
    await field.fill("kitten");
    await field.press("Enter");
    await field.fill("red");
    await field.press("Enter");
    await expect.poll(async () => (await owner.api.details(images[0]!)).tags).toEqual(["Cat", "kitten", "red"]);
    await viewer(page).getByRole("button", { name: "Take the tag red away" }).click();
    await expect.poll(async () => (await owner.api.details(images[0]!)).tags).toEqual(["Cat", "kitten"]);
    await viewer(page).getByRole("button", { name: "Take the tag Cat away" }).scrollIntoViewIfNeeded();
    await screenshot(page, `tags-viewer-${isMobile ? "phone" : "desktop"}`);
    await inBothSchemes(page);
  });

  await test.step("the settings", async () => {
    await open(page, "/settings/tags");
    await expect(thing(page, "Cat")).toContainText("Images: 2");
    await page.getByRole("combobox", { name: "Colour of Cat" }).selectOption("Orange");
    await thing(page, "kitten").getByRole("button", { name: "Rename" }).click();
    await page.getByRole("textbox", { name: "New name" }).fill("cat");
    await page.getByRole("button", { name: "Save" }).click();
    const question = page.getByRole("alertdialog", { name: "Make “kitten” and “cat” one tag?" });
    await inBothSchemes(page);
    await question.getByRole("button", { name: "Make them one" }).click();
    await expect(thing(page, "kitten")).toHaveCount(0);
    expect((await owner.api.details(images[0]!)).tags).toEqual(["Cat"]);
    await screenshot(page, `tags-settings-${isMobile ? "phone" : "desktop"}`);
    await thing(page, "Cat").getByRole("button", { name: "Delete: Cat" }).click();
    await page.getByRole("alertdialog", { name: "Delete the tag “Cat”?" }).getByRole("button", { name: "Delete" }).click();
    await expect(thing(page, "Cat")).toHaveCount(0);
    expect((await owner.api.details(images[0]!)).tags).toEqual([]);
  });
});
