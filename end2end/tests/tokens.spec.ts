// Tokens with which programs upload: made in the settings, used from elsewhere, seen, revoked.
import type { Page } from "@playwright/test";
import { Api } from "../support/api.ts";
import { pngFile } from "../support/images.ts";
import { expectAccessible, expectNoSidewaysScroll, inBothSchemes } from "../support/page.ts";
import { expect, newAdmin, open, signIn, test } from "../support/reflect.ts";

const rows = (page: Page) => page.locator(".thing");
const shown = (page: Page) => page.getByRole("textbox", { name: "Token", exact: true });
const make = (page: Page) => page.getByRole("button", { name: "Make the token" });

test("a token is made with a fresh code, used, seen in use, and refused once it is revoked", async ({ page, person, server, baseURL }) => {
  await server.cli("token", "revoke", "--user", person.name, "--all");
  await signIn(page, person);
  await server.letCodesLapse();
  await test.step("an empty page says what tokens are for", async () => {
    await open(page, "/settings");
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "API tokens" }).click();
    await expect(page.getByText("No program has a token yet.")).toBeVisible();
    await expect(page.getByRole("textbox", { name: "In a terminal" })).toHaveValue(new RegExp(`${baseURL}/api/v1/images$`));
    await expect(page.getByRole("checkbox", { name: "Administer" })).toHaveCount(0);
    await inBothSchemes(page);
  });
  let token = "";
  await test.step("make one that uploads", async () => {
    await page.getByRole("textbox", { name: "What is it for?" }).fill("Screenshots");
    await page.getByText("More", { exact: true }).click();
    await page.getByRole("textbox", { name: "Largest file" }).fill("lots");
    await make(page).click();
    const dialog = page.getByRole("dialog", { name: "Is it still you?" });
    await dialog.getByRole("textbox", { name: "Six-digit code" }).fill(await person.authenticator.code());
    await expect(page.getByRole("alert").filter({ hasText: "is an amount such as 20 MiB" })).toBeVisible();
    await page.getByRole("textbox", { name: "Largest file" }).fill("5 MiB");
    await make(page).click();
    await expect(shown(page)).toHaveValue(/^rfl_[0-9A-Za-z]{49}$/);
    await expect(page.getByRole("heading", { name: "New token" })).toBeFocused();
    await expect(page.getByRole("textbox", { name: "What is it for?" })).toHaveValue("");
    token = await shown(page).inputValue();
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("Not used yet");
    await expect(rows(page)).toContainText("files up to 5.0 MiB");
    await inBothSchemes(page);
  });
  const program = new Api(server.url, token);
  await test.step("a program uploads with it, and can do no more", async () => {
    const uploaded = await program.send([pngFile("shot.png", 20, 20)]);
    expect(uploaded.status).toBe(201);
    expect(uploaded.headers.get("ratelimit")).toBe('"token";r=5999;t=60');
    await expect(program.list()).rejects.toThrow(/403.*insufficient-scope/);
  });
  await test.step("its owner sees where, but never the token again", async () => {
    await open(page, "/settings/tokens");
    await expect(rows(page)).toContainText(/Last used .* from 127\.0\.0\.0\/24 by \w+/);
    await expect(shown(page)).toHaveCount(0);
    expect(await page.content()).not.toContain(token);
  });
  await test.step("revoke it, but not by mistake", async () => {
    await rows(page).getByRole("button", { name: "Revoke: Screenshots" }).click();
    const question = page.getByRole("alertdialog", { name: "Revoke Screenshots?" });
    await expectAccessible(page);
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(rows(page)).toHaveCount(1);
    await rows(page).getByRole("button", { name: "Revoke: Screenshots" }).click();
    await question.getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByText("Screenshots is revoked.")).toBeVisible();
    await expect(page.getByText("No program has a token yet.")).toBeVisible();
    await expect(page.getByRole("heading", { name: "API tokens" })).toBeFocused();
    const refused = await program.send([pngFile("late.png", 20, 20)]);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, "invalid-token"]);
  });
  await test.step("both are in the activity", async () => {
    await open(page, "/settings/activity");
    await expect(page.getByText("Token made: Screenshots")).toBeVisible();
    await expect(page.getByText("Token revoked: Screenshots")).toBeVisible();
  });
});

test("several are revoked at once", async ({ page, owner, server }) => {
  await server.createToken(owner.name);
  await open(page, "/settings/tokens");
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Revoke all", exact: true }).click();
  await page.getByRole("alertdialog", { name: "Revoke all tokens?" }).getByRole("button", { name: "Revoke all" }).click();
  await expect(page.getByText("All tokens are revoked.")).toBeVisible();
  await expect(owner.api.me()).rejects.toThrow(/401/);
});

test("a token that administers has an end within 90 days", async ({ page, ownServer }) => {
  const ada = await newAdmin(ownServer);
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/settings/tokens`);
  await page.getByRole("textbox", { name: "What is it for?" }).fill("Accounts");
  const life = page.getByRole("combobox", { name: "Good for" });
  await expect(life).toHaveValue("365");
  await page.getByRole("checkbox", { name: "Upload" }).uncheck();
  await make(page).click();
  await expect(page.getByRole("alert").filter({ hasText: "Choose at least one thing" })).toBeVisible();
  await page.getByRole("checkbox", { name: "Administer" }).check();
  await expect(life).toHaveValue("90");
  await make(page).click();
  const token = await shown(page).inputValue();
  const overview = await fetch(`${ownServer.url}/api/v1/admin/overview`, { headers: { authorization: `Bearer ${token}` } });
  expect(overview.status).toBe(200);
  await expect(rows(page).filter({ hasText: "Accounts" })).toContainText("Administer");
});

test("in Chinese", async ({ person, server, newVisitor }) => {
  await server.cli("token", "revoke", "--user", person.name, "--all");
  const page = await (await newVisitor({ locale: "zh-CN" })).newPage();
  await signIn(page, person);
  await open(page, "/settings/tokens");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("API 令牌");
  await page.getByRole("textbox", { name: "用于什么？" }).fill("截图");
  await page.getByRole("button", { name: "创建令牌" }).click();
  await expect(page.getByRole("textbox", { name: "令牌", exact: true })).toHaveValue(/^rfl_/);
  await expect(rows(page)).toContainText("尚未使用");
  await expect(rows(page)).not.toContainText(/Used|until|Revoke|Upload/);
  await expectNoSidewaysScroll(page);
  await rows(page).getByRole("button", { name: "撤销" }).click();
  await page.getByRole("alertdialog", { name: "撤销 截图？" }).getByRole("button", { name: "撤销" }).click();
  await expect(page.getByText("截图 已撤销。")).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
});
