// A person sees what happened to their account, and takes it with them.
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll, screenshot } from "../support/page.ts";
import { expect, hydrated, newPerson, open, signIn, test } from "../support/reflect.ts";

const entries = (page: Page) => page.locator(".activity > li");

async function inBothSchemes(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await screenshot(page, `activity-${name}-${colorScheme}`);
  }
}

test("what happened is listed, narrowed and exported", async ({ page, person }, { project }) => {
  await test.step("fail once, then sign in", async () => {
    await open(page, "/sign-in");
    const name = page.getByRole("textbox", { name: "Name", exact: true });
    if (await name.isVisible()) await name.fill(person.name);
    await page.getByRole("textbox", { name: "Six-digit code" }).fill(person.authenticator.wrongCode());
    await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
    await signIn(page, person);
  });
  await test.step("both are there, newest first", async () => {
    await open(page, "/settings");
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Activity" }).click();
    await expect(page.getByRole("heading", { name: "Activity" })).toBeVisible();
    await expect(entries(page)).toContainText([
      "Signed in with a code",
      "Sign-in with a wrong code",
      `Token made: command line`,
      "Authenticator set up",
      "Account created",
    ]);
    const failed = entries(page).nth(1);
    await expect(failed).toContainText("Refused");
    await expect(failed).toContainText("127.0.0.1");
    await expect(failed).toContainText(/Chrom\w+ on/);
    const moment = await failed.locator("time").getAttribute("datetime");
    expect(Math.abs(Date.now() - Date.parse(moment ?? ""))).toBeLessThan(120_000);
    await inBothSchemes(page, `en-${project.name}`);
  });
  await test.step("only what was refused", async () => {
    await page.getByRole("combobox", { name: "Outcome" }).selectOption("Refused");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page).toHaveURL(/\/settings\/activity\?outcome=failure$/);
    await expect(entries(page)).toHaveCount(1);
    await expect(entries(page)).toContainText("Sign-in with a wrong code");
  });
  await test.step("exported as it is narrowed", async () => {
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export as CSV" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^reflect-activity-\d{4}-\d\d-\d\d\.csv$/);
    const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("number,time,user,actor");
    expect(lines[1]).toContain(`,${person.name},visitor,,sign_in_failed,failure,code,,127.0.0.1,`);
  });
  await test.step("the choice stays over a reload, and back goes back", async () => {
    await page.reload();
    await hydrated(page);
    await expect(page.getByRole("combobox", { name: "Outcome" })).toHaveValue("failure");
    await expect(entries(page)).toHaveCount(1);
    await page.goBack();
    await expect(entries(page)).toHaveCount(5);
    await expect(page.getByRole("combobox", { name: "Outcome" })).toHaveValue("");
  });
  await test.step("by day and kind; nothing matches tomorrow", async () => {
    const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    await page.getByRole("combobox", { name: "What" }).selectOption("Authenticators and ways back");
    await page.getByRole("textbox", { name: "From" }).fill(day(-1));
    await page.getByRole("textbox", { name: "To" }).fill(day(1));
    await page.getByRole("button", { name: "Show" }).click();
    await expect(entries(page)).toHaveCount(1);
    await expect(entries(page)).toContainText("Authenticator set up");
    await page.getByRole("textbox", { name: "From" }).fill(day(1));
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page.getByText("Nothing here matches.")).toBeVisible();
    await expectAccessible(page);
  });
});

test("older entries come when asked for", async ({ page, server, owner }) => {
  await server.fillLog(owner.name);
  await open(page, "/settings/activity");
  await expect(entries(page)).toHaveCount(60);
  await page.getByRole("button", { name: "Load more" }).click();
  await expect(entries(page)).toHaveCount(64);
  await expect(entries(page).last()).toContainText("Account created");
  await expect(page.getByRole("button", { name: "Load more" })).toBeHidden();
});

for (const locale of ["en-US", "zh-CN"]) {
  test(`far from Greenwich moments are as the reader's clock has them: ${locale}`, async ({ newVisitor, person }) => {
    const page = await (await newVisitor({ locale, timezoneId: "Asia/Kathmandu" })).newPage();
    await signIn(page, person);
    await open(page, "/settings/activity");
    const time = entries(page).first().locator("time");
    const moment = new Date((await time.getAttribute("datetime")) ?? "");
    const language = locale === "en-US" ? "en-GB" : "zh-CN";
    const date = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
    const options = { ...date, timeZone: "Asia/Kathmandu", hourCycle: "h23" } as const;
    const expected = new Intl.DateTimeFormat(language, options).format(moment).replace(" at ", ", ");
    await expect(time).toHaveText(expected);
    await open(page, "/settings/sessions");
    await expect(page.locator(".thing").first()).not.toContainText("UTC");
  });
}

test("in Chinese", async ({ newVisitor, server }, { project }) => {
  const visitor = await newVisitor({ locale: "zh-CN" });
  const page = await visitor.newPage();
  const person = await newPerson(server);
  await open(page, "/sign-in");
  const name = page.locator('input[name="username"]');
  if (await name.isVisible()) await name.fill(person.name);
  await page.locator(".code-input").fill(await person.authenticator.code());
  await page.waitForURL(/\/gallery/);
  await open(page, "/settings/activity");
  await expect(page.getByRole("heading", { name: "活动记录" })).toBeVisible();
  await expect(entries(page).first()).toContainText("使用验证码登录");
  await expect(page.locator(".settings-body")).not.toContainText(/Signed|Everything|Export/);
  await inBothSchemes(page, `zh-${project.name}`);
});
