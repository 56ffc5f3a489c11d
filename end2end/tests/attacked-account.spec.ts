// Somebody guesses at an account from many addresses.
import { expectAccessible, expectNoSidewaysScroll } from "../support/page.ts";
import { expect, newPerson, open, test } from "../support/reflect.ts";
import { codeAt } from "../support/totp.ts";

test.use({ serverSettings: { REFLECT_TRUSTED_PROXIES: "127.0.0.1" } });

const WORDS = {
  "en-US": {
    code: "Six-digit code",
    more: "One more code",
    why: "Somebody has been guessing at this account",
    wrong: "That is not right.",
    signIn: "Sign in",
    welcome: "Welcome back, ada",
  },
  "zh-CN": {
    code: "六位验证码",
    more: "还需要一个验证码",
    why: "有人在猜测此账户的验证码",
    wrong: "不正确。",
    signIn: "登录",
    welcome: "欢迎回来，ada",
  },
};

for (const [locale, words] of Object.entries(WORDS)) {
  test.describe(locale, () => {
    test.use({ locale });

    test("a new device is asked for two codes in a row, and told why", async ({ page, ownServer }) => {
      const ada = await newPerson(ownServer, "ada");
      for (const host of [1, 2, 3, 4, 5]) {
        const guess = await fetch(`${ownServer.url}/api/app/sign-in`, {
          method: "POST",
          headers: { "content-type": "application/json", origin: ownServer.url, "x-forwarded-for": `203.0.113.${host}` },
          body: JSON.stringify({ name: "ada", code: ada.authenticator.wrongCode() }),
        });
        expect(guess.status).toBe(401);
      }
      const code = page.getByRole("textbox", { name: words.code });
      const alert = page.getByRole("alert").filter({ hasText: /\S/ });
      const signIn = async (second: string) => {
        await code.fill(codeAt(ada.secret, Date.now()));
        await expect(page.getByRole("heading", { name: words.more })).toBeVisible();
        await expect(page.getByText(words.why)).toBeVisible();
        await expect(code).toBeFocused();
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
        await code.fill(second);
      };
      await open(page, `${ownServer.url}/sign-in`);
      await test.step("a wrong second code begins anew", async () => {
        await signIn(ada.authenticator.wrongCode());
        await expect(alert).toContainText(words.wrong);
        await expect(page.getByRole("heading", { name: words.signIn })).toBeVisible();
      });
      await signIn(codeAt(ada.secret, Date.now() + 30_000));
      await expect(page.getByText(words.welcome)).toBeVisible();
    });
  });
}
