// Devices that sign in without a code, and the places where one is signed in.
import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll, inBothSchemes } from "../support/page.ts";
import { expect, newPerson, open, signIn, test } from "../support/reflect.ts";

const code = (page: Page) => page.getByRole("textbox", { name: "Six-digit code" });
const rows = (page: Page) => page.locator(".thing");

async function signOut(page: Page): Promise<void> {
  await page.locator(".account-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in$/);
}

test("a trusted device signs in by a button, until it is revoked with a fresh code", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await newPerson(ownServer, "grace");
  await test.step("trust it at sign-in", async () => {
    await open(page, `${ownServer.url}/sign-in`);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
    await page.getByRole("checkbox", { name: "Trust this device for 90 days" }).check();
    await code(page).fill(await ada.authenticator.code());
    await expect(page.getByText("Welcome back, ada")).toBeVisible();
    await signOut(page);
  });
  await test.step("continue without a code, twice", async () => {
    for (let time = 1; time <= 2; time++) {
      await open(page, `${ownServer.url}/sign-in`);
      await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
      await expect(code(page)).toHaveCount(0);
      await expectAccessible(page);
      await page.getByRole("button", { name: "Continue as ada" }).click();
      await page.waitForURL(/\/gallery$/);
      if (time === 1) await signOut(page);
    }
  });
  await test.step("call it by a name, which asks for a code once", async () => {
    await open(page, `${ownServer.url}/settings/devices`);
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("This one");
    await inBothSchemes(page);
    await rows(page).getByRole("button", { name: "Rename" }).click();
    await expect(page.getByRole("textbox", { name: "New name" })).toBeFocused();
    await page.keyboard.type("Desk");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Is it still you?" });
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    await code(page).fill(ada.authenticator.wrongCode());
    await expect(dialog.getByRole("alert")).toContainText("That is not right.");
    await code(page).fill(await ada.authenticator.code());
    await expect(rows(page).getByText("Desk")).toBeVisible();
    await expect(rows(page).getByRole("button", { name: "Rename" })).toBeFocused();
  });
  await test.step("revoke it, which needs no other code", async () => {
    await rows(page).getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByText("No device is trusted. Every sign-in needs a code.")).toBeVisible();
    await signOut(page);
    await expect(code(page)).toBeVisible();
  });
});

test("another account can be used on a device that somebody trusts", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  const grace = await newPerson(ownServer, "grace");
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/settings/devices`);
  await page.getByRole("button", { name: "Trust this device" }).click();
  await expect(rows(page)).toHaveCount(1);
  await signOut(page);
  await page.getByRole("button", { name: "Use another account or a code" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("grace");
  await code(page).fill(await grace.authenticator.code());
  await expect(page.getByText("Welcome back, grace")).toBeVisible();
  await open(page, `${ownServer.url}/settings/devices`);
  await expect(rows(page), "ada's device is hers").toHaveCount(0);
});

test("a person sees where they are signed in and ends what isn't theirs any more", async ({ page, owner, newVisitor, server }) => {
  // Three codes, each of its own half minute.
  test.setTimeout(150_000);
  const elsewhere = await (await newVisitor()).newPage();
  await signIn(elsewhere, owner);
  await open(page, "/settings/sessions");
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).filter({ hasText: "This one" })).toHaveCount(1);
  await expect(rows(page).first()).toContainText("Chrome on");
  await inBothSchemes(page);
  await server.letCodesLapse();
  await rows(page).filter({ hasNotText: "This one" }).getByRole("button", { name: "End" }).click();
  await expect(page.getByRole("dialog", { name: "Is it still you?" })).toBeVisible();
  await code(page).fill(await owner.authenticator.code());
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByText(/^The session on Chrome on .* has ended\.$/)).toBeVisible();
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeFocused();
  await open(elsewhere, "/gallery");
  await expect(elsewhere.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
  await server.letCodesLapse();
  await rows(page).getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to see this page" }), "which needs no code").toBeVisible();
});

test("all devices lose their trust, and all other sessions end, at once", { tag: "@once" }, async ({ page, owner, newVisitor }) => {
  // Four sign-ins, each with a code of its own half minute.
  test.setTimeout(180_000);
  const others = [await newVisitor(), await newVisitor()];
  for (const visitor of others) {
    const there = await visitor.newPage();
    await signIn(there, owner);
    await open(there, "/settings/devices");
    await there.getByRole("button", { name: "Trust this device" }).click();
    await expect(rows(there).filter({ hasText: "This one" })).toHaveCount(1);
  }
  await open(page, "/settings/devices");
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Revoke all" }).click();
  await expect(page.getByText("No device is trusted any more.")).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
  const [there] = others.map((visitor) => visitor.pages()[0]);
  await open(there!, "/settings/devices");
  await expect(there!.getByRole("heading", { name: "Sign in to see this page" }), "what it opened has ended").toBeVisible();
  await signIn(there!, owner);
  await open(page, "/settings/sessions");
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "End all others" }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText("This one");
  await open(there!, "/gallery");
  await expect(there!.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
});

test("in Chinese", async ({ person, newVisitor }) => {
  const page = await (await newVisitor({ locale: "zh-CN" })).newPage();
  await signIn(page, person);
  await open(page, "/settings/devices");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("受信任的设备");
  await page.getByRole("button", { name: "信任此设备" }).click();
  await expect(page.getByText("从现在起此设备无需验证码即可登录。")).toBeVisible();
  await expect(rows(page)).toContainText("信任至");
  await expect(rows(page)).not.toContainText(/Trusted|Rename|Revoke|This one/);
  await expectNoSidewaysScroll(page);
  await open(page, "/settings/sessions");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("会话");
  await expect(rows(page)).not.toContainText(/Signed|This one|End/);
  await expectNoSidewaysScroll(page);
});

test("an address below the settings that isn't one", async ({ page, owner }) => {
  expect(owner.name).toBeTruthy();
  await open(page, "/settings/nonsense");
  await expect(page.getByRole("heading", { name: "Nothing here" })).toBeVisible();
});
