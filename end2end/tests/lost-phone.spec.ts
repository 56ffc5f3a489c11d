// Phone and recovery codes are gone: the operator prints a link, and the account is its owner's again.
import { expect, newAdmin, newPerson, open, signIn, test } from "../support/reflect.ts";
import { expectAccessible, expectNoSidewaysScroll } from "../support/page.ts";
import { Authenticator } from "../support/totp.ts";
import { scanAndStore } from "../support/wizard.ts";

const WORDS = {
  "en-US": {
    title: /Set up your authenticator anew/,
    again: "Welcome back",
    name: "Name",
    email: /E-mail/,
    next: "Continue",
    openApp: "Open in an app on this device",
    scanned: "I have scanned it",
    code: "Six-digit code",
    stored: "I have stored them safely",
    recoveryCode: "Recovery code",
    finish: "Finish",
    welcome: "Welcome back, ada",
    signIn: "Sign in",
    spent: "This link no longer works",
  },
  "zh-CN": {
    title: /重新设置身份验证器/,
    again: "欢迎回来",
    name: "用户名",
    email: /邮箱/,
    next: "继续",
    openApp: "在本机应用中打开",
    scanned: "我已扫描",
    code: "六位验证码",
    stored: "我已妥善保存",
    recoveryCode: "恢复码",
    finish: "完成",
    welcome: "欢迎回来，ada",
    signIn: "登录",
    spent: "此链接已失效",
  },
};

for (const [locale, words] of Object.entries(WORDS)) {
  test.describe(locale, () => {
    test.use({ locale });

    test("who lost phone and codes enrols anew, keeps the pictures, and is signed out everywhere else", async ({
      page,
      ownServer,
      newVisitor,
    }) => {
      const ada = await newPerson(ownServer, "ada");
      const lost = await (await newVisitor()).newPage();
      await signIn(lost, ada, ownServer.url);

      const link = await ownServer.resetLink("ada");
      await open(page, link);
      await expect(page).toHaveTitle(words.title);
      await expect(page.getByRole("heading", { name: words.again })).toBeVisible();
      const name = page.getByRole("textbox", { name: words.name, exact: true });
      await expect(name).toHaveValue("ada");
      await expect(name).not.toBeEditable();
      await expect(page.getByRole("textbox", { name: words.email })).toBeHidden();
      await expectAccessible(page);
      await page.getByRole("button", { name: words.next }).click();

      const href = (await page.getByRole("link", { name: words.openApp }).getAttribute("href")) ?? "";
      const secret = new URL(href).searchParams.get("secret") ?? "";
      expect(secret).not.toBe(ada.secret);
      await expectAccessible(page);
      const authenticator = new Authenticator(secret);
      await page.getByRole("button", { name: words.scanned }).click();
      await page.getByRole("textbox", { name: words.code }).fill(await authenticator.code());
      await expect(page.locator(".codes code")).toHaveCount(10);
      const codes = await page.locator(".codes code").allInnerTexts();
      await page.getByRole("checkbox", { name: words.stored }).check();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await page.getByRole("textbox", { name: words.recoveryCode }).fill(codes[3] ?? "");
      await page.getByRole("button", { name: words.finish }).click();
      await expect(page.getByText(words.welcome)).toBeVisible();

      await test.step("the lost phone's session has ended", async () => {
        await open(lost, `${ownServer.url}/gallery`);
        await expect(lost.getByRole("link", { name: words.signIn }).first()).toBeVisible();
      });
      await test.step("the link is spent", async () => {
        await open(lost, link);
        await expect(lost.getByRole("heading", { name: words.spent })).toBeVisible();
      });
    });
  });
}

test("the operator shuts an account that is in strange hands until its owner has enrolled anew, even the only one", { tag: "@once" }, async ({ page, ownServer, newVisitor }) => {
  const ada = await newAdmin(ownServer, "ada");
  const stranger = await (await newVisitor()).newPage();
  await signIn(stranger, ada, ownServer.url);
  const link = await ownServer.resetLink("ada", "--force");
  await open(stranger, `${ownServer.url}/gallery`);
  await expect(stranger.getByRole("link", { name: "Sign in" }).first()).toBeVisible();
  await expect(ownServer.resetLink("ada")).rejects.toThrow(/suspended/);

  await open(page, link);
  await page.getByRole("button", { name: "Continue" }).click();
  const authenticator = await scanAndStore(page);
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
  const elsewhere = await (await newVisitor()).newPage();
  await signIn(elsewhere, { ...ada, authenticator }, ownServer.url);
});
