// The page of one picture, for everybody: without an account, and without JavaScript.
import type { Page } from "@playwright/test";
import { bytesOf } from "../support/api.ts";
import { jpegFile, pngFile } from "../support/images.ts";
import { expectNoSidewaysScroll } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectLoaded } from "../support/viewer.ts";

const meta = (page: Page, property: string) =>
  page.locator(`meta[property="${property}"], meta[name="${property}"]`).getAttribute("content");

test("without JavaScript: title, picture, size, links and what other sites ask for", async ({ server, person, newVisitor }) => {
  const file = jpegFile("Harbour at <dawn> & dusk.jpg", 1600, 1000, 3);
  const [image] = await person.api.upload(file);
  const visitor = await newVisitor({ javaScriptEnabled: false });
  const page = await visitor.newPage();
  const answer = await page.goto(`/p/${image?.slug}`);
  expect(answer?.status()).toBe(200);
  expect(await answer?.headerValue("content-type")).toContain("text/html");
  await expect(page).toHaveTitle("Harbour at <dawn> & dusk · reflect");
  await expect(page.getByRole("heading", { name: "Harbour at <dawn> & dusk", level: 1 })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");

  const picture = page.getByRole("img", { name: "Harbour at <dawn> & dusk" });
  await expect(picture).toBeVisible();
  await expect(picture).toHaveAttribute("width", "1600");
  await expect(picture).toHaveAttribute("height", "1000");
  await picture.scrollIntoViewIfNeeded();
  await expect(page.getByText("1600 × 1000")).toBeVisible();
  await expect(page.getByText("JPG", { exact: true })).toBeVisible();
  expect((await bytesOf(new URL((await picture.getAttribute("src")) ?? "", server.url).href)).equals(file.buffer)).toBe(true);

  await test.step("the eight links are to be read; what needs a script is not offered", async () => {
    for (const [name, form] of [["Direct link", "url"], ["HTML", "html"], ["Markdown", "markdown"], ["BBCode", "bbcode"], ["Page link", "page"]] as const) {
      await expect(page.getByRole("textbox", { name, exact: true })).toHaveValue(image?.links[form] ?? "");
    }
    await expect(page.locator(".link-row")).toHaveCount(8);
    await expect(page.locator(".js-only").filter({ visible: true })).toHaveCount(0);
  });

  await test.step("Open Graph", async () => {
    expect(await meta(page, "og:title")).toBe("Harbour at <dawn> & dusk");
    expect(await meta(page, "og:url")).toBe(image?.links.page);
    expect(await meta(page, "og:image")).toBe(`${image?.links.url}?w=1280&f=jpeg`);
    expect(await meta(page, "og:image:width")).toBe("1280");
    expect(await meta(page, "og:image:height")).toBe("800");
    expect(await meta(page, "twitter:card")).toBe("summary_large_image");
    const card = await fetch((await meta(page, "og:image")) ?? "");
    expect([card.status, card.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
    await expect(page.locator('link[rel="canonical"]')).toHaveAttribute("href", image?.links.page ?? "");
  });

  await test.step("oEmbed", async () => {
    const link = page.locator('link[rel="alternate"][type="application/json+oembed"]');
    const oembed = await fetch((await link.getAttribute("href")) ?? "");
    expect(oembed.headers.get("content-type")).toContain("application/json");
    expect(await oembed.json()).toMatchObject({
      version: "1.0",
      type: "photo",
      title: "Harbour at <dawn> & dusk",
      url: image?.links.url,
      width: 1600,
      height: 1000,
    });
  });
  await expectNoSidewaysScroll(page);
  expect(await visitor.cookies(), "a visitor gets no cookie").toEqual([]);
});

test("a visitor who is not signed in sees it, copies a link, and nothing of the owner's", async ({ page, person }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const [image] = await person.api.upload(pngFile("visited.png", 700, 500, 4));
  await open(page, `/p/${image?.slug}`);
  await expectLoaded(page.getByRole("img", { name: "visited" }));
  await page.getByRole("button", { name: "Copy Markdown", exact: true }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(image?.links.markdown);
  await expect(page.getByText(person.name)).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Delete" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Open original" })).toHaveAttribute("href", new URL(image?.links.url ?? "").pathname);
  const answer = await fetch(image?.links.url ?? "");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/png"]);
});

test("a file name is text and nothing else, wherever it stands", { tag: "@once" }, async ({ page, owner, newVisitor }) => {
  const stem = "<img src=x onerror=document.title='owned'> &amp; {braces} 100%";
  const [image] = await owner.api.upload(pngFile(`${stem}.png`, 40, 30));
  const silent = await (await newVisitor({ javaScriptEnabled: false })).newPage();
  for (const visitor of [silent, page]) {
    await visitor.goto(`/p/${image?.slug}`);
    await expect(visitor.getByRole("heading", { level: 1 })).toHaveText(stem);
    await expect(visitor).toHaveTitle(`${stem} · reflect`);
    expect(await meta(visitor, "og:title")).toBe(stem);
    await expect(visitor.locator("img[onerror]")).toHaveCount(0);
  }
  await open(page, `/gallery?view=${image?.slug}`);
  await expect(page.getByRole("dialog").getByRole("heading", { level: 2 })).toHaveText(`${stem}.png`);
  await expect(page).toHaveTitle("Gallery · reflect");
});

test("an address that nothing is at says so, with status 404", async ({ page }) => {
  for (const address of ["/p/abcdefghijklmno", "/p/nonsense", "/no-such-page"]) {
    const answer = await page.goto(address);
    expect(answer?.status(), address).toBe(404);
    await expect(page.getByRole("heading", { name: "Nothing here" })).toBeVisible();
    await expect(page).toHaveTitle("Nothing here · reflect");
  }
});
