// Somebody guesses at an account, and its owner would rather read mail than wait for a second code.
import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll, inBothSchemes, screenshot } from "../support/page.ts";
import { test } from "../support/posting.ts";
import { expect, newPerson, open, type Person } from "../support/reflect.ts";
import type { ReflectServer } from "../support/server.ts";

const PROXIES = { REFLECT_TRUSTED_PROXIES: "127.0.0.1" };
test.use({ postingSettings: PROXIES, serverSettings: PROXIES });

const WORDS = {
  "en-US": {
    name: "Name",
    code: "Six-digit code",
    more: "One more code",
    instead: "Have a code mailed instead",
    look: "Look in your mail",
    ifRight: "If the code you typed was right and your account has a proved address",
    wrong: "One of the two codes is not right.",
    again: "Begin again",
    signIn: "Sign in",
    subject: "Your code to sign in",
    welcome: "Welcome back, ada",
  },
  "zh-CN": {
    name: "用户名",
    code: "六位验证码",
    more: "还需要一个验证码",
    instead: "改用邮件验证码",
    look: "请查看邮箱",
    ifRight: "如果刚才输入的验证码正确，且你的账户有已验证的邮箱",
    wrong: "两个验证码中有一个不正确。",
    again: "重新开始",
    signIn: "登录",
    subject: "你的登录验证码",
    welcome: "欢迎回来，ada",
  },
};

const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true });

/** Five wrong codes from as many addresses: after them the account asks for more than one. */
async function guessAt(server: ReflectServer, name: string, { authenticator }: Person): Promise<void> {
  for (const host of [1, 2, 3, 4, 5]) {
    const guess = await fetch(`${server.url}/api/app/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url, "x-forwarded-for": `203.0.113.${host}` },
      body: JSON.stringify({ name, code: authenticator.wrongCode() }),
    });
    // A name that nobody has may seem to have several authenticators, which share the five guesses.
    if (guess.status === 200) break;
    expect(guess.status).toBe(401);
  }
}

/** Ada, who has proved an address, and somebody else, so that names are asked for. */
async function attackedAda(server: ReflectServer, locale = "en-US"): Promise<Person> {
  const ada = await newPerson(server, "ada");
  await newPerson(server, "bob");
  const language = locale.slice(0, 2);
  await server.alter(
    `UPDATE users SET email = 'ada@mail.example', email_verified_at = now(), language = '${language}' WHERE name = 'ada'`,
  );
  await guessAt(server, "ada", ada);
  return ada;
}

for (const [locale, words] of Object.entries(WORDS)) {
  test.describe(locale, () => {
    test.use({ locale });

    test("one code and a mailed one let the owner in", async ({ page, posting, mail, isMobile }) => {
      const ada = await attackedAda(posting, locale);
      const code = page.getByRole("textbox", { name: words.code });
      const shot = (name: string) => screenshot(page, `mailed-code-${name}-${locale}-${isMobile ? "phone" : "desktop"}`);
      await open(page, `${posting.url}/sign-in`);
      await page.getByRole("textbox", { name: words.name }).fill("ada");
      await code.fill(await ada.authenticator.code());
      await expect(heading(page, words.more)).toBeVisible();
      await inBothSchemes(page);
      await shot("offer");
      await page.getByRole("button", { name: words.instead }).click();
      await expect(heading(page, words.look)).toBeVisible();
      await expect(page.getByText(words.ifRight)).toBeVisible();
      await expect(code).toBeFocused();
      await inBothSchemes(page);
      await shot("asked");
      const mailed = (await mail.waitFor("ada@mail.example", words.subject)).code ?? "";
      await test.step("a typing error can be put right", async () => {
        await code.fill(mailed === "000000" ? "000001" : "000000");
        await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText(words.wrong);
        await expect(heading(page, words.look)).toBeVisible();
        await page.emulateMedia({ colorScheme: "light" });
        await shot("wrong");
      });
      await code.fill(mailed);
      await expect(page.getByText(words.welcome)).toBeVisible();
    });
  });
}

test("a name that nobody has is offered the same, and one can begin again", async ({ page, posting, mail }) => {
  const words = WORDS["en-US"];
  const ada = await attackedAda(posting);
  await guessAt(posting, "nobody", ada);
  const code = page.getByRole("textbox", { name: words.code });
  const ask = async (name: string, typed: string) => {
    await page.getByRole("textbox", { name: words.name }).fill(name);
    await code.fill(typed);
    await expect(heading(page, words.more)).toBeVisible();
    await page.getByRole("button", { name: words.instead }).click();
    await expect(heading(page, words.look)).toBeVisible();
    await expect(page.getByText(words.ifRight)).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  };
  await open(page, `${posting.url}/sign-in`);
  await ask("nobody", ada.authenticator.wrongCode());
  await code.fill("000000");
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText(words.wrong);
  await page.getByRole("button", { name: words.again }).click();
  await expect(heading(page, words.signIn)).toBeVisible();
  await expect(page.getByRole("textbox", { name: words.name })).toBeVisible();
  expect(mail.mails.filter(({ subject }) => subject.includes(words.subject))).toEqual([]);
});

test("without a mail server none is offered", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await guessAt(ownServer, "ada", ada);
  await open(page, `${ownServer.url}/sign-in`);
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(ada.authenticator.wrongCode());
  await expect(heading(page, "One more code")).toBeVisible();
  await expect(page.getByRole("button", { name: "Have a code mailed instead" })).toHaveCount(0);
});
