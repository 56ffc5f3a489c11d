// A session that comes from another network than it was opened on.
import { expectAccessible } from "../support/page.ts";
import { expect, newPerson, open, signIn, test } from "../support/reflect.ts";

const AT_HOME = { "x-forwarded-for": "203.0.113.7" };
const NEXT_DOOR = { "x-forwarded-for": "203.0.113.99" };
const ABROAD = { "x-forwarded-for": "198.51.100.7" };

test.use({ serverSettings: { REFLECT_TRUSTED_PROXIES: "127.0.0.1" } });

const WORDS = {
  en: {
    signIn: "Sign in",
    moved: "You are on another network since you signed in. Type a code to go on as ada.",
    code: "Six-digit code",
    welcome: "Welcome back, ada",
  },
  "zh-CN": {
    signIn: "登录",
    moved: "登录后你换了网络。请输入验证码，以 ada 继续。",
    code: "六位验证码",
    welcome: "欢迎回来，ada",
  },
};

for (const [locale, words] of Object.entries(WORDS)) {
  test.describe(locale, () => {
    test.use({ locale });

    test("who has moved goes on with a code, where they were going", { tag: "@once" }, async ({ page, context, ownServer }) => {
      const ada = await newPerson(ownServer, "ada");
      await newPerson(ownServer, "grace");
      await context.setExtraHTTPHeaders(AT_HOME);
      await signIn(page, ada, ownServer.url);
      await context.setExtraHTTPHeaders(NEXT_DOOR);
      await open(page, `${ownServer.url}/settings/sessions`);
      await expect(page.locator(".thing"), "the same network").toHaveCount(1);
      await context.setExtraHTTPHeaders(ABROAD);
      await open(page, `${ownServer.url}/settings/sessions`);
      await page.getByRole("main").getByRole("link", { name: words.signIn }).click();
      await expect(page.getByText(words.moved)).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("textbox", { name: words.code }).fill(await ada.authenticator.code());
      await expect(page.getByText(words.welcome)).toBeVisible();
      await page.waitForURL(/\/settings\/sessions$/);
    });
  });
}
