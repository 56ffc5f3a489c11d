import { expect, hydrated, open, test } from "../support/reflect.ts";

test("the process is healthy", async ({ request }) => {
  const answer = await request.get("/healthz");
  expect(answer.status()).toBe(200);
});

test("the first page bears the name and starts without an error", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveTitle(/reflect/i);
  await expect(page.locator("body")).toContainText(/reflect/i);
});

/** Parts of the program, in their folder. */
const PARTS = /\/pkg\/[0-9a-f]+\/\w+\.wasm$/;

test("a part of the program that doesn't come at first is asked for until it does", { tag: "@once" }, async ({ page, owner }) => {
  expect(owner.name).toBeTruthy();
  let asked = 0;
  let part: string | undefined;
  await page.route(PARTS, (route) => {
    part ??= route.request().url();
    if (route.request().url() !== part) return route.continue();
    asked += 1;
    return asked <= 2 ? route.abort() : route.continue();
  });
  await open(page, "/settings");
  expect(asked).toBe(3);
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a page whose parts are gone, since the server has others by now, is loaded anew, but once", { tag: "@once" }, async ({ page, owner }) => {
  expect(owner.name).toBeTruthy();
  await open(page, "/gallery");
  const bin = page.getByRole("link", { name: "Bin" }).filter({ visible: true }).first();
  let loads = 0;
  page.on("load", () => (loads += 1));
  const asked = new Map<string, number>();
  await page.route(PARTS, (route) => {
    const url = route.request().url();
    asked.set(url, (asked.get(url) ?? 0) + 1);
    return route.fulfill({ status: 404 });
  });
  const loaded = page.waitForEvent("load");
  await bin.click();
  await loaded;
  // A server that has them again is found by asking, not by loading the page over and over.
  await hydrated(page);
  asked.clear();
  await bin.click();
  await expect.poll(() => Math.max(0, ...asked.values())).toBeGreaterThan(2);
  expect(loads).toBe(1);
  await page.unroute(PARTS);
  await expect(page.getByRole("heading", { name: "The bin is empty" })).toBeVisible();
  expect(loads).toBe(1);
});
