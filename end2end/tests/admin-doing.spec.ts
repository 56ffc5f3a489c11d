// Administration by hand: twice at once, with the keyboard, with a code that has lapsed, in both languages.
import type { Page } from "@playwright/test";
import { expectAccessible, inBothSchemes, screenshot } from "../support/page.ts";
import { test } from "../support/posting.ts";
import { expect, newAdmin, newPerson, open, signIn } from "../support/reflect.ts";
import { scanAndStore } from "../support/wizard.ts";

const rows = (page: Page) => page.locator(".things > .thing");
const setting = (page: Page, name: string) => page.locator(`[data-setting="${name}"]`);
const digits = (page: Page) => page.getByRole("textbox", { name: "Six-digit code" });

test("the log asks for a code where it stands, and for more where it ends", async ({ page, ownServer }) => {
  const ada = await newAdmin(ownServer);
  await ownServer.fillLog("ada");
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/admin/audit`);
  const before = await rows(page).count();
  await ownServer.letCodesLapse();
  await test.step("more", async () => {
    await page.getByRole("button", { name: "Load more" }).click();
    await page.getByRole("dialog", { name: "Is it still you?" }).getByRole("textbox").fill(await ada.authenticator.code());
    await expect(rows(page).nth(before)).toBeVisible();
  });
  await ownServer.letCodesLapse();
  await test.step("something else", async () => {
    await page.getByRole("combobox", { name: "What" }).selectOption("Signing in");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page.getByRole("heading", { name: "Is it still you?" })).toBeVisible();
    await inBothSchemes(page);
    await digits(page).fill(await ada.authenticator.code());
    await expect(rows(page).filter({ hasText: "Signed in with a code" })).not.toHaveCount(0);
  });
});

test("a double click makes one invite, and the form is empty for the next", async ({ page, posting }) => {
  const ada = await newAdmin(posting);
  await signIn(page, ada, posting.url);
  await open(page, `${posting.url}/admin/invites`);
  const whom = page.getByRole("textbox", { name: /^For whom/ });
  const address = page.getByRole("textbox", { name: /^Mail it to/ });
  await whom.fill("Grace");
  await address.fill("grace@mail.example");
  // Faster than any answer.
  await page.getByRole("button", { name: "Make an invite" }).evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
  });
  await expect(page.getByText("Also mailed to grace@mail.example.")).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await expect(whom).toHaveValue("");
  await expect(address).toHaveValue("");
  await expect(page.getByRole("spinbutton", { name: /^Good for/ })).not.toHaveValue("");
  await test.step("one that is refused leaves the link of the last", async () => {
    await page.getByRole("textbox", { name: /^Space/ }).fill("much");
    await page.getByRole("button", { name: "Make an invite" }).click();
    await expect(page.getByText("“Space” is an amount such as 512 MiB")).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Link", exact: true })).toHaveValue(/\/enrol\//);
  });
  await test.step("the focus is not on the next invite's button when one is revoked", async () => {
    await page.getByRole("textbox", { name: /^Space/ }).fill("");
    await page.getByRole("button", { name: "Make an invite" }).click();
    await expect(rows(page)).toHaveCount(2);
    await rows(page).first().getByRole("button", { name: "Revoke" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByText("The invite is revoked: its link no longer works.")).toBeVisible();
    await expect(rows(page)).toHaveCount(1);
    await expect(page.getByRole("heading", { name: "Open invites" })).toBeFocused();
    await inBothSchemes(page);
  });
});

test("a reset link stays on show while more is done to the account", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newAdmin(ownServer);
  await newPerson(ownServer, "bob");
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/admin/users`);
  await rows(page).getByRole("link", { name: "bob", exact: true }).click();
  await page.getByRole("button", { name: "Make a reset link" }).click();
  const link = page.getByRole("textbox", { name: "Link", exact: true });
  const address = await link.inputValue();
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByText("Signed out everywhere.")).toBeVisible();
  await page.getByRole("button", { name: "Make administrator" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("h1 .badge")).toHaveText("Administrator");
  await expect(page.getByText("Saved")).toBeVisible();
  await expect(page.getByRole("button", { name: "Take administration away" })).toBeFocused();
  await expect(link).toHaveValue(address);
});

test("an account in strange hands is shut at once, and its owner comes back by the link", async ({ page, ownServer, newVisitor }) => {
  const ada = await newAdmin(ownServer);
  const bob = await newPerson(ownServer, "bob");
  const stranger = await (await newVisitor()).newPage();
  await signIn(stranger, bob, ownServer.url);
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/admin/users`);
  await rows(page).getByRole("link", { name: "bob", exact: true }).click();
  await page.getByRole("button", { name: "Force a reset" }).click();
  await expect(page.locator("h1 .badge")).toHaveText("Suspended");
  const link = page.getByRole("textbox", { name: "Link", exact: true });
  await expect(link).toHaveValue(/\/enrol\//);
  await expectAccessible(page);
  await expect(page.getByRole("button", { name: "Make a reset link" })).toBeDisabled();
  await open(stranger, `${ownServer.url}/gallery`);
  await expect(stranger.getByRole("link", { name: "Sign in" }).first()).toBeVisible();

  const owner = await (await newVisitor()).newPage();
  await open(owner, await link.inputValue());
  await owner.getByRole("button", { name: "Continue" }).click();
  await scanAndStore(owner);
  await expect(owner.getByText("Welcome back, bob")).toBeVisible();
  await open(page, page.url());
  await expect(page.locator("h1 .badge")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Make a reset link" })).toBeEnabled();
});

test("back to default is what the field shows, whatever was typed", async ({ page, ownServer }) => {
  const ada = await newAdmin(ownServer);
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/admin/settings`);
  const hours = setting(page, "session_hours").getByRole("spinbutton");
  const usual = await hours.inputValue();
  await hours.fill("7");
  await setting(page, "session_hours").getByRole("button", { name: "Save" }).click();
  await expect(setting(page, "session_hours")).toContainText("Changed here");
  await hours.fill("9");
  await setting(page, "session_hours").getByRole("button", { name: "Back to default" }).click();
  await expect(setting(page, "session_hours")).toContainText("As set at start");
  await expect(hours).toHaveValue(usual);
  const signUp = setting(page, "sign_up").getByRole("combobox");
  await signUp.selectOption("Closed");
  await setting(page, "sign_up").getByRole("button", { name: "Save" }).click();
  await setting(page, "sign_up").getByRole("button", { name: "Back to default" }).click();
  await expect(setting(page, "sign_up")).toContainText("As set at start");
  await expect(signUp).toHaveValue("invite");
});

test("mail is narrowed when it is asked for, and every page has a name of its own", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newAdmin(ownServer);
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/admin/mail`);
  await page.getByRole("combobox", { name: "State" }).selectOption("failed");
  await expect(page).toHaveURL(/\/admin\/mail$/);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(/\/admin\/mail\?state=failed$/);
  await expect(page.getByText("No mail here.")).toBeVisible();
  const titles = new Set<string>();
  let pages = 0;
  for (const nav of ["Administration", "Settings"]) {
    await open(page, `${ownServer.url}${nav === "Settings" ? "/settings" : "/admin"}`);
    const links = page.getByRole("navigation", { name: nav }).getByRole("link");
    const sections = (await links.allInnerTexts()).filter((name) => nav === "Administration" || name !== "Administration");
    for (const section of sections) {
      await links.filter({ hasText: new RegExp(`^${section}$`) }).click();
      await expect(page).toHaveTitle(`${section} · ${nav} · reflect`);
      titles.add(await page.title());
      pages += 1;
    }
  }
  expect(pages).toBeGreaterThan(10);
  expect(titles.size).toBe(pages);
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("refusals and the log have no English in them", async ({ page, ownServer }) => {
    const ada = await newAdmin(ownServer);
    await signIn(page, ada, ownServer.url);
    await open(page, `${ownServer.url}/admin/settings`);
    const quota = setting(page, "quota");
    await quota.getByRole("textbox").fill("much");
    await quota.getByRole("button", { name: "保存" }).click();
    await expect(page.getByText("“空间”应为一个大小，例如 512 MiB 或 10 GiB，最多 1024 TiB。")).toBeVisible();
    await setting(page, "sign_up").getByRole("combobox").selectOption("closed");
    await setting(page, "sign_up").getByRole("button", { name: "保存" }).click();
    await expect(setting(page, "sign_up")).toContainText("已在此更改");
    await open(page, `${ownServer.url}/admin/invites`);
    await expect(page.getByText("注册已关闭：既不能创建邀请，也不能使用邀请。")).toBeVisible();
    await expect(page.getByRole("button", { name: "创建邀请" })).toHaveCount(0);
    await expectAccessible(page);
    await open(page, `${ownServer.url}/admin/audit`);
    await expect(rows(page).first()).toContainText("“注册”已由 凭邀请 改为 关闭");
    await expectAccessible(page);
    await screenshot(page, `admin-log-zh-${page.viewportSize()?.width}`);
  });
});
