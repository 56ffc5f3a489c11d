import { expect, open, test } from "../support/reflect.ts";

test("the process is healthy", async ({ request }) => {
  const answer = await request.get("/healthz");
  expect(answer.status()).toBe(200);
});

test("the first page bears the name and starts without an error", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveTitle(/reflect/i);
  await expect(page.locator("body")).toContainText(/reflect/i);
});

test("a part of the program that doesn't come at first is asked for until it does", async ({ page, owner }) => {
  expect(owner.name).toBeTruthy();
  let asked = 0;
  let part: string | undefined;
  // The first of the parts in their folder.
  await page.route(/\/pkg\/[0-9a-f]+\/\w+\.wasm$/, (route) => {
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
