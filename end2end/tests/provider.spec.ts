// Signing in with an OpenID Connect provider: a real one, at another site.
import type { Page } from "@playwright/test";
import { IdentityProvider } from "../support/oidc.ts";
import { expectAccessible, expectNoSidewaysScroll, screenshot } from "../support/page.ts";
import { expect, hydrated, newPerson, open, signIn, test as base } from "../support/reflect.ts";
import { ReflectServer } from "../support/server.ts";

const test = base.extend<{ home: IdentityProvider; instance: ReflectServer }>({
  home: async ({ page: _ }, use) => {
    const home = await IdentityProvider.start();
    await use(home);
    await home.stop();
  },
  instance: async ({ home }, use) => {
    const server = await ReflectServer.start(home.settings);
    home.serve(server.url);
    await use(server);
    await server.dispose();
  },
});

const alert = (page: Page) => page.getByRole("alert").filter({ hasText: /\S/ });
const toProvider = (page: Page) => page.getByRole("link", { name: "Sign in with Home" });

/** At the provider: says who one is, and agrees that reflect may know. */
async function agreeAs(page: Page, home: IdentityProvider, login: string): Promise<void> {
  await page.waitForURL((url) => url.origin === home.issuer);
  await page.getByPlaceholder("Enter any login").fill(login);
  await page.getByPlaceholder("and password").fill("x");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.locator(".account-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

/** Looks at the page as it is, in light and dark. */
async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await screenshot(page, `provider-${name}-${page.viewportSize()?.width}-${colorScheme}`);
  }
}

test("an account is linked with a fresh code, signs in, and once unlinked no longer does", { tag: "@once" }, async ({ page, home, instance }) => {
  const ada = await newPerson(instance, "ada");
  await test.step("an identity that nobody has linked is told how to", async () => {
    await open(page, `${instance.url}/sign-in`);
    await look(page, "sign-in");
    await toProvider(page).click();
    await agreeAs(page, home, "ada-at-home");
    await expect(alert(page)).toContainText("No account here is linked to the one you have at Home.");
    await hydrated(page);
    await look(page, "unlinked");
  });
  await test.step("linking", async () => {
    await page.context().clearCookies({ domain: "localhost" });
    await signIn(page, ada, instance.url);
    await open(page, `${instance.url}/settings`);
    await page.getByRole("link", { name: "Linked account" }).click();
    await expect(page.getByRole("heading", { name: "Linked account" })).toBeVisible();
    await look(page, "not-linked");
    await page.getByRole("button", { name: "Link my account at Home" }).click();
    await agreeAs(page, home, "ada-at-home");
    await expect(alert(page)).toHaveText("Linked. From now on you can sign in with Home.");
    await expect(page.getByText("ada-at-home@home.example")).toBeVisible();
    await expect(page.getByText("Not used yet")).toBeVisible();
    await look(page, "linked");
  });
  await test.step("signing in with it", async () => {
    await signOut(page);
    await toProvider(page).click();
    await page.waitForURL((url) => url.pathname === "/gallery");
    await expect(page.getByRole("heading", { name: "Your gallery is empty" })).toBeVisible();
    const cookies = await page.context().cookies(instance.url);
    expect(cookies.find((cookie) => cookie.name === "reflect")).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(cookies.find((cookie) => cookie.name === "reflect-provider")).toBeUndefined();
  });
  await test.step("unlinking asks for a code", async () => {
    await open(page, `${instance.url}/settings/linked-account`);
    await expect(page.getByText("Last used")).toBeVisible();
    await page.getByRole("button", { name: "Unlink" }).click();
    const dialog = page.getByRole("dialog", { name: "Is it still you?" });
    await dialog.getByRole("textbox", { name: "Six-digit code" }).fill(await ada.authenticator.code());
    await expect(page.getByText("Unlinked. Home no longer signs you in.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Link my account at Home" })).toBeVisible();
  });
  await test.step("then it is a stranger's", async () => {
    await signOut(page);
    await toProvider(page).click();
    await expect(alert(page)).toContainText("No account here is linked to the one you have at Home.");
  });
});

test("who changes their mind at the provider is told that nothing has changed", { tag: "@once" }, async ({ page, home, instance }) => {
  const ada = await newPerson(instance, "ada");
  const refuse = async () => {
    await page.waitForURL((url) => url.origin === home.issuer);
    await page.getByRole("link", { name: "Cancel" }).click();
  };
  await open(page, `${instance.url}/sign-in`);
  await toProvider(page).click();
  await refuse();
  await expect(alert(page)).toHaveText("You were not let in at Home, so nothing has changed here.");
  await signIn(page, ada, instance.url);
  await open(page, `${instance.url}/settings/linked-account`);
  await page.getByRole("button", { name: "Link my account at Home" }).click();
  await refuse();
  await expect(alert(page)).toHaveText("You were not let in at Home, so nothing was linked.");
  await expect(page.getByRole("button", { name: "Link my account at Home" })).toBeVisible();
});

test("who comes back by an address that isn't theirs begins anew", async ({ page, instance }) => {
  await newPerson(instance, "ada");
  await open(page, `${instance.url}/auth/oidc/callback?code=x&state=y`);
  await expect(page).toHaveURL(`${instance.url}/sign-in?provider=expired`);
  await expect(alert(page)).toHaveText("That took too long, or was begun in another window. Start again.");
});

test("all of it in Chinese", { tag: "@once" }, async ({ home, instance, newVisitor }) => {
  const ada = await newPerson(instance, "ada");
  const page = await (await newVisitor({ locale: "zh-CN" })).newPage();
  await open(page, `${instance.url}/sign-in`);
  await look(page, "zh-sign-in");
  await page.getByRole("link", { name: "使用 Home 登录" }).click();
  await agreeAs(page, home, "ada-at-home");
  await expect(alert(page)).toContainText("这里没有账户与你在 Home 的账户关联。");
  await page.getByRole("textbox", { name: "六位验证码" }).fill(await ada.authenticator.code());
  await page.waitForURL((url) => url.pathname === "/gallery");
  await open(page, `${instance.url}/settings/linked-account`);
  await page.getByRole("button", { name: "关联我在 Home 的账户" }).click();
  await expect(alert(page)).toHaveText("已关联。今后你可以使用 Home 登录。");
  await expect(page.locator("body")).not.toContainText(/Linked|Unlink|Sign in/);
  await look(page, "zh-linked");
});
