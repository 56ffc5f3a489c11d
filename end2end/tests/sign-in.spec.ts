// In and out with six digits, and what happens when they are not right.
import type { Page } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { expectAccessible } from "../support/page.ts";
import { expect, newPerson, open, signIn, test } from "../support/reflect.ts";
import { codeAt } from "../support/totp.ts";
import { Gate, tray } from "../support/tray.ts";
import { tile } from "../support/viewer.ts";

const code = (page: Page) => page.getByRole("textbox", { name: "Six-digit code" });
const name = (page: Page) => page.getByRole("textbox", { name: "Name", exact: true });
const alert = (page: Page) => page.getByRole("alert").filter({ hasText: /\S/ });

async function signOut(page: Page): Promise<void> {
  await page.locator(".account-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

test("with one account six digits are enough; with two the name is asked for and remembered", async ({ page, ownServer, newVisitor }) => {
  const ada = await newPerson(ownServer, "ada");
  await test.step("only six digits", async () => {
    await open(page, `${ownServer.url}/sign-in`);
    await expect(name(page)).toHaveCount(0);
    await expect(code(page)).toBeFocused();
    await expect(page.getByText(/Next code in \d+ s/)).toBeVisible();
    await page.keyboard.type(await ada.authenticator.code());
    await expect(page.getByText("Welcome back, ada")).toBeVisible();
    await expect(page).toHaveURL(/\/gallery$/);
  });
  await test.step("signing out ends the session, on the server too", async () => {
    const cookies = await page.context().cookies();
    await signOut(page);
    await open(page, `${ownServer.url}/gallery`);
    await expect(page.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
    const thief = await newVisitor();
    await thief.addCookies(cookies);
    const stolen = await thief.newPage();
    await open(stolen, `${ownServer.url}/gallery`);
    await expect(stolen.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
  });
  const grace = await newPerson(ownServer, "grace");
  await test.step("now a name", async () => {
    await open(page, `${ownServer.url}/sign-in`);
    await expect(name(page), "remembered on this device").toHaveValue("ada");
    await name(page).fill("Grace");
    await code(page).fill(await grace.authenticator.code());
    await expect(page.getByText("Welcome back, grace")).toBeVisible();
    await signOut(page);
    await expect(name(page)).toHaveValue("grace");
  });
  await test.step("one's own pictures only", async () => {
    await code(page).fill(await grace.authenticator.code());
    await expect(page.getByRole("heading", { name: "Your gallery is empty" })).toBeVisible();
  });
});

test("the cookie is out of reach of scripts and other sites", async ({ page, owner }) => {
  expect(owner.name).toBeTruthy();
  const [cookie, ...others] = (await page.context().cookies()).filter((cookie) => cookie.name !== "reflect_language");
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({ name: "reflect", httpOnly: true, sameSite: "Strict", path: "/" });
  expect(await page.evaluate(() => document.cookie)).not.toContain("reflect=");
});

test("a code works once: the second time one is told how long to wait", async ({ page, ownServer, newVisitor }) => {
  const ada = await newPerson(ownServer, "ada");
  // The code of the step to come is taken too, and stays good for long enough to be tried twice.
  const spent = codeAt(ada.secret, Date.now() + 30_000);
  await open(page, `${ownServer.url}/sign-in`);
  await code(page).fill(spent);
  await expect(page.getByText("Welcome back, ada")).toBeVisible();

  const watcher = await (await newVisitor()).newPage();
  await open(watcher, `${ownServer.url}/sign-in`);
  await code(watcher).fill(spent);
  await expect(alert(watcher)).toContainText(/That code was already used\. Wait for the next one, \d+ s\./);
  const seconds = Number(/(\d+) s/.exec(await alert(watcher).innerText())?.[1]);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  await expect(code(watcher)).toHaveValue("");
  await expect(code(watcher)).toBeFocused();
});

test("a recovery code lets one in once", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  const recovery = async (text: string) => {
    await open(page, `${ownServer.url}/sign-in`);
    await page.getByRole("button", { name: "Use a recovery code" }).click();
    await page.getByRole("textbox", { name: "Recovery code" }).fill(text);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  const [first, second] = ada.recovery_codes as [string, string];
  await recovery(first);
  await expect(page.getByText("Signed in. 9 recovery codes left.")).toBeVisible();
  await expect(page.getByText("You signed in with a recovery code.")).toBeVisible();
  await signOut(page);
  await recovery(first);
  await expect(alert(page)).toContainText("That recovery code is not valid. Each works once.");
  await test.step("in small letters and without hyphens too", async () => {
    await recovery(` ${second.toLowerCase().replaceAll("-", "")} `);
    await expect(page.getByText("Signed in. 8 recovery codes left.")).toBeVisible();
    await open(page, `${ownServer.url}/settings`);
    await expect(page.getByText("8 unused codes left")).toBeVisible();
  });
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("a recovery code lets one in once and leads to setting the lost authenticator up anew", async ({ page, ownServer }) => {
    const ada = await newPerson(ownServer, "ada");
    const recovery = async (text: string) => {
      await open(page, `${ownServer.url}/sign-in`);
      await page.getByRole("button", { name: "使用恢复码" }).click();
      await page.getByRole("textbox", { name: "恢复码" }).fill(text);
      await page.getByRole("button", { name: "登录", exact: true }).click();
    };
    const [first] = ada.recovery_codes as [string];
    await recovery(first);
    await expect(page.getByText("已登录。还剩 9 个恢复码。")).toBeVisible();
    await page.waitForURL(/\/settings\/authenticators\?after=recovery$/);
    await expect(page.getByText("你使用恢复码登录了。如果身份验证器已丢失，请在另一部手机上重新设置")).toBeVisible();
    await expectAccessible(page);
    await page.locator(".account-menu summary").click();
    await page.getByRole("button", { name: "退出登录" }).click();
    await page.waitForURL(/\/sign-in$/);
    await recovery(first);
    await expect(alert(page)).toContainText("恢复码");
    await expect(alert(page)).not.toContainText(/[A-Za-z]{3}/);
    await expectAccessible(page);
  });
});

test("after five wrong codes one is told how long to wait, and a right one doesn't help", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await newPerson(ownServer, "grace");
  await open(page, `${ownServer.url}/sign-in`);
  for (const who of ["ada", "ada", "nobody", "ada", "no.name.at.all"]) {
    await name(page).fill(who);
    await code(page).pressSequentially(ada.authenticator.wrongCode());
    await expect(alert(page), `${who}: the same words for a wrong name and a wrong code`).toHaveText(
      "That is not right. Check the name, and type the code your app shows now. Is the phone’s clock right?",
    );
    await expect(code(page)).toHaveValue("");
  }
  await name(page).fill("ada");
  await code(page).fill(await ada.authenticator.code());
  await expect(alert(page)).toHaveText(/^That was too soon or too often\. Try again in (60|59) min\.$/);
  await test.step("who is signed in already stays it", async () => {
    expect((await ada.api.me()).name).toBe("ada");
  });
});

test("a code typed with a space, as apps show it, is taken", async ({ page, person }) => {
  await open(page, "/sign-in");
  if (await name(page).isVisible()) await name(page).fill(person.name);
  const digits = await person.authenticator.code();
  await code(page).fill(`${digits.slice(0, 3)} ${digits.slice(3)}`);
  await expect(page.getByText(`Welcome back, ${person.name}`)).toBeVisible();
});

test("a page that needs an account leads to the sign-in and, signed in, back", async ({ page, person }) => {
  for (const address of ["/gallery", "/bin", "/admin", "/settings/activity?outcome=failure"]) {
    await open(page, address);
    await expect(page.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
  }
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
  if (await name(page).isVisible()) await name(page).fill(person.name);
  await code(page).fill(await person.authenticator.code());
  await expect(page).toHaveURL(/\/settings\/activity\?outcome=failure$/);
  await expect(page.getByRole("combobox", { name: "Outcome" })).toHaveValue("failure");
});

test("a search of the gallery is still there after signing in", async ({ page, person }) => {
  await open(page, "/gallery?q=cat");
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await expect(code(page)).toBeVisible();
  if (await name(page).isVisible()) await name(page).fill(person.name);
  await code(page).fill(await person.authenticator.code());
  await expect(page).toHaveURL(/\/gallery\?q=cat$/);
  await expect(page.getByRole("heading", { name: "Sign in to see this page" })).toHaveCount(0);
});

test("who is sent to another site by the address stays on this one", async ({ page, person }) => {
  await open(page, "/sign-in?to=//example.org/");
  if (await name(page).isVisible()) await name(page).fill(person.name);
  await code(page).fill(await person.authenticator.code());
  await page.waitForURL((url) => url.pathname === "/gallery");
});

test("what is typed before the program has loaded is not sent anywhere in an address", async ({ page, person }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*.wasm", async (route) => {
    await released;
    await route.continue().catch(() => undefined);
  });
  await page.goto("/sign-in", { waitUntil: "commit" });
  await code(page).fill("123456");
  await code(page).press("Enter");
  await expect(code(page)).toBeVisible();
  expect(page.url(), `the code of ${person.name} in the address, and so in logs and history`).not.toContain("123456");
  release();
});

test("who comes next to the same page sees and sends nothing of who was there before", { tag: "@once" }, async ({ page, ownServer }) => {
  const [ada, grace] = [await newPerson(ownServer, "ada"), await newPerson(ownServer, "grace")];
  const gate = await Gate.before(page, "waiting.jpg");
  await signIn(page, ada, ownServer.url);
  await test.step("ada uploads, and goes before all is sent", async () => {
    await page.locator("input[type=file]").first().setInputFiles([jpegFile("sent.jpg", 300, 200, 1), jpegFile("waiting.jpg", 300, 200, 2)]);
    await expect(tile(page, "sent.jpg")).toBeVisible();
    await expect.poll(() => gate.arrived).toBe(1);
    await signOut(page);
    await expect(tray(page)).toHaveCount(0);
  });
  await test.step("grace finds an empty gallery, and what ada had chosen is not sent", async () => {
    await name(page).fill("grace");
    await code(page).fill(await grace.authenticator.code());
    await expect(page.getByRole("heading", { name: "Your gallery is empty" })).toBeVisible();
    gate.release();
    await page.locator("input[type=file]").first().setInputFiles(jpegFile("hers.jpg", 300, 200, 3));
    await expect(tile(page, "hers.jpg")).toBeVisible();
    await expect(tile(page, "sent.jpg")).toHaveCount(0);
    expect((await grace.api.list()).map((image) => image.filename)).toEqual(["hers.jpg"]);
  });
  expect((await ada.api.list()).map((image) => image.filename)).toEqual(["sent.jpg"]);
});
