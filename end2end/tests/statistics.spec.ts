// How often images are seen by others, and what they take: counted while they are served, shown in the settings and the viewer.
import type { Page } from "@playwright/test";
import { jpegFile, pngFile } from "../support/images.ts";
import { expectNoSidewaysScroll, inBothSchemes } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectLoaded, expectShown, viewer } from "../support/viewer.ts";

const card = (page: Page, title: string) =>
  page.getByRole("main").locator("section.card").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

test("views by others are counted and shown, the gallery's own aren't", async ({ page, owner, newVisitor }) => {
  test.setTimeout(120_000);
  const [often, seldom] = await owner.api.upload(jpegFile("often.jpg", 900, 600, 1), pngFile("seldom.png", 300, 200, 2));

  await test.step("the owner looks, which is no view", async () => {
    await open(page, `/gallery?view=${often?.slug}`);
    await expectShown(page, "often.jpg");
    await open(page, `/gallery?view=${seldom?.slug}`);
    await expectShown(page, "seldom.png");
  });

  await test.step("others do", async () => {
    for (const address of [often?.links.url, often?.links.thumbnail, seldom?.links.url]) {
      expect((await fetch(address ?? "")).status).toBe(200);
    }
    // A visitor's browser, on the page for others.
    const visitor = await (await newVisitor()).newPage();
    await open(visitor, `/p/${often?.slug}`);
    await expectLoaded(visitor.getByRole("img", { name: "often" }));
    // Views are written down every ten seconds.
    await expect.poll(() => owner.api.views(often!), { timeout: 30_000 }).toBe(3);
    expect(await owner.api.views(seldom!)).toBe(1);
  });

  await test.step("in the settings", async () => {
    await open(page, "/settings");
    await page.getByRole("link", { name: "Statistics", exact: true }).click();
    const views = card(page, "Views");
    await expect(views.getByText("Views: 4", { exact: true })).toBeVisible();
    const plot = views.getByRole("img", { name: "Views, the last 30 days. On the last day: 4." });
    await expect(plot.locator("rect")).toHaveCount(1);
    await views.getByText("As a table").click();
    await expect(views.getByRole("row")).toHaveCount(31);
    await expect(views.getByRole("row").nth(1).getByRole("cell")).toHaveText("4");
    const most = card(page, "Most viewed").getByRole("listitem");
    await expect(most).toHaveCount(2);
    await expect(most.first()).toContainText("often.jpg");
    await expect(most.first()).toContainText("Views: 3");
    await expect(card(page, "Space by type").getByRole("img", { name: /^Space by type: (JPG|PNG) .*, (JPG|PNG) / })).toBeVisible();
    const months = card(page, "Images by month");
    await months.getByText("As a table").click();
    await expect(months.getByRole("row").nth(1).getByRole("cell")).toHaveText("2");
    await inBothSchemes(page);
    await page.getByRole("button", { name: "365 days" }).click();
    await expect(views.getByRole("img", { name: "Views, the last 365 days. On the last day: 4." })).toBeVisible();
    await expect(page.getByRole("button", { name: "365 days" })).toHaveAttribute("aria-pressed", "true");
    await inBothSchemes(page);
    await most.first().getByRole("link", { name: "often.jpg" }).click();
    await expectShown(page, "often.jpg");
  });

  await test.step("in the viewer, when they are asked for", async () => {
    const asked: string[] = [];
    page.on("request", (request) => void (request.url().includes("image-statistics") && asked.push(request.url())));
    await open(page, `/gallery?view=${often?.slug}`);
    await expectShown(page, "often.jpg");
    await expect(viewer(page).getByLabel("Title", { exact: true })).toBeVisible();
    expect(asked, "nobody asked").toEqual([]);
    await viewer(page).getByText("Views", { exact: true }).click();
    const plot = viewer(page).getByRole("img", { name: "Views, the last 30 days. On the last day: 3." });
    await plot.scrollIntoViewIfNeeded();
    await expect(plot).toBeVisible();
    expect(asked).toHaveLength(1);
    await inBothSchemes(page);
  });

  await test.step("in Chinese, and narrow", async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.context().addCookies([{ name: "reflect_language", value: "zh", url: page.url() }]);
    await open(page, "/settings/statistics");
    await expect(page.getByRole("heading", { name: "统计", level: 1 })).toBeVisible();
    await expect(page.getByRole("img", { name: "浏览次数，最近 30 天。最后一天：4。" })).toBeVisible();
    await expectNoSidewaysScroll(page);
    await inBothSchemes(page);
  });
});

test("an account without images has figures too", async ({ page, owner }) => {
  expect(owner.name).toBeTruthy();
  await open(page, "/settings/statistics");
  await expect(card(page, "Views").getByText("Views: 0", { exact: true })).toBeVisible();
  await expect(page.getByText("Nothing was seen in these days.")).toBeVisible();
  await expect(page.getByText("There are no images yet.")).toBeVisible();
  await inBothSchemes(page);
});
