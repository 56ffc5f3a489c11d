// The mail address is changed by somebody whose fresh code has lapsed, and who has lost their phone.
import type { Page } from "@playwright/test";
import { inBothSchemes, screenshot } from "../support/page.ts";
import { test } from "../support/posting.ts";
import { expect, newPerson, open, signIn } from "../support/reflect.ts";

const WORDS = {
  "en-US": {
    add: "Add an address",
    address: "New address",
    next: "Continue",
    still: "Is it still you?",
    recovery: "Use a recovery code",
    recoveryCode: "Recovery code",
    code: "Six-digit code",
    subject: "Your code",
    fromMail: "From the mail; good for ten minutes",
    wrong: "That is not the code we mailed.",
    cancel: "Cancel",
    back: "Back",
    often: /That was too soon or too often\. Try again in \d+ s\./,
    changed: "The mail address is changed.",
    left: "9 unused codes left",
  },
  "zh-CN": {
    add: "添加邮箱",
    address: "新邮箱",
    next: "继续",
    still: "还是你本人吗？",
    recovery: "使用恢复码",
    recoveryCode: "恢复码",
    code: "六位验证码",
    subject: "验证码",
    fromMail: "来自邮件，十分钟内有效",
    wrong: "这不是我们发送的验证码。",
    cancel: "取消",
    back: "返回",
    often: /操作过于频繁，请在 \d+ 秒后再试。/,
    changed: "邮箱已更改。",
    left: "还剩 9 个未使用的恢复码",
  },
};

const ADDRESS = "ada@mail.example";
const alert = (page: Page) => page.getByRole("alert").filter({ hasText: /\S/ });

for (const [locale, words] of Object.entries(WORDS)) {
  test.describe(locale, () => {
    test.use({ locale });

    test("a recovery code in between loses nothing, nor does a change of mind", async ({ page, posting, mail }) => {
      const ada = await newPerson(posting, "ada");
      await signIn(page, ada, posting.url);
      await open(page, `${posting.url}/settings`);
      const dialog = page.getByRole("dialog", { name: words.still });
      const code = page.locator(".settings-body").getByRole("textbox", { name: words.code });
      await test.step("a recovery code lets the change begin", async () => {
        await page.getByRole("button", { name: words.add }).click();
        const field = page.getByRole("textbox", { name: words.address });
        await expect(field).toBeFocused();
        await field.fill(ADDRESS);
        await posting.letCodesLapse();
        await page.getByRole("button", { name: words.next }).click();
        await dialog.getByRole("button", { name: words.recovery }).click();
        await dialog.getByRole("textbox", { name: words.recoveryCode }).fill(ada.recovery_codes[0] ?? "");
        await dialog.getByRole("button", { name: words.next }).click();
        // The account is asked for anew, since there is one code less.
        await expect(page.getByText(words.left)).toBeVisible();
        await expect(code).toBeVisible();
        await inBothSchemes(page);
        await screenshot(page, `mail-address-${locale}-${page.viewportSize()?.width}`);
      });
      const proof = (await mail.waitFor(ADDRESS, words.subject)).code ?? "";
      await test.step("a wrong one is told from one of the app", async () => {
        await code.fill(proof === "000000" ? "000001" : "000000");
        await expect(alert(page)).toContainText(words.wrong);
      });
      await test.step("who asks again at once is told how long to wait", async () => {
        await page.getByRole("button", { name: words.back }).click();
        await expect(page.getByRole("textbox", { name: words.address })).toHaveValue(ADDRESS);
        await page.getByRole("button", { name: words.next }).click();
        await expect(alert(page)).toHaveText(words.often);
      });
    });

    test("a dialog that is cancelled leaves the mailed code to be typed", async ({ page, posting, mail }) => {
      const ada = await newPerson(posting, "ada");
      await signIn(page, ada, posting.url);
      await open(page, `${posting.url}/settings`);
      await page.getByRole("button", { name: words.add }).click();
      await page.getByRole("textbox", { name: words.address }).fill(ADDRESS);
      await page.getByRole("button", { name: words.next }).click();
      const proof = (await mail.waitFor(ADDRESS, words.subject)).code ?? "";
      const dialog = page.getByRole("dialog", { name: words.still });
      const code = page.locator(".settings-body").getByRole("textbox", { name: words.code });
      await posting.letCodesLapse();
      await code.fill(proof);
      await expect(dialog).toBeVisible();
      await inBothSchemes(page);
      await dialog.getByRole("button", { name: words.cancel }).click();
      await expect(page.getByText(words.fromMail)).toBeVisible();
      await expect(code).toBeEditable();
      await code.fill(proof);
      await dialog.getByRole("textbox", { name: words.code }).fill(await ada.authenticator.code());
      await expect(page.getByText(words.changed)).toBeVisible();
      await expect(page.getByText(ADDRESS, { exact: true })).toBeVisible();
    });
  });
}
