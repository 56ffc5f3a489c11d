// An administrator invites somebody by mail, who enrols on a phone and gets their space.
import { expectAccessible, expectNoSidewaysScroll, inBothSchemes, screenshot } from "../support/page.ts";
import { test } from "../support/posting.ts";
import { expect, newAdmin, open, signIn } from "../support/reflect.ts";
import { Authenticator } from "../support/totp.ts";

const WORDS = {
  "en-US": {
    whom: /^For whom/,
    space: /^Space/,
    mailTo: /^Mail it to/,
    invite: "Make an invite",
    once: "The link works once.",
    link: "Link",
    subject: "invited",
    name: "Name",
    next: "Continue",
    scanned: "I have scanned it",
    code: "Six-digit code",
    stored: "I have stored them safely",
    recoveryCode: "Recovery code",
    finish: "Finish",
    welcome: "Welcome back, grace",
    used: "of 64.0 MiB used",
    none: "No invite is open.",
    kind: "Invite",
  },
  "zh-CN": {
    whom: /^给谁/,
    space: /^空间/,
    mailTo: /^发送到邮箱/,
    invite: "创建邀请",
    once: "链接只能使用一次",
    link: "链接",
    subject: "邀请",
    name: "用户名",
    next: "继续",
    scanned: "我已扫描",
    code: "六位验证码",
    stored: "我已妥善保存",
    recoveryCode: "恢复码",
    finish: "完成",
    welcome: "欢迎回来，grace",
    used: "共 64.0 MiB",
    none: "没有未使用的邀请。",
    kind: "邀请",
  },
};

for (const [locale, words] of Object.entries(WORDS)) {
  test.describe(locale, () => {
    test.use({ locale });

    test("an administrator invites somebody by mail, who enrols on a phone and gets their space", async ({
      page,
      posting,
      mail,
      newVisitor,
    }) => {
      test.setTimeout(120_000);
      const ada = await newAdmin(posting);
      await signIn(page, ada, posting.url);
      await open(page, `${posting.url}/admin/invites`);
      await page.getByRole("textbox", { name: words.whom }).fill("Grace");
      await page.getByRole("textbox", { name: words.space }).fill("64 MiB");
      await page.getByRole("textbox", { name: words.mailTo }).fill("grace@mail.example");
      await page.getByRole("button", { name: words.invite }).click();
      await expect(page.getByText(words.once)).toBeVisible();
      const rows = page.locator(".things > .thing");
      await expect(rows.filter({ hasText: "Grace" })).toHaveCount(1);
      await inBothSchemes(page);
      const told = await mail.waitFor("grace@mail.example", words.subject);
      const link = await page.getByRole("textbox", { name: words.link, exact: true }).inputValue();
      expect(told.links).toContain(link);

      const phone = await newVisitor({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
      const hers = await phone.newPage();
      await open(hers, link);
      await expectAccessible(hers);
      await expectNoSidewaysScroll(hers);
      await screenshot(hers, `invited-${locale}`);
      await hers.getByRole("textbox", { name: words.name, exact: true }).fill("grace");
      await hers.getByRole("button", { name: words.next }).click();
      const secret = (await hers.locator(".secret code").innerText()).replaceAll(" ", "");
      await hers.getByRole("button", { name: words.scanned }).click();
      await hers.getByRole("textbox", { name: words.code }).fill(await new Authenticator(secret).code());
      await hers.getByRole("checkbox", { name: words.stored }).check();
      await hers.getByRole("textbox", { name: words.recoveryCode }).fill(await hers.locator(".codes code").first().innerText());
      await hers.getByRole("button", { name: words.finish }).click();
      await expect(hers.getByText(words.welcome)).toBeVisible();
      await open(hers, `${posting.url}/settings`);
      await expect(hers.getByText(words.used)).toBeVisible();
      await expectAccessible(hers);
      await expectNoSidewaysScroll(hers);

      await open(page, `${posting.url}/admin/invites`);
      await expect(page.getByText(words.none)).toBeVisible();
      await open(page, `${posting.url}/admin/mail?state=sent`);
      await expect(rows.filter({ hasText: "grace@mail.example" }).first()).toContainText(words.kind);
    });
  });
}
