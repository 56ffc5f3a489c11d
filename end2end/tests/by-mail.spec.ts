// Making an account where everybody may, and coming back when phone and codes are lost: by mail.
import type { Page } from "@playwright/test";
import type { MailServer } from "../support/mail.ts";
import { expectNoSidewaysScroll, inBothSchemes } from "../support/page.ts";
import { test } from "../support/posting.ts";
import { expect, hydrated, open, signIn } from "../support/reflect.ts";
import type { ReflectServer } from "../support/server.ts";
import type { Authenticator } from "../support/totp.ts";
import { CHINESE, scanAndStore } from "../support/wizard.ts";

test.use({ postingSettings: { REFLECT_SIGN_UP: "open" } });

const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true });
const code = (page: Page) => page.getByRole("textbox", { name: "Six-digit code" });

async function signUp(page: Page, server: ReflectServer, mail: MailServer): Promise<Authenticator> {
  await open(page, `${server.url}/sign-in`);
  await page.getByRole("link", { name: "Make an account" }).click();
  await expect(heading(page, "Make an account")).toBeVisible();
  await inBothSchemes(page);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(heading(page, "What should we call you?")).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill("ada");
  await page.getByRole("textbox", { name: "E-mail" }).fill("ada@mail.example");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(heading(page, "Is this your address?")).toBeVisible();
  await expect(page.getByText("We mailed six digits to ada@mail.example")).toBeVisible();
  await inBothSchemes(page);
  const proof = await mail.waitFor("ada@mail.example", "Your code");
  await code(page).fill(proof.code === "000000" ? "000001" : "000000");
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText("That is not the code we mailed.");
  await code(page).fill(proof.code ?? "");
  return scanAndStore(page);
}

async function signOut(page: Page): Promise<void> {
  await page.locator(".account-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in$/);
}

test("somebody makes an account, loses phone and codes, and comes back by mail", async ({ page, posting, mail }) => {
  const lost = await signUp(page, posting, mail);
  await signOut(page);
  await test.step("ask for the way back", async () => {
    await page.getByRole("link", { name: "Lost both phone and codes? Get a link by mail." }).click();
    await expect(heading(page, "Lost phone and recovery codes?")).toBeVisible();
    await inBothSchemes(page);
    await page.getByRole("textbox", { name: "E-mail" }).fill("ada@mail.example");
    await page.getByRole("button", { name: "Send the link" }).click();
    await expect(heading(page, "Look in your mail")).toBeVisible();
    await inBothSchemes(page);
    await expectNoSidewaysScroll(page);
  });
  const sent = await mail.waitFor("ada@mail.example", "Your way back in");
  const link = sent.links.find((address) => address.includes("/enrol/")) ?? "";
  await test.step("the link leads to a new authenticator", async () => {
    await page.goto(link);
    await hydrated(page);
    await expect(heading(page, "Welcome back")).toBeVisible();
    await page.getByRole("button", { name: "Continue" }).click();
    const found = await scanAndStore(page);
    await signOut(page);
    await code(page).fill(await lost.code());
    await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText("That is not right.");
    await code(page).fill(await found.code());
    // The notice of the enrolment may still be there.
    await expect(page.getByText("Welcome back, ada").last()).toBeVisible();
  });
  await test.step("once", async () => {
    await page.goto(link);
    await expect(heading(page, "This link no longer works")).toBeVisible();
  });
});

test("where sign-up isn't open the page says how accounts are made", async ({ page, person }) => {
  expect(person.name).toBeTruthy();
  await open(page, "/sign-in");
  await expect(page.getByRole("link", { name: "Make an account" })).toHaveCount(0);
  await open(page, "/sign-up");
  await expect(page.getByText("Accounts are not open to everybody here. Were you invited?")).toBeVisible();
  await inBothSchemes(page);
  await open(page, "/reset");
  await expect(page.getByText("Whoever runs this server can make you a new link")).toBeVisible();
  await inBothSchemes(page);
  await test.step("also to somebody who is signed in", async () => {
    await signIn(page, person);
    await open(page, "/reset");
    await expect(page.getByText("Whoever runs this server can make you a new link")).toBeVisible();
    await expect(page.getByRole("textbox")).toHaveCount(0);
  });
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("who lost phone and codes comes back by mail, and every page and mail speaks Chinese", async ({ page, posting, mail }) => {
    await open(page, `${posting.url}/sign-up`);
    await expect(heading(page, "创建账户")).toBeVisible();
    await page.getByRole("button", { name: "继续" }).click();
    await page.getByRole("textbox", { name: "用户名" }).fill("林");
    await page.getByRole("textbox", { name: "邮箱" }).fill("lin@mail.example");
    await page.getByRole("button", { name: "继续" }).click();
    await expect(heading(page, "这是你的邮箱吗？")).toBeVisible();
    const proof = await mail.waitFor("lin@mail.example", "你的验证码");
    await page.getByRole("textbox", { name: "六位验证码" }).fill(proof.code ?? "");
    const lost = await scanAndStore(page, CHINESE);
    await page.locator(".account-menu summary").click();
    await page.getByRole("button", { name: "退出登录" }).click();
    await page.waitForURL(/\/sign-in$/);
    await test.step("ask for the way back", async () => {
      await page.getByRole("link", { name: "手机和恢复码都丢了？通过邮件获取链接。" }).click();
      await expect(heading(page, "手机和恢复码都丢了？")).toBeVisible();
      await page.getByRole("textbox", { name: "邮箱" }).fill("lin@mail.example");
      await page.getByRole("button", { name: "发送链接" }).click();
      await expect(heading(page, "请查看邮箱")).toBeVisible();
      await inBothSchemes(page);
    });
    await test.step("the link leads to a new authenticator", async () => {
      const sent = await mail.waitFor("lin@mail.example", "重新登录的链接");
      expect(sent.text).toContain("API 令牌");
      await page.goto(sent.links.find((address) => address.includes("/enrol/")) ?? "");
      await hydrated(page);
      await expect(heading(page, "欢迎回来")).toBeVisible();
      await expect(page.getByText("受信任的设备、API 令牌以及已关联的身份提供方都会失效")).toBeVisible();
      await inBothSchemes(page);
      await page.getByRole("button", { name: "继续" }).click();
      const found = await scanAndStore(page, CHINESE);
      await page.locator(".account-menu summary").click();
      await page.getByRole("button", { name: "退出登录" }).click();
      await page.waitForURL(/\/sign-in$/);
      await page.getByRole("textbox", { name: "六位验证码" }).fill(await lost.code());
      await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText("不正确。请输入应用当前显示的验证码。");
      await page.getByRole("textbox", { name: "六位验证码" }).fill(await found.code());
      await expect(page.getByText("欢迎回来，林").last()).toBeVisible();
    });
  });
});
