// Several authenticators: one more, another secret for one, one less.
import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll, inBothSchemes } from "../support/page.ts";
import { expect, newPerson, open, signIn, test } from "../support/reflect.ts";
import { Authenticator } from "../support/totp.ts";

const PAGE = "/settings/authenticators";
const code = (page: Page) => page.getByRole("textbox", { name: "Six-digit code" });
const rows = (page: Page) => page.locator(".thing");
const row = (page: Page, name: string) => rows(page).filter({ hasText: name });
const alert = (page: Page) => page.getByRole("alert").filter({ hasText: /\S/ });

/** The secret that the page shows, in an app that has just shown its present code. */
async function scan(page: Page): Promise<{ secret: string; shown: string; app: Authenticator }> {
  const secret = (await page.locator(".secret code").innerText()).replaceAll(" ", "");
  const shown = await new Authenticator(secret).code();
  await page.getByRole("button", { name: "I have scanned it" }).click();
  return { secret, shown, app: new Authenticator(secret, true) };
}

/** Types a name, where there is more than one account, and six digits. */
async function signInWith(page: Page, who: string, digits: string): Promise<void> {
  await open(page, "/sign-in");
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  if (await name.isVisible()) await name.fill(who);
  await code(page).fill(digits);
}

test("one more is added, signs in, is renamed; the first is removed, and the last stays", async ({ page, owner, newVisitor }) => {
  const elsewhere = await (await newVisitor()).newPage();
  await signIn(elsewhere, owner);
  await open(page, PAGE);
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Remove" }), "the last stays").toHaveCount(0);
  await inBothSchemes(page);

  await test.step("a name of its own", async () => {
    await page.getByRole("button", { name: "Add an authenticator" }).click();
    const name = page.getByRole("textbox", { name: "What do you call it?" });
    await expect(name).toBeFocused();
    await inBothSchemes(page);
    await name.fill("authenticator");
    await page.keyboard.press("Enter");
    await expect(alert(page)).toHaveText("That name is taken. Choose another.");
    await name.fill("Work phone");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Scan this" })).toBeFocused();
    await inBothSchemes(page);
  });

  const href = (await page.getByRole("link", { name: "Open in an app on this device" }).getAttribute("href")) ?? "";
  const { secret, shown, app } = await scan(page);
  await test.step("its first code", async () => {
    expect(decodeURIComponent(new URL(href).pathname)).toMatch(new RegExp(`^/reflect:${owner.name} \\d{4}-\\d\\d-\\d\\d$`));
    await expect(code(page)).toBeFocused();
    await code(page).pressSequentially(app.wrongCode());
    await expect(alert(page)).toContainText("That is not right.");
    await page.getByRole("button", { name: "Back" }).click();
    await expect(page.locator(".secret code"), "the same secret").toHaveText(secret.match(/.{4}/g)!.join(" "));
    await page.getByRole("button", { name: "I have scanned it" }).click();
    await code(page).fill(shown);
    await expect(page.getByRole("heading", { name: "Work phone is ready" })).toBeFocused();
    await inBothSchemes(page);
  });
  await test.step("on paper, once", async () => {
    await page.emulateMedia({ media: "print" });
    const paper = page.locator(".sheet");
    await expect(paper).toContainText(owner.name);
    await expect(paper.locator("svg")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Work phone is ready" })).toBeHidden();
    await expect(page.getByRole("navigation").first()).toBeHidden();
    const [sheet, drawn] = [await paper.boundingBox(), await paper.locator("svg").boundingBox()];
    expect(sheet?.width ?? 0, "as wide as the paper").toBeGreaterThan((page.viewportSize()?.width ?? 0) * 0.9);
    expect(drawn?.width ?? 0, "wide enough for a camera").toBeGreaterThan(180);
    await page.emulateMedia({ media: null });
    await page.getByRole("button", { name: "Done" }).click();
    await expect(rows(page)).toHaveCount(2);
    await expect(paper).toHaveCount(0);
  });
  await test.step("other sessions have ended, and the new one opens another", async () => {
    await open(elsewhere, "/gallery");
    await expect(elsewhere.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
    await signInWith(elsewhere, owner.name, shown);
    await expect(alert(elsewhere), "its first code is spent").toContainText("That code was already used.");
    await code(elsewhere).fill(await app.code());
    await expect(elsewhere.getByText(`Welcome back, ${owner.name}`)).toBeVisible();
  });
  await test.step("another name, by keyboard", async () => {
    await row(page, "Work phone").getByRole("button", { name: "Rename" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("textbox", { name: "New name" })).toBeFocused();
    await page.keyboard.type("Pocket");
    await page.keyboard.press("Enter");
    await expect(row(page, "Pocket")).toBeVisible();
    await expectNoSidewaysScroll(page);
  });
  await test.step("the first is removed after a question", async () => {
    const remove = row(page, "Authenticator").getByRole("button", { name: "Remove" });
    await remove.click();
    const question = page.getByRole("alertdialog", { name: "Remove Authenticator?" });
    await inBothSchemes(page);
    await page.keyboard.press("Escape");
    await expect(question).toBeHidden();
    await expect(remove).toBeFocused();
    await remove.click();
    await question.getByRole("button", { name: "Remove" }).click();
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("Pocket");
    await expect(page.getByRole("button", { name: "Remove" })).toHaveCount(0);
    await signInWith(elsewhere, owner.name, await owner.authenticator.code());
    await expect(alert(elsewhere)).toContainText("That is not right.");
  });
});

test("another secret takes the old one's place when its first code is typed, and not before", { tag: "@once" }, async ({ page, owner, newVisitor }) => {
  const elsewhere = await (await newVisitor()).newPage();
  await open(page, PAGE);
  await test.step("given up: the old one still signs in", async () => {
    await page.getByRole("button", { name: "Set up anew" }).click();
    await scan(page);
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(rows(page)).toHaveCount(1);
    await signIn(elsewhere, owner);
  });
  await page.getByRole("button", { name: "Set up anew" }).click();
  const { shown, app } = await scan(page);
  await code(page).fill(shown);
  await expect(page.getByRole("heading", { name: "Authenticator is set up anew" })).toBeVisible();
  await expect(page.getByText("delete the old entry from your app")).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(rows(page)).toHaveCount(1);
  await open(elsewhere, "/gallery");
  await expect(elsewhere.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
  await signInWith(elsewhere, owner.name, await owner.authenticator.code());
  await expect(alert(elsewhere)).toContainText("That is not right.");
  await code(elsewhere).fill(await app.code());
  await expect(elsewhere.getByText(`Welcome back, ${owner.name}`)).toBeVisible();
});

test("who comes in by a recovery code is led to setting the lost one up anew", async ({ page, server, person, newVisitor }) => {
  await newPerson(server);
  await open(page, "/sign-in");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(person.name);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByRole("textbox", { name: "Recovery code" }).fill(person.recovery_codes[0] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("You signed in with a recovery code.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Go to the gallery" })).toBeVisible();
  await inBothSchemes(page);
  await page.getByRole("button", { name: "Set up anew" }).click();
  const { shown, app } = await scan(page);
  await code(page).fill(shown);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByText("You signed in with a recovery code."), "done").toBeHidden();
  const finder = await (await newVisitor()).newPage();
  await signInWith(finder, person.name, await person.authenticator.code());
  await expect(alert(finder), "whoever found the phone").toContainText("That is not right.");
  await signInWith(finder, person.name, await app.code());
  await expect(finder.getByText(`Welcome back, ${person.name}`)).toBeVisible();
});

test("an old secret is a notice in the settings, and a very old one a page after sign-in that can be put off", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  const age = (days: number) => ownServer.alter(`UPDATE totp_credentials SET created_at = now() - interval '${days} days'`);
  const notice = page.getByText("The secret of an authenticator is old.");
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/settings`);
  await expect(page.getByText("10 unused codes left")).toBeVisible();
  await expect(notice).toBeHidden();
  await test.step("after three months", async () => {
    await age(91);
    await open(page, `${ownServer.url}/settings`);
    await expect(notice).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Set up anew" }).click();
    await expect(rows(page)).toContainText("Time to renew");
    await expect(page.getByText("A secret should be renewed from time to time")).toBeHidden();
  });
  await test.step("after six months", async () => {
    await age(181);
    await open(page, `${ownServer.url}/sign-in`);
    await code(page).fill(await ada.authenticator.code());
    await expect(page.getByText("A secret should be renewed from time to time")).toBeVisible();
    await inBothSchemes(page);
    await page.getByRole("link", { name: "Later" }).click();
    await page.waitForURL(/\/gallery$/);
  });
});

test("in Chinese", async ({ person, newVisitor }) => {
  const page = await (await newVisitor({ locale: "zh-CN" })).newPage();
  await signIn(page, person);
  await open(page, PAGE);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("身份验证器");
  await expect(page.locator(".card")).not.toContainText(/Set up|Rename|Add|code/);
  await page.getByRole("button", { name: "添加身份验证器" }).click();
  await page.getByRole("textbox", { name: "怎么称呼它？" }).fill("工作手机");
  await page.keyboard.press("Enter");
  const secret = (await page.locator(".secret code").innerText()).replaceAll(" ", "");
  await page.getByRole("button", { name: "我已扫描" }).click();
  await page.locator(".code-input").fill(await new Authenticator(secret).code());
  await expect(page.getByRole("heading", { name: "工作手机 已可使用" })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: "完成" }).click();
  await expect(rows(page)).toHaveCount(2);
});
