// Ten thousand pictures: any place is a movement away, nothing is blank, and the page stays small.
import type { Page } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { dropFiles, expectAccessible, expectNoSidewaysScroll } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectShown, viewer } from "../support/viewer.ts";

const IMAGES = 10_000;
/** Tiles in the page, at most: four pages that were asked for, and what has just come. */
const MOST_TILES = 310;

test.setTimeout(180_000);

const months = (page: Page) => page.getByRole("slider", { name: "Months" });

/** What is wrong with what is seen now: points at the left, where every row begins, without a tile or a heading; pictures that aren't there. */
const blanks = (page: Page) =>
  page.evaluate(() => {
    const grid = document.querySelector<HTMLElement>("main > .grid");
    if (!grid) return ["no grid"];
    const box = grid.getBoundingClientRect();
    const bar = document.querySelector(".top-bar")!.getBoundingClientRect().bottom;
    const wrong: string[] = [];
    const tiles = new Set<Element>();
    for (let y = Math.max(bar, box.top) + 12; y < Math.min(innerHeight - 80, box.bottom - 12); y += 24) {
      // A gap between rows is narrower than the step from one point to the other.
      const found = [y, y + 8].flatMap((at) => document.elementsFromPoint(box.left + 20, at)).find((element) => element.matches(".tile, .day"));
      if (!found) wrong.push(`nothing at ${Math.round(y)}`);
      else if (found.matches(".tile")) tiles.add(found);
    }
    for (const tile of tiles) {
      const image = tile.querySelector("img");
      if (!image?.complete || image.naturalWidth === 0) wrong.push(`no pixels in ${tile.getAttribute("data-id")}`);
    }
    return wrong;
  });

async function settles(page: Page, where: string): Promise<void> {
  await expect.poll(() => blanks(page), { message: `rows without blanks: ${where}`, timeout: 15_000 }).toEqual([]);
  expect(await page.locator(".tile").count(), `tiles in the page: ${where}`).toBeLessThanOrEqual(MOST_TILES);
}

/** The first picture that is seen, and where. */
const first = (page: Page) =>
  page.evaluate(() => {
    const bar = document.querySelector(".top-bar")!.getBoundingClientRect().bottom;
    const tile = [...document.querySelectorAll(".tile")].find((one) => one.getBoundingClientRect().bottom > bar + 1);
    return { id: tile?.getAttribute("data-id"), top: Math.round((tile?.getBoundingClientRect().top ?? 0) / 4) };
  });

/** The address names what is seen, some time after it was scrolled to. */
const addressed = (page: Page) => expect(page).toHaveURL(/[?&]at=20\d\d-/);

test("by wheel, End, Home and the months: no row stays blank, and the page stays small", async ({ page, owner, server, isMobile }) => {
  await server.seed(owner.name, IMAGES);
  await open(page, "/gallery");
  await expect(months(page)).toBeVisible();
  await settles(page, "the beginning");
  const height = () => page.evaluate(() => document.documentElement.scrollHeight);
  expect(await height(), "the scroll bar is true to the whole").toBeGreaterThan(100_000);

  await test.step("by wheel", async () => {
    for (let turn = 0; turn < 12; turn++) {
      if (isMobile) await page.evaluate(() => scrollBy(0, 1_500));
      else await page.mouse.wheel(0, 1_500);
      await settles(page, `wheel ${turn}`);
    }
    for (let turn = 0; turn < 4; turn++) {
      if (isMobile) await page.evaluate(() => scrollBy(0, -2_000));
      else await page.mouse.wheel(0, -2_000);
      await settles(page, `wheel back ${turn}`);
    }
  });
  await test.step("End and Home", async () => {
    await page.keyboard.press("End");
    const { id } = await owner.api.oldest();
    await expect(page.locator(".tile").last()).toHaveAttribute("data-id", id);
    await expect(page.locator(".tile").last()).toBeInViewport();
    await settles(page, "the end");
    await page.keyboard.press("Home");
    await expect.poll(async () => (await first(page)).id).toBe((await owner.api.list(1))[0]!.id);
    await settles(page, "home");
    await expect(page).toHaveURL(/\/gallery$/);
  });
  await test.step("by the scroll bar", async () => {
    for (const share of [0.5, 0.1, 0.9, 0.35]) {
      await page.evaluate((share) => scrollTo(0, document.documentElement.scrollHeight * share), share);
      await settles(page, `${share * 100} %`);
    }
  });
  await test.step("by the months, with keys", async () => {
    await months(page).focus();
    await page.keyboard.press("Home");
    await expect(months(page)).toHaveAttribute("aria-valuenow", "0");
    await settles(page, "the newest month");
    const newest = await months(page).getAttribute("aria-valuetext");
    expect(newest).toMatch(/^\w+ 20\d\d, images: \d+$/);
    await page.keyboard.press("PageDown");
    await expect(months(page)).toHaveAttribute("aria-valuenow", "12");
    await settles(page, "a year ago");
    await page.keyboard.press("ArrowDown");
    await expect(months(page)).toHaveAttribute("aria-valuenow", "13");
    const month = (await months(page).getAttribute("aria-valuetext"))!.split(",")[0]!;
    await settles(page, "the month before");
    await expect
      .poll(() =>
        page.locator(".day h2").evaluateAll((days) => days.find((day) => day.getBoundingClientRect().top > 40)?.textContent),
      )
      .toContain(month);
    await page.keyboard.press("End");
    await expect(months(page)).toHaveAttribute("aria-valuenow", (await months(page).getAttribute("aria-valuemax"))!);
    await settles(page, "the first month");
  });
  await test.step("by the months, with the pointer", async () => {
    const box = (await months(page).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.9);
    await page.mouse.down();
    for (const share of [0.7, 0.5, 0.4]) await page.mouse.move(box.x + box.width / 2, box.y + box.height * share);
    await page.mouse.up();
    await settles(page, "the pointer");
    const [now, most] = await Promise.all(["now", "max"].map(async (of) => Number(await months(page).getAttribute(`aria-value${of}`))));
    expect(now! / most!).toBeGreaterThan(0.1);
    expect(now! / most!).toBeLessThan(0.9);
  });
  await expectNoSidewaysScroll(page);
});

test("the place is kept: by reloading, by going back, in the viewer, by deleting, by uploads", async ({ page, owner, server }) => {
  test.setTimeout(120_000);
  await server.seed(owner.name, 2_000);
  await open(page, "/gallery");
  await expect(months(page)).toBeVisible();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await settles(page, "the middle");
  await page.evaluate(() => scrollBy(0, 300));
  await settles(page, "a little on");
  await addressed(page);
  const before = await first(page);
  // A UUIDv7 begins with its milliseconds.
  const momentOf = async (id: string) => new Date(parseInt(id.replace("-", "").slice(0, 12), 16)).toISOString().slice(0, 19);

  await test.step("reload", async () => {
    await expect.poll(async () => decodeURIComponent(new URL(page.url()).search)).toContain(await momentOf(before.id!));
    const at = page.url();
    await page.reload();
    await expect(months(page)).toBeVisible();
    await settles(page, "reloaded");
    expect((await first(page)).id).toBe(before.id);
    expect(page.url()).toBe(at);
  });
  await test.step("back from another page", async () => {
    await page.getByRole("navigation").getByRole("link", { name: "Bin" }).filter({ visible: true }).click();
    await expect(page.getByRole("heading", { name: "Bin", level: 1 })).toBeVisible();
    await page.goBack();
    await settles(page, "back");
    expect((await first(page)).id).toBe(before.id);
  });
  await test.step("the viewer goes on past what was loaded, and leaves one where one looked", async () => {
    await page.locator(`.tile[data-id="${before.id}"] .tile-link`).click();
    const heading = viewer(page).getByRole("heading", { level: 2 }).first();
    // The viewer's code may still be on its way; until then nobody hears keys.
    await expect(heading).toBeVisible();
    const link = viewer(page).getByRole("link", { name: "Public page" });
    const slug = async () => (await link.getAttribute("href"))!.split("/").pop()!;
    const addresses = await page.locator(".tile-link").evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute("href")!));
    const loaded = new Set(addresses.map((address) => new URLSearchParams(address.split("?")[1]).get("view")));
    await expect(async () => {
      for (let n = 0; n < 10; n++) await page.keyboard.press("ArrowRight");
      expect(loaded).not.toContain(await slug());
    }, "what wasn't loaded before").toPass({ timeout: 30_000, intervals: [50] });
    const last = await slug();
    await expectShown(page, (await heading.textContent())!);
    await page.keyboard.press("Escape");
    await expect(viewer(page)).toHaveCount(0);
    await expect(page.locator(`.tile-link[href$="view=${last}"]`)).toBeInViewport();
    await settles(page, "after the viewer");
  });
  await test.step("delete and undo", async () => {
    const tile = page.locator(`.tile[data-id="${(await first(page)).id}"] ~ .tile`).nth(1);
    // Brings it into sight first, which may move the page.
    await tile.getByRole("checkbox").check();
    await settles(page, "selected");
    const here = await first(page);
    await page.getByRole("region", { name: "1 selected" }).getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText("is in the bin")).toBeVisible();
    await settles(page, "deleted");
    expect((await first(page)).id).toBe(here.id);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByText("Back in the gallery")).toBeVisible();
    await settles(page, "undone");
    expect(await first(page)).toEqual(here);
  });
  await test.step("what is uploaded meanwhile is at the top, and moves nothing here", async () => {
    const here = await first(page);
    await dropFiles(page, "main", [jpegFile("meanwhile.jpg", 300, 200, 5)]);
    await expect(page.getByRole("region", { name: "Uploads" }).getByText("Uploaded: 1")).toBeVisible();
    expect(await first(page)).toEqual(here);
    await page.evaluate(() => scrollTo(0, 0));
    await expect(page.getByRole("link", { name: "Open meanwhile.jpg" })).toBeInViewport();
    await settles(page, "the top");
  });
});

test("what has the focus isn't under the bar", async ({ page, owner, server, isMobile }) => {
  test.skip(isMobile, "for a keyboard");
  await server.seed(owner.name, 300);
  await open(page, "/gallery");
  await expect(months(page)).toBeVisible();
  await page.evaluate(() => scrollTo(0, 6_000));
  await settles(page, "farther down");
  const hidden = () =>
    page.evaluate(() => {
      const bar = document.querySelector(".top-bar")!.getBoundingClientRect().bottom;
      return Math.max(0, bar - document.activeElement!.getBoundingClientRect().top);
    });
  await page.locator(`.tile[data-id="${(await first(page)).id}"] ~ .tile .tile-link`).nth(12).focus();
  for (const [key, times] of [["ArrowUp", 8], ["Shift+Tab", 16]] as const) {
    for (let n = 0; n < times; n++) {
      await page.keyboard.press(key);
      await expect(page.locator(".tile :focus")).toHaveCount(1);
      expect(await hidden(), `${key} ${n}`).toBe(0);
    }
  }
});

test("who holds an arrow asks for little, and the address follows at rest", { tag: "@once" }, async ({ page, owner, server }) => {
  await server.seed(owner.name, 200);
  const images = await owner.api.list(60);
  await page.addInitScript(() => {
    const replace = history.replaceState.bind(history);
    Object.assign(globalThis, { replaced: 0 });
    history.replaceState = (...words) => {
      (globalThis as unknown as { replaced: number }).replaced += 1;
      replace(...words);
    };
  });
  await open(page, `/gallery?view=${images[0]!.slug}`);
  await expectShown(page, images[0]!.filename);
  await expect(viewer(page).getByRole("textbox", { name: "Title" })).toBeVisible();
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/image-details")) asked.push(request.url());
  });
  const replaced = () => page.evaluate(() => (globalThis as unknown as { replaced: number }).replaced);
  const before = await replaced();
  await page.evaluate(async () => {
    const { port1, port2 } = new MessageChannel();
    for (let n = 0; n < 40; n++) {
      dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
      await new Promise((pass) => {
        port1.onmessage = pass;
        port2.postMessage(0);
      });
    }
  });
  await expectShown(page, images[40]!.filename);
  await expect(page).toHaveURL(new RegExp(`view=${images[40]!.slug}`));
  await expect(viewer(page).getByRole("textbox", { name: "Title" })).toBeVisible();
  expect(asked.length, "details asked for").toBeLessThan(10);
  expect((await replaced()) - before, "changes of the address").toBeLessThan(10);
});

test("a month and a day have addresses; what is newer is above", async ({ page, owner, server }) => {
  await server.seed(owner.name, 3_000);
  const year = new Date().getUTCFullYear() - 1;
  await open(page, `/gallery?at=${year}-03`);
  await expect
    .poll(() =>
      page.locator(".day h2").evaluateAll((days) => days.find((day) => day.getBoundingClientRect().top > 40)?.textContent),
    )
    .toContain(`March ${year}`);
  await expect(months(page)).toHaveAttribute("aria-valuetext", new RegExp(`^March ${year}`));
  await settles(page, "a month");
  await page.evaluate(() => scrollBy(0, -900));
  await settles(page, "above it");
  await expect(page.getByRole("heading", { level: 2, name: `April ${year}` }).last()).toBeAttached();
  await test.step("without scripts too", async () => {
    const answer = await page.request.get(`/gallery?at=${year}-03-14`);
    expect(answer.status()).toBe(200);
    expect(/<time datetime="([^"]+)"/.exec(await answer.text())?.[1]! <= `${year}-03-14`).toBe(true);
  });
  await test.step("what is no place says so", async () => {
    expect((await page.request.get("/gallery?at=sometime")).status()).toBe(400);
  });
  await expectAccessible(page);
});

test("a search has no months, and keeps its place and itself in the viewer", { tag: "@once" }, async ({ page, owner, server }) => {
  await server.seed(owner.name, 3_000);
  await open(page, "/gallery?q=IMG");
  await expect(page.locator(".tile").first()).toBeVisible();
  for (let turn = 0; turn < 6; turn++) {
    await page.evaluate(() => scrollBy(0, 2_000));
    await settles(page, `turn ${turn}`);
  }
  await expect(months(page)).toHaveCount(0);
  await addressed(page);
  const here = await first(page);
  await page.locator(`.tile[data-id="${here.id}"] ~ .tile .tile-link`).first().click();
  await expect(viewer(page)).toBeVisible();
  await expect(page).toHaveURL(/q=IMG/);
  await page.keyboard.press("Escape");
  await expect(viewer(page)).toHaveCount(0);
  await page.reload();
  await settles(page, "reloaded");
  await expect(page.locator(".tile").first().getByRole("link")).toHaveAttribute("aria-label", /IMG/);
});

test("whoever rests asks for nothing, in windows of any height", { tag: "@once" }, async ({ page, owner, server }) => {
  await server.seed(owner.name, 3_000);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/app/list-images")) asked.push(request.url());
  });
  for (const [width, height] of [[844, 360], [1280, 450], [390, 844]] as const) {
    await page.setViewportSize({ width, height });
    await open(page, "/gallery");
    await expect(months(page)).toBeVisible();
    // Far enough that tiles are taken out above and below.
    for (let turn = 0; turn < 14; turn++) {
      await page.evaluate(() => scrollBy(0, innerHeight * 2));
      await settles(page, `${width}×${height}, turn ${turn}`);
    }
    for (const share of [0, 0.4, 0.8]) {
      await page.evaluate((share) => scrollBy(0, innerHeight * share), share);
      await settles(page, `${width}×${height}, ${share} on`);
      await page.waitForTimeout(1_000);
      const before = asked.length;
      await page.waitForTimeout(1_500);
      expect(asked.length - before, `asked at rest, ${width}×${height}, ${share} on`).toBe(0);
    }
  }
});

test("a linked place is where it says, whichever answer comes first", { tag: "@once" }, async ({ page, owner, server }) => {
  await server.seed(owner.name, 3_000);
  const year = new Date().getUTCFullYear() - 1;
  await page.route("**/api/app/timeline*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await route.continue();
  });
  await open(page, `/gallery?at=${year}-03`);
  await expect(months(page)).toBeVisible();
  await settles(page, "the months are late");
  await expect(months(page)).toHaveAttribute("aria-valuetext", new RegExp(`^March ${year}`));
});
