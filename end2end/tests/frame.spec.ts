// What stands around every page.
import { jpegFile } from "../support/images.ts";
import { expect, open, test } from "../support/reflect.ts";

test("the account's menu goes once something is chosen, with Escape, and with a click elsewhere", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "a phone has the bar at the bottom");
  void owner;
  await open(page, "/gallery");
  const menu = page.locator(".account-menu");
  const opener = menu.locator("summary");
  const settings = menu.getByRole("link", { name: "Settings" });
  await opener.click();
  await expect(settings).toBeVisible();
  await menu.getByRole("combobox").selectOption("zh");
  await expect(menu.getByRole("link", { name: "设置" }), "a choice within it leaves it open").toBeVisible();
  await menu.getByRole("combobox").selectOption("en");
  await page.keyboard.press("Escape");
  await expect(settings).toBeHidden();
  await expect(opener).toBeFocused();
  await opener.click();
  await page.getByRole("heading", { name: "Your gallery is empty" }).click();
  await expect(settings).toBeHidden();
  await opener.click();
  await settings.click();
  await expect(page.getByRole("heading", { name: "Account", level: 1 })).toBeVisible();
  await expect(settings).toBeHidden();
});

test("what is typed into the search stays while the address follows the scrolling", async ({ page, owner }) => {
  test.setTimeout(120_000);
  const files = Array.from({ length: 50 }, (_, n) => jpegFile(`far-${n}.jpg`, 300, 600, n));
  await owner.api.send(files);
  await open(page, "/gallery");
  const field = page.getByRole("searchbox", { name: "Search your images" });
  await page.mouse.move(200, 400);
  await page.mouse.wheel(0, 1500);
  await field.fill("far-7");
  await expect(page).toHaveURL(/[?&]at=/);
  await expect(field).toHaveValue("far-7");
  await field.press("Enter");
  await expect(page.locator(".tile")).toHaveCount(1);
});
