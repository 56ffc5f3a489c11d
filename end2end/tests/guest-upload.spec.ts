// Somebody without an account puts pictures into an album by a link that its owner made.
import type { Page } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { dropFiles, inBothSchemes } from "../support/page.ts";
import { expect, open, test, type Person } from "../support/reflect.ts";
import { row, tray } from "../support/tray.ts";
import { viewer } from "../support/viewer.ts";

const files = [1, 2, 3].map((n) => jpegFile(`guest-${n}.jpg`, 300 + 40 * n, 240, n));
const dialog = (page: Page) => page.getByRole("dialog", { name: "Let others add images" });

/** Opens an album without images. */
async function openAlbum(page: Page, owner: Person): Promise<void> {
  const id = await owner.api.makeAlbum("Party", []);
  await open(page, `/albums/${id}`);
  await expect(page.getByRole("heading", { name: "Party", level: 1 })).toBeVisible();
}

/** Makes a link on the album's page; its address. */
async function makeLink(page: Page, terms: Record<string, string>): Promise<string> {
  await page.getByRole("button", { name: "Guest links" }).click();
  for (const [label, value] of Object.entries(terms)) await dialog(page).getByLabel(label).fill(value);
  await dialog(page).getByRole("button", { name: "Make a link" }).click();
  await expect(dialog(page).getByText("Link made.")).toBeVisible();
  return dialog(page).getByRole("textbox", { name: terms["Name"]!, exact: true }).inputValue();
}

test("a visitor drops pictures into an album, as many as its owner lets in, and keeps their links", async ({ page, owner, newVisitor }) => {
  await openAlbum(page, owner);
  const link = await makeLink(page, { Name: "Friends", "Images, at most": "2", "MiB in all, at most": "5" });
  await expect(dialog(page).getByRole("region", { name: "Friends" })).toContainText("Images: 0 of 2 · 0 B of 5.0 MiB");
  await inBothSchemes(page);

  const visitor = await (await newVisitor()).newPage();
  await test.step("the page says whose album it is and what is left", async () => {
    await open(visitor, link);
    await expect(visitor.getByRole("heading", { name: "Images for “Party”", level: 1 })).toBeVisible();
    await expect(visitor.getByText(`${owner.name} collects images in this album.`)).toBeVisible();
    await expect(visitor.locator(".facts")).toContainText("2 of 2");
    await inBothSchemes(visitor);
  });

  await test.step("what is dropped and picked is sent, without signing in", async () => {
    await dropFiles(visitor, ".drop-area", files.slice(0, 1));
    await expect(row(visitor, "guest-1.jpg")).toContainText("Uploaded");
    await expect(visitor.locator(".facts")).toContainText("1 of 2");
    await visitor.locator(".drop-area input[type=file]").setInputFiles(files.slice(1, 2));
    await expect(row(visitor, "guest-2.jpg")).toContainText("Uploaded");
    await expect(visitor.getByText("This link takes no more images")).toBeVisible();
    await expect(tray(visitor)).not.toContainText("Sign in");
  });

  await test.step("and no more than that", async () => {
    await dropFiles(visitor, "main", files.slice(2));
    await expect(row(visitor, "guest-3.jpg")).toContainText("This link takes no more images.");
  });

  await test.step("its links are there to keep, and lead to it", async () => {
    const sent = visitor.getByRole("region", { name: "What you sent" });
    await expect(sent.locator(".tile")).toHaveCount(2);
    await visitor.getByRole("button", { name: "Hide the list" }).click();
    await inBothSchemes(visitor);
    const links = (await sent.locator("textarea").first().inputValue()).split("\n");
    expect(links).toHaveLength(2);
    await sent.getByRole("link", { name: "guest-1.jpg" }).click();
    await expect(visitor).toHaveURL(/\/p\//);
    await expect(visitor.getByRole("heading", { name: "guest-1" })).toBeVisible();
    await visitor.goBack();
    await expect(sent.locator(".tile")).toHaveCount(2);
  });

  await test.step("the owner has them in the album, and sees by what they came", async () => {
    await page.reload();
    await expect(page.locator(".tile")).toHaveCount(2);
    await page.getByRole("button", { name: "Guest links" }).click();
    await expect(dialog(page).getByRole("region", { name: "Friends" })).toContainText("Images: 2 of 2");
    await dialog(page).getByRole("button", { name: "End Friends" }).click();
    await page.getByRole("alertdialog", { name: "End the link “Friends”?" }).getByRole("button", { name: "End" }).click();
    await expect(dialog(page).getByRole("region", { name: "Friends" })).toHaveCount(0);
    await dialog(page).getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "Open guest-1.jpg" }).click();
    const details = viewer(page).getByRole("region", { name: "Details" });
    await expect(details.locator(".facts").filter({ hasText: "By guest link" })).toContainText("Friends");
    expect((await owner.api.list()).map((image) => image.filename).sort()).toEqual(["guest-1.jpg", "guest-2.jpg"]);
  });

  await test.step("a link that has ended is none", async () => {
    await visitor.reload();
    await expect(visitor.getByRole("heading", { name: "This link has ended" })).toBeVisible();
  });
});

test("who is signed in sends to the album too while its page is on show, and to their own gallery afterwards", { tag: "@once" }, async ({ page, owner }) => {
  await openAlbum(page, owner);
  const link = await makeLink(page, { Name: "Friends" });
  await open(page, new URL(link).pathname);
  await dropFiles(page, ".drop-area", files.slice(0, 1));
  await expect(row(page, "guest-1.jpg")).toContainText("Uploaded");
  await page.getByRole("navigation").getByRole("link", { name: "Gallery" }).filter({ visible: true }).click();
  await expect(page.locator(".tile")).toHaveCount(1);
  await dropFiles(page, "main", files.slice(1, 2));
  await expect(row(page, "guest-2.jpg")).toContainText("Uploaded");
  const [own, guests] = await owner.api.list();
  expect([own?.filename, guests?.filename]).toEqual(["guest-2.jpg", "guest-1.jpg"]);
  expect((await owner.api.details(own!)).guest_link).toBeUndefined();
  expect((await owner.api.details(guests!)).guest_link).toBe("Friends");
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("guest links", async ({ page, owner, newVisitor }) => {
    const id = await owner.api.makeAlbum("聚会", []);
    await open(page, `/albums/${id}`);
    await page.getByRole("button", { name: "访客链接" }).click();
    const form = page.getByRole("dialog", { name: "让其他人添加图片" });
    await form.getByLabel("名称").fill("朋友");
    await form.getByLabel("最多图片数").fill("1");
    await form.getByRole("button", { name: "创建链接" }).click();
    await expect(form.getByRole("region", { name: "朋友" })).toContainText("图片：0 / 1");
    await inBothSchemes(page);
    const link = await form.getByRole("textbox", { name: "朋友", exact: true }).inputValue();
    const visitor = await (await newVisitor()).newPage();
    await open(visitor, link);
    await expect(visitor.getByRole("heading", { name: "为“聚会”添加图片" })).toBeVisible();
    await dropFiles(visitor, ".drop-area", files.slice(0, 2));
    await expect(visitor.getByText("这个链接不能再接收图片")).toBeVisible();
    await inBothSchemes(visitor);
  });
});
