import { expect, test } from "../support/reflect.ts";

test("the process is healthy", async ({ request }) => {
  const answer = await request.get("/healthz");
  expect(answer.status()).toBe(200);
});

test("the first page bears the name and starts without an error", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveTitle(/reflect/i);
  await expect(page.locator("body")).toContainText(/reflect/i);
});
