// Somebody deletes their account, which asks for a fresh code and for its name, and nothing of it is left.
import type { Page } from "@playwright/test";
import { pngFile } from "../support/images.ts";
import { expectAccessible, expectNoSidewaysScroll, inBothSchemes, screenshot } from "../support/page.ts";
import { expect, newAdmin, newPerson, open, signIn, test } from "../support/reflect.ts";

const WORDS = {
  "en-US": {
    remove: "Delete my account",
    question: "Delete your account and everything in it?",
    type: "Type the name to confirm",
    other: "That is not the account’s name. Nothing was deleted.",
    cancel: "Cancel",
    still: "Is it still you?",
    gone: "Your account is deleted.",
    signIn: "Sign in",
  },
  "zh-CN": {
    remove: "删除我的账户",
    question: "删除你的账户及其所有内容？",
    type: "输入用户名以确认",
    other: "这不是该账户的用户名，没有删除任何内容。",
    cancel: "取消",
    still: "还是你本人吗？",
    gone: "你的账户已删除。",
    signIn: "登录",
  },
};

const asked = (page: Page, question: string) => page.getByRole("alertdialog", { name: question });

for (const [locale, words] of Object.entries(WORDS)) {
  test.describe(locale, () => {
    test.use({ locale });

    test("an account goes with its pictures, once its name is typed and a code", async ({ page, ownServer }) => {
      await newAdmin(ownServer, "root");
      const ada = await newPerson(ownServer, "ada");
      const [image] = await ada.api.upload(pngFile("mine.png", 40, 30));
      await signIn(page, ada, ownServer.url);
      await open(page, `${ownServer.url}/settings`);
      const button = page.locator(".settings-body").getByRole("button", { name: words.remove });
      await button.click();
      const dialog = asked(page, words.question);
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await dialog.getByRole("textbox", { name: words.type }).fill("root");
      await dialog.getByRole("button", { name: words.remove }).click();
      await expect(dialog.getByText(words.other)).toBeVisible();
      await inBothSchemes(page);
      await screenshot(page, `leaving-${locale}`);
      await dialog.getByRole("button", { name: words.cancel }).click();
      await expect(dialog).toBeHidden();

      await ownServer.letCodesLapse();
      await button.click();
      await dialog.getByRole("textbox", { name: words.type }).fill("ada");
      await dialog.getByRole("button", { name: words.remove }).click();
      await page.getByRole("dialog", { name: words.still }).getByRole("textbox").fill(await ada.authenticator.code());
      await expect(page.getByText(words.gone)).toBeVisible();
      await expect(page).toHaveURL(`${ownServer.url}/`);
      await expect(page.getByRole("link", { name: words.signIn }).first()).toBeVisible();
      expect((await fetch(image?.links.url ?? "")).status).toBe(404);

      await open(page, `${ownServer.url}/gallery`);
      await expect(page.getByRole("link", { name: words.signIn }).first()).toBeVisible();
    });
  });
}
