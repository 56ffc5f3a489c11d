// What reflect is for: the link, in the form that is needed, on the clipboard.
import type { Locator, Page } from "@playwright/test";
import type { ApiImage, Links } from "../support/api.ts";
import { jpegFile } from "../support/images.ts";
import { dropFiles } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { tray } from "../support/tray.ts";
import { expectLoaded, expectShown, tile, viewer } from "../support/viewer.ts";

const FORMS = {
  url: "Direct link",
  markdown: "Markdown",
  html: "HTML",
  bbcode: "BBCode",
  page: "Page link",
  markdown_thumbnail: "Markdown, linked thumbnail",
  html_thumbnail: "HTML, linked thumbnail",
  bbcode_thumbnail: "BBCode, linked thumbnail",
} as const satisfies Partial<Record<keyof Links, string>>;
type Form = keyof typeof FORMS;
const forms = Object.keys(FORMS) as Form[];

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
const forget = (page: Page) => page.evaluate(() => navigator.clipboard.writeText(""));

/** Every form is to be read, has its button, and the button copies just what is to be read. */
async function expectEveryForm(page: Page, panel: Locator, images: ApiImage[]): Promise<void> {
  for (const form of forms) {
    const expected = images.map((image) => image.links[form]).join("\n");
    const field = panel.getByRole("textbox", { name: FORMS[form], exact: true });
    await expect(field).toHaveValue(expected);
    await forget(page);
    const copy = panel.getByRole("button", { name: `Copy ${FORMS[form]}`, exact: true });
    await copy.click();
    await expect(copy).toContainText("Copied");
    await expect(panel.getByRole("status").filter({ hasText: "Copied" }).first()).toBeAttached();
    expect(await clipboard(page)).toBe(expected);
  }
  await expect(panel.getByRole("listitem")).toHaveCount(8);
}

test("eight forms in the viewer and on the page, each with a button that copies it", async ({ page, owner }) => {
  const [image] = await owner.api.upload(jpegFile(`odd _name_ [1] "<&>.jpg`, 900, 600));
  await open(page, `/gallery?view=${image?.slug}`);
  const panel = viewer(page).getByRole("region", { name: "Links" });
  await expectEveryForm(page, panel, [image!]);

  await test.step("with a width chosen, the picture is that wide and the thumbnails stay", async () => {
    await panel.getByRole("radio", { name: "640" }).check({ force: true });
    const small = `${image?.links.url}?w=640`;
    await expect(panel.getByRole("textbox", { name: "Direct link" })).toHaveValue(small);
    await expect(panel.getByRole("textbox", { name: "HTML", exact: true })).toHaveValue(/width="640" height="427"/);
    await expect(panel.getByRole("textbox", { name: "Markdown, linked thumbnail" })).toHaveValue(image?.links.markdown_thumbnail ?? "");
    await panel.getByRole("button", { name: "Copy Direct link" }).click();
    expect(await clipboard(page)).toBe(small);
    expect((await fetch(small)).status).toBe(200);
  });

  await open(page, `/p/${image?.slug}`);
  await expectEveryForm(page, page.getByRole("region", { name: "Links" }), [image!]);
});

test("the form last used comes first the next time", { tag: "@once" }, async ({ page, owner }) => {
  const [first, second] = await owner.api.upload(jpegFile("one.jpg", 300, 200, 1), jpegFile("two.jpg", 300, 200, 2));
  await open(page, `/gallery?view=${first?.slug}`);
  await viewer(page).getByRole("button", { name: "Copy BBCode", exact: true }).click();
  await open(page, `/gallery?view=${second?.slug}`);
  await expect(viewer(page).locator(".link-row").first()).toContainText("BBCode");
  await test.step("and is what a picture's own button copies", async () => {
    await open(page, "/gallery");
    await tile(page, "one.jpg").hover();
    await page.getByRole("button", { name: "Copy link of one.jpg" }).click();
    await expect.poll(() => clipboard(page)).toBe(first?.links.bbcode);
    await expect(page.getByRole("status", { name: "Notifications" }).getByText("Copied"), "also to those who don't see its sign").toBeVisible();
  });
});

test("a selection gives all links at once, a line each", async ({ page, owner }) => {
  const images = await owner.api.upload(...[1, 2, 3].map((n) => jpegFile(`sel-${n}.jpg`, 300, 200, n)));
  await open(page, "/gallery");
  for (const n of [3, 1]) {
    await tile(page, `sel-${n}.jpg`).hover();
    await page.getByRole("checkbox", { name: `Select sel-${n}.jpg` }).check();
  }
  const bar = page.getByRole("region", { name: "2 selected" });
  await expect(bar).toBeVisible();
  await bar.getByRole("button", { name: "Copy links" }).click();
  await expectEveryForm(page, bar.getByRole("region", { name: "Links" }), [images[2]!, images[0]!]);
  await bar.getByRole("button", { name: "Clear selection" }).click();
  await expect(bar).toHaveCount(0);
});

test("after an upload, all links as Markdown or whatever was used last", async ({ page, owner }) => {
  await dropFiles(page, "main", [1, 2, 3].map((n) => jpegFile(`up-${n}.jpg`, 300, 200, n)));
  await expect(tray(page).getByText("Uploaded: 3")).toBeVisible();
  const stored = await owner.api.list();
  const links = (form: Form) => [1, 2, 3].map((n) => stored.find((image) => image.filename === `up-${n}.jpg`)?.links[form]).join("\n");
  const copy = tray(page).getByRole("button", { name: "Copy", exact: true });
  await copy.click();
  await expect(tray(page).getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await clipboard(page)).toBe(links("markdown"));
  await tray(page).getByRole("combobox", { name: "Copy all links as" }).selectOption({ label: "HTML" });
  await forget(page);
  await tray(page).getByRole("button", { name: /^Cop(y|ied)$/ }).click();
  await expect.poll(() => clipboard(page)).toBe(links("html"));
  await open(page, "/gallery");
  await dropFiles(page, "main", [jpegFile("up-4.jpg", 300, 200, 4)]);
  await expect(tray(page).getByRole("combobox", { name: "Copy all links as" })).toHaveValue("html");
});

test("what is pasted shows the picture, wherever it is pasted", { tag: "@once" }, async ({ page, owner, newVisitor }) => {
  const [image] = await owner.api.upload(jpegFile("elsewhere.jpg", 900, 600));
  await open(page, `/gallery?view=${image?.slug}`);
  const copied = async (form: Form) => {
    await viewer(page).getByRole("button", { name: `Copy ${FORMS[form]}`, exact: true }).click();
    await expect(viewer(page).locator(`[data-form="${form}"]`).getByRole("status")).toHaveText("Copied");
    return clipboard(page);
  };
  const elsewhere = await (await newVisitor()).newPage();
  for (const [form, width] of [["html", 900], ["html_thumbnail", 320]] as const) {
    await elsewhere.setContent(`<!doctype html><title>A blog</title>${await copied(form)}`);
    const picture = elsewhere.getByRole("img", { name: "elsewhere" });
    await expectLoaded(picture);
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(width);
  }
  await elsewhere.getByRole("link").click();
  await expect(elsewhere).toHaveURL(image?.links.page ?? "");
  await expect(elsewhere.getByRole("heading", { name: "elsewhere" })).toBeVisible();
  for (const form of ["markdown", "markdown_thumbnail", "bbcode", "bbcode_thumbnail", "url", "page"] as const) {
    const addresses = (await copied(form)).match(/https?:\/\/[^\s()[\]"]+/g) ?? [];
    expect(addresses.length, form).toBeGreaterThan(0);
    for (const address of addresses) expect((await fetch(address)).status, address).toBe(200);
  }
});

test("where the browser refuses the clipboard, the text is selected", async ({ page, owner }) => {
  const [image] = await owner.api.upload(jpegFile("refused.jpg", 300, 200));
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
    document.execCommand = () => false;
  });
  await open(page, `/gallery?view=${image?.slug}`);
  await viewer(page).getByRole("button", { name: "Copy Markdown", exact: true }).click();
  await expect(viewer(page).getByText("The browser refused the clipboard. The text is selected: press Ctrl+C.")).toBeAttached();
  const selected = () =>
    page.evaluate(() => {
      const field = document.activeElement as HTMLInputElement;
      return field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0);
    });
  expect(await selected()).toBe(image?.links.markdown);
  await expectShown(page, "refused.jpg");

  await test.step("of several pictures too, a line each", async () => {
    const others = await owner.api.upload(...[1, 2].map((n) => jpegFile(`refused-${n}.jpg`, 300, 200, n)));
    await open(page, "/gallery");
    for (const n of [1, 2]) {
      await tile(page, `refused-${n}.jpg`).hover();
      await page.getByRole("checkbox", { name: `Select refused-${n}.jpg` }).check();
    }
    const bar = page.getByRole("region", { name: "2 selected" });
    await bar.getByRole("button", { name: "Copy links" }).click();
    await bar.getByRole("button", { name: "Copy Markdown", exact: true }).click();
    await expect(bar.getByText("The browser refused the clipboard.")).toBeAttached();
    expect(await selected()).toBe(others.map((image) => image.links.markdown).join("\n"));
  });
});
