// What is left of the recovery codes, and new ones.
import type { Page } from "@playwright/test";
import { expectNoSidewaysScroll, inBothSchemes } from "../support/page.ts";
import { expect, newPerson, open, signIn, test } from "../support/reflect.ts";

const PAGE = "/settings/recovery-codes";
const codes = (page: Page) => page.locator(".codes li");
const typedBack = (page: Page) => page.getByRole("textbox", { name: "Recovery code" });

// The name is asked for where there are two accounts.
test.beforeEach(async ({ server }) => {
  await newPerson(server);
});

const alert = (page: Page) => page.getByRole("alert").filter({ hasText: /\S/ });

async function recover(page: Page, name: string, text: string): Promise<void> {
  await open(page, "/sign-in");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await typedBack(page).fill(text);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("used codes are struck through; new ones are made by keyboard, and good once one is typed back", async ({ page, person, newVisitor }) => {
  const [used, unused, another] = person.recovery_codes as [string, string, string];
  const elsewhere = await (await newVisitor()).newPage();
  await recover(page, person.name, used);
  await expect(page.getByText("You signed in with a recovery code.")).toBeVisible();
  await open(page, PAGE);
  await expect(page.getByText("9 of 10 are unused.")).toBeVisible();
  await expect(codes(page)).toHaveCount(10);
  const struck = codes(page).filter({ has: page.locator("s") });
  await expect(struck).toHaveCount(1);
  await expect(struck).toContainText(new RegExp(`^····-····-····-··${used.slice(-2)}\\s*used on \\d+ \\w+ \\d{4}$`));
  await expect(page.locator("main")).not.toContainText(unused);
  await inBothSchemes(page);

  await test.step("given up: the old ones stay good", async () => {
    await page.getByRole("button", { name: "Make new codes" }).click();
    await expect(page.getByRole("heading", { name: "Keep these ten recovery codes" })).toBeFocused();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText("9 of 10 are unused.")).toBeVisible();
    await recover(elsewhere, person.name, unused);
    await expect(elsewhere.getByText("8 recovery codes left.")).toBeVisible();
  });

  await page.getByRole("button", { name: "Make new codes" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Keep these ten recovery codes" })).toBeFocused();
  await inBothSchemes(page);
  const shown = await page.locator(".codes code").allInnerTexts();
  await test.step("on paper", async () => {
    await page.emulateMedia({ media: "print" });
    const paper = page.locator(".sheet");
    await expect(paper.getByRole("listitem")).toHaveText(shown);
    await expect(paper.locator("svg"), "the page has no secret").toHaveCount(0);
    await expect(page.locator(".codes")).toBeHidden();
    await page.emulateMedia({ media: null });
  });
  await test.step("typed back", async () => {
    await expect(typedBack(page)).toBeHidden();
    await page.getByRole("checkbox", { name: "I have stored them safely" }).focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await expect(typedBack(page)).toBeFocused();
    await page.keyboard.type(another);
    await page.keyboard.press("Enter");
    await expect(alert(page)).toContainText("That recovery code is not valid.");
    await typedBack(page).fill(shown[4] ?? "");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Your new recovery codes are good from now on.")).toBeVisible();
    await expect(page.getByText("10 of 10 are unused.")).toBeVisible();
    await expect(page.locator("main")).not.toContainText(shown[4] ?? "");
  });
  await test.step("the old ones are void", async () => {
    await recover(elsewhere, person.name, another);
    await expect(alert(elsewhere)).toContainText("That recovery code is not valid.");
    await recover(elsewhere, person.name, shown[4] ?? "");
    await expect(elsewhere.getByText("9 recovery codes left.")).toBeVisible();
  });
});

test("who is signed in but has lost the phone confirms with a recovery code", async ({ page, person }) => {
  await open(page, "/sign-in");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(person.name);
  await page.getByRole("checkbox", { name: "Trust this device for 90 days" }).check();
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(await person.authenticator.code());
  await page.waitForURL(/\/gallery$/);
  await page.locator(".account-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: `Continue as ${person.name}` }).click();
  await page.waitForURL(/\/gallery$/);
  await open(page, PAGE);
  await page.getByRole("button", { name: "Make new codes" }).click();
  const dialog = page.getByRole("dialog", { name: "Is it still you?" });
  await dialog.getByRole("button", { name: "Use a recovery code" }).click();
  await inBothSchemes(page);
  await typedBack(page).fill("0000-0000-0000-0000");
  await page.keyboard.press("Enter");
  await expect(alert(page)).toContainText("That recovery code is not valid.");
  await typedBack(page).fill(person.recovery_codes[0] ?? "");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Keep these ten recovery codes" })).toBeVisible();
  await expect(dialog).toBeHidden();
});

test("that few are left is told at sign-in and in the settings", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await ownServer.alter(
    "UPDATE recovery_codes SET used_at = now() WHERE id IN (SELECT id FROM recovery_codes ORDER BY id LIMIT 8)",
  );
  await signIn(page, ada, ownServer.url);
  await expect(page.getByText("Few recovery codes are left. Make new ones in the settings.")).toBeVisible();
  await open(page, `${ownServer.url}/settings`);
  await expect(page.getByText("2 unused codes left")).toBeVisible();
  await page.getByRole("link", { name: "Make new codes" }).click();
  await expect(page.getByText("Few recovery codes are left.")).toBeVisible();
  await expect(page.getByText("2 of 10 are unused.")).toBeVisible();
});

test("in Chinese", async ({ person, newVisitor }) => {
  const page = await (await newVisitor({ locale: "zh-CN" })).newPage();
  await signIn(page, person);
  await open(page, PAGE);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("恢复码");
  await expect(page.getByText("共 10 个，未使用 10 个。")).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: "生成新的恢复码" }).click();
  await expect(page.locator(".codes code")).toHaveCount(10);
  await page.getByRole("checkbox").check();
  await page.locator(".recovery-input").fill(await page.locator(".codes code").first().innerText());
  await page.getByRole("button", { name: "完成" }).click();
  await expect(page.getByText("新的恢复码已生效，旧的已作废。")).toBeVisible();
});
