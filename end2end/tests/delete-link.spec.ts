// Somebody follows the delete link that an upload tool kept, without an account and without scripts.
import { jpegFile } from "../support/images.ts";
import { expectAccessible, expectNoSidewaysScroll, inBothSchemes } from "../support/page.ts";
import { expect, test } from "../support/reflect.ts";

type Sent = { images: { links: { url: string; page: string }; delete_url: string }[] };

for (const [locale, ask, remove, done, gone] of [
  ["en-US", "Delete this image?", "Delete", "The image is deleted", "Deleted already"],
  ["zh-CN", "删除这张图片？", "删除", "图片已删除", "图片早已删除"],
] as const) {
  test(`a link asks before it deletes, in ${locale}`, async ({ person, newVisitor }) => {
    const name = `${"a-long-name-without-a-break-".repeat(6)}.jpg`;
    const { images } = (await (await person.api.send([jpegFile(name, 640, 1600)])).json()) as Sent;
    const { links, delete_url: link } = images[0]!;
    const visitor = await newVisitor({ locale, javaScriptEnabled: false });
    const page = await visitor.newPage();

    await page.goto(link);
    await expect(page).toHaveTitle(`${ask} · reflect`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(ask);
    await expect(page.locator("html")).toHaveAttribute("lang", locale.slice(0, 2));
    const preview = page.locator("img");
    expect(await preview.evaluate((image: HTMLImageElement) => [image.complete, image.naturalWidth > 0])).toEqual([true, true]);
    await expectNoSidewaysScroll(page);
    expect((await visitor.request.get(links.url)).status()).toBe(200);

    await page.getByRole("button", { name: remove, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(done);
    await expect.poll(async () => (await visitor.request.get(links.url)).status()).toBe(404);
    expect((await person.api.me()).usage.images).toBe(0);

    await page.goto(link);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(gone);
  });
}

test("the page is accessible, in light and dark, and one may keep the image", async ({ person, page }) => {
  const { images } = (await (await person.api.send([jpegFile("cat.jpg", 640, 480)])).json()) as Sent;
  const { links, delete_url: link } = images[0]!;
  await page.goto(link);
  await inBothSchemes(page);
  await expect(page.getByRole("link", { name: "Keep it" })).toHaveAttribute("href", links.page);
  await page.goto(`${link}x`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link deletes nothing");
  await expectAccessible(page);
});
