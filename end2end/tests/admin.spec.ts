// Administration: accounts, invites, what holds for everybody.
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { expectNoSidewaysScroll, inBothSchemes, screenshot } from "../support/page.ts";
import { expect, newAdmin, newPerson, open, signIn, test } from "../support/reflect.ts";
import { ReflectServer } from "../support/server.ts";

const SECTIONS = ["", "/users", "/invites", "/settings", "/mail", "/audit"];
const rows = (page: Page) => page.locator(".things > .thing");
const setting = (page: Page, name: string) => page.locator(`[data-setting="${name}"]`);
const digits = (page: Page) => page.getByRole("textbox", { name: "Six-digit code" });

/** Opens the page of an account from the list. */
async function openAccount(page: Page, server: ReflectServer, name: string): Promise<void> {
  await open(page, `${server.url}/admin/users`);
  await rows(page).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
}

test("every page, in both schemes", async ({ page, ownServer }) => {
  test.setTimeout(240_000);
  const ada = await newAdmin(ownServer);
  const bob = await newPerson(ownServer, "bob");
  await bob.api.upload(jpegFile("one.jpg", 640, 480, 1), jpegFile("two.jpg", 800, 600, 2));
  await signIn(page, ada, ownServer.url);
  await page.goto(`${ownServer.url}/settings`);
  await page.getByRole("link", { name: "Administration" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  for (const section of SECTIONS) {
    await test.step(section, async () => {
      await open(page, `${ownServer.url}/admin${section}`);
      await expect(page.locator(".settings-body h1")).toBeVisible();
      await inBothSchemes(page);
      await screenshot(page, `admin${section.replace("/", "-")}-${page.viewportSize()?.width}-dark`);
    });
  }
  await test.step("one account", async () => {
    await openAccount(page, ownServer, "bob");
    await inBothSchemes(page);
    await screenshot(page, `admin-account-${page.viewportSize()?.width}-dark`);
    await page.emulateMedia({ colorScheme: "light" });
    await screenshot(page, `admin-account-${page.viewportSize()?.width}-light`);
    await page.getByRole("button", { name: "Delete the account" }).click();
    await inBothSchemes(page);
  });
  await test.step("the plots, and their tables", async () => {
    await open(page, `${ownServer.url}/admin`);
    const plot = page.getByRole("img", { name: /^Space used, the last 30 days/ });
    await expect(plot.locator("rect")).not.toHaveCount(0);
    await page.getByText("As a table").first().click();
    await expect(page.getByRole("table").first().getByRole("row")).toHaveCount(31);
    await inBothSchemes(page);
  });
});

test("whoever doesn't administer sees nothing of it", async ({ page, owner }) => {
  test.setTimeout(120_000);
  expect(owner.name).toBeTruthy();
  for (const section of SECTIONS) {
    await open(page, `/admin${section}`);
    await expect(page.getByRole("heading", { name: "Not allowed" })).toBeVisible();
    await expect(page.locator(".settings-nav")).toHaveCount(0);
  }
  await inBothSchemes(page);
  await open(page, "/settings");
  await expect(page.getByRole("link", { name: "Sessions" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Administration" })).toHaveCount(0);
});

test("a code that is older than ten minutes is asked for in place", async ({ page, ownServer }) => {
  const ada = await newAdmin(ownServer);
  await signIn(page, ada, ownServer.url);
  await ownServer.letCodesLapse();
  await open(page, `${ownServer.url}/admin/users`);
  await expect(page.getByRole("heading", { name: "Is it still you?" })).toBeVisible();
  await expect(page.getByText("Everybody with an account here.")).toHaveCount(0);
  await inBothSchemes(page);
  await digits(page).fill(await ada.authenticator.code());
  await expect(rows(page)).toHaveCount(1);
  await test.step("and again, over the page, when something is done", async () => {
    await rows(page).getByRole("link", { name: "ada" }).click();
    await expect(page.getByText("The only administrator who can sign in")).toBeVisible();
    await ownServer.letCodesLapse();
    await page.getByRole("textbox", { name: "Space" }).fill("3 GiB");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("dialog", { name: "Is it still you?" })).toBeVisible();
    await digits(page).fill(await ada.authenticator.code());
    await expect(page.getByText("of 3.0 GiB")).toBeVisible();
  });
});

test("an account's space, role and access are changed, and at last it is deleted", async ({ page, ownServer, newVisitor }) => {
  test.setTimeout(120_000);
  const ada = await newAdmin(ownServer);
  const bob = await newPerson(ownServer, "bob");
  const his = await (await newVisitor()).newPage();
  await signIn(his, bob, ownServer.url);
  const [image] = await bob.api.upload(jpegFile("one.jpg", 640, 480, 1));
  await signIn(page, ada, ownServer.url);
  await openAccount(page, ownServer, "bob");
  await test.step("space", async () => {
    const space = page.getByRole("textbox", { name: "Space" });
    await space.fill("much");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("“Space” is an amount such as 512 MiB")).toBeVisible();
    await space.fill("1 KiB");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("of 1.0 KiB")).toBeVisible();
    expect((await bob.api.send([jpegFile("two.jpg", 600, 400, 2)])).status).toBe(413);
  });
  await test.step("role", async () => {
    await page.getByRole("button", { name: "Make administrator" }).click();
    await expect(page.locator("h1 .badge")).toHaveText("Administrator");
    await page.getByRole("button", { name: "Take administration away" }).click();
    await expect(page.getByRole("button", { name: "Make administrator" })).toBeVisible();
  });
  await test.step("suspended", async () => {
    await page.getByRole("button", { name: "Suspend" }).click();
    await expect(page.locator("h1 .badge")).toHaveText("Suspended");
    await inBothSchemes(page);
    await open(his, `${ownServer.url}/gallery`);
    await expect(his.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
    await open(his, `${ownServer.url}/sign-in`);
    await his.getByRole("textbox", { name: "Name", exact: true }).fill("bob");
    await digits(his).fill(await bob.authenticator.code());
    await expect(his.getByRole("alert").filter({ hasText: "This account is suspended." })).toBeVisible();
    expect((await fetch(image?.links.url ?? "")).status).toBe(200);
    await page.getByRole("button", { name: "Lift the suspension" }).click();
    await expect(page.locator("h1 .badge")).toHaveCount(0);
  });
  await test.step("a reset link", async () => {
    await page.getByRole("button", { name: "Make a reset link" }).click();
    const link = page.getByRole("textbox", { name: "Link", exact: true });
    await expect(link).toHaveValue(/\/enrol\/.{43}$/);
    await inBothSchemes(page);
  });
  await test.step("deleted", async () => {
    const dialog = page.getByRole("alertdialog");
    await page.getByRole("button", { name: "Delete the account" }).click();
    await dialog.getByRole("textbox", { name: "Type the name to confirm" }).fill("bo");
    await dialog.getByRole("button", { name: "Delete the account" }).click();
    await expect(dialog.getByText("That is not the account’s name.")).toBeVisible();
    await dialog.getByRole("textbox", { name: "Type the name to confirm" }).fill("bob");
    await dialog.getByRole("button", { name: "Delete the account" }).click();
    await page.waitForURL(/\/admin\/users$/);
    await expect(rows(page)).toHaveCount(1);
    expect((await fetch(image?.links.url ?? "")).status).toBe(404);
  });
  await test.step("and all of it is in the log", async () => {
    await open(page, `${ownServer.url}/admin/audit`);
    await expect(page.getByText("Account deleted")).toBeVisible();
    await expect(page.getByText("Account suspended")).toBeVisible();
  });
  await test.step("which is narrowed to one account, from its page", async () => {
    await open(page, `${ownServer.url}/admin/users`);
    await page.getByRole("link", { name: "ada" }).click();
    await page.getByRole("link", { name: "What happened to this account" }).click();
    await page.waitForURL(/\/admin\/audit\?user=/);
    await expect(page.getByText("Only what happened to ada’s account.")).toBeVisible();
    await expect(page.getByText("Account suspended")).toHaveCount(0);
    await expect(rows(page).first()).toContainText("ada");
    await page.getByRole("combobox", { name: "Outcome" }).selectOption("Done");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL(/\/admin\/audit\?user=[^&]+&outcome=success$/);
    await expect(page.getByText("Only what happened to ada’s account.")).toBeVisible();
    await inBothSchemes(page);
    await screenshot(page, `admin-log-of-one-${page.viewportSize()?.width}`);
    const href = await page.getByRole("link", { name: "Export as CSV" }).getAttribute("href");
    expect(href).toMatch(/^\/api\/v1\/admin\/audit\.csv\?user=[^&]+&outcome=success$/);
    await page.getByRole("link", { name: "Show everybody’s" }).click();
    await page.waitForURL(/\/admin\/audit\?outcome=success$/);
    await expect(page.getByText("Account suspended")).toBeVisible();
    await open(page, `${ownServer.url}/admin/audit`);
  });
  await test.step("which is exported as it is narrowed, with a fresh code", async () => {
    await page.getByRole("combobox", { name: "Outcome" }).selectOption("Done");
    await page.getByRole("combobox", { name: "What" }).selectOption("Administration");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page).toHaveURL(/\/admin\/audit\?/);
    await expect(rows(page).filter({ hasText: "Account deleted" })).toHaveCount(0);
    await inBothSchemes(page);
    await screenshot(page, `admin-log-${page.viewportSize()?.width}`);
    await ownServer.letCodesLapse();
    await page.getByRole("link", { name: "Export as CSV" }).click();
    await expect(page.getByRole("dialog", { name: "Is it still you?" })).toBeVisible();
    const download = page.waitForEvent("download");
    await digits(page).fill(await ada.authenticator.code());
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^reflect-audit-log-\d{4}-\d\d-\d\d\.csv$/);
    const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
    expect(lines.length).toBe(1 + (await rows(page).count()));
    expect(lines.slice(1).join("\n")).toMatch(/,bob,administrator,ada,user_suspended,success,/);
  });
});

test("settings hold at once and go back to what they were at start", async ({ page, ownServer, newVisitor }) => {
  const ada = await newAdmin(ownServer);
  await newPerson(ownServer, "bob");
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/admin/settings`);
  const signUp = setting(page, "sign_up");
  await expect(signUp.getByText("As set at start")).toBeVisible();
  await signUp.getByRole("combobox").selectOption("Open to everybody");
  await signUp.getByRole("button", { name: "Save" }).click();
  await expect(signUp.getByText("Changed here; at start: By invite")).toBeVisible();
  await inBothSchemes(page);
  const visitor = await (await newVisitor()).newPage();
  const mayEnrol = async () => {
    const answer = await visitor.request.post(`${ownServer.url}/api/app/session`, {
      data: {},
      headers: { origin: ownServer.url },
    });
    return ((await answer.json()) as { sign_in: { sign_up: boolean } }).sign_in.sign_up;
  };
  expect(await mayEnrol()).toBe(true);
  await signUp.getByRole("button", { name: "Back to default" }).click();
  await expect(signUp.getByText("As set at start")).toBeVisible();
  expect(await mayEnrol()).toBe(false);

  const largest = setting(page, "max_upload");
  await largest.getByRole("textbox").fill("9 TiB");
  await largest.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("“Largest file” is an amount such as 20 MiB")).toBeVisible();
  await setting(page, "max_upload").getByRole("textbox").fill("3 MiB");
  await setting(page, "max_upload").getByRole("button", { name: "Save" }).click();
  await expect(setting(page, "max_upload").getByText("at start: 20 MiB")).toBeVisible();
  await open(page, `${ownServer.url}/upload`);
  await expect(page.getByText("up to 3.0 MiB each")).toBeVisible();
});

test("people are found by name and come with what they use", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newAdmin(ownServer);
  for (const name of ["bob", "grace"]) await newPerson(ownServer, name);
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/admin/users`);
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole("searchbox", { name: "Name or e-mail" }).fill("GRA");
  await page.locator("form.filters").getByRole("button", { name: "Search" }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText("Has not signed in yet");
  await open(page, `${ownServer.url}/admin`);
  await page.getByRole("link", { name: /^Administrators/ }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText("ada");
});

test("in Chinese", async ({ ownServer, newVisitor }) => {
  const ada = await newAdmin(ownServer);
  const page = await (await newVisitor({ locale: "zh-CN" })).newPage();
  await open(page, `${ownServer.url}/sign-in`);
  await page.locator(".code-input").fill(await ada.authenticator.code());
  await page.waitForURL(/\/gallery/);
  for (const [section, title] of [["", "概览"], ["/users", "用户"], ["/invites", "邀请"], ["/settings", "设置"], ["/mail", "邮件"], ["/audit", "审计日志"]] as const) {
    await open(page, `${ownServer.url}/admin${section}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
    await expect(page.locator(".settings")).not.toContainText(/Save|Space|Sign-|Signed|Invite|Overview|Nobody/);
    await expectNoSidewaysScroll(page);
    await screenshot(page, `admin-zh${section.replace("/", "-")}`);
  }
});
