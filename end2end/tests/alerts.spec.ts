// What people are told by mail of what happens to their account.
import { expectAccessible, expectNoSidewaysScroll, screenshot } from "../support/page.ts";
import { test } from "../support/posting.ts";
import { expect, newPerson, open, signIn } from "../support/reflect.ts";

const ADDRESS = "ada@mail.example";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

test("a sign-in on a new device is told in the language of who signs in, and leads to what happened", async ({
  page,
  posting,
  mail,
  newVisitor,
}) => {
  // Every code is waited for, and there are several.
  test.setTimeout(120_000);
  const ada = await newPerson(posting, "ada");
  await signIn(page, ada, posting.url);
  await test.step("ada adds an address", async () => {
    await open(page, `${posting.url}/settings`);
    await page.getByRole("button", { name: "Add an address" }).click();
    await page.getByRole("textbox", { name: "New address" }).fill(ADDRESS);
    await page.getByRole("button", { name: "Continue" }).click();
    const proof = await mail.waitFor(ADDRESS, "Your code");
    await page.getByRole("textbox", { name: "Six-digit code" }).fill(proof.code ?? "");
    await expect(page.getByText("The mail address is changed.")).toBeVisible();
    expect((await mail.waitFor(ADDRESS)).subject).toBe("[reflect] Your mail comes here now");
  });
  await test.step("somebody signs in elsewhere, who reads Chinese", async () => {
    const elsewhere = await newVisitor({ locale: "zh-CN", userAgent: FIREFOX });
    const there = await elsewhere.newPage();
    await signIn(there, ada, posting.url);
    await elsewhere.close();
  });
  await test.step("the mail says so, and its button shows it", async () => {
    const told = await mail.waitFor(ADDRESS, "新设备登录");
    for (const part of ["账户 ada", "设备：Firefox on Linux", "IP 地址：127.0.0.1"]) expect(told.text).toContain(part);
    expect(told.links).toEqual([`${posting.url}/settings/activity`]);
    const mailbox = await page.context().newPage();
    for (const colorScheme of ["light", "dark"] as const) {
      await mailbox.emulateMedia({ colorScheme });
      await mailbox.setContent(told.html);
      await expect(mailbox.getByRole("link", { name: "查看活动记录" })).toHaveAttribute("href", told.links[0] ?? "");
      await expectNoSidewaysScroll(mailbox);
      await expectAccessible(mailbox);
      await screenshot(mailbox, `alerts-mail-${colorScheme}`);
    }
    await mailbox.close();
    await page.context().clearCookies({ name: "reflect" });
    await open(page, told.links[0] ?? "");
    await page.getByRole("link", { name: "Sign in" }).filter({ visible: true }).last().click();
    await page.getByRole("textbox", { name: "Six-digit code" }).fill(await ada.authenticator.code());
    await expect(page, "to where the mail led").toHaveURL(told.links[0] ?? "");
    const entry = page.locator(".activity > li").filter({ hasText: "Firefox on Linux" }).first();
    await expect(entry).toContainText("Signed in with a code");
    await expect(entry).toContainText("127.0.0.1");
  });
  await test.step("the same device again is no news", async () => {
    const again = await newVisitor({ userAgent: FIREFOX });
    await signIn(await again.newPage(), ada, posting.url);
    // Whatever it had been told would be on its way before this.
    await posting.cli("mail", "test", ADDRESS);
    await mail.waitFor(ADDRESS, "Mail works");
    expect(mail.mails).toEqual([]);
  });
});

test("a copy of what a trusted device keeps ends the trust, and its owner is told on the page and by mail", async ({
  page,
  posting,
  mail,
  newVisitor,
}) => {
  const ada = await newPerson(posting, "ada");
  await posting.alter(`UPDATE users SET email = '${ADDRESS}', email_verified_at = now()`);
  const thief = await newVisitor();
  const there = await thief.newPage();
  await test.step("ada trusts her browser, and somebody copies its cookie and uses it", async () => {
    await signIn(page, ada, posting.url);
    await open(page, `${posting.url}/settings/devices`);
    await page.getByRole("button", { name: "Trust this device" }).click();
    await expect(page.locator(".thing")).toContainText("This one");
    await thief.addCookies((await page.context().cookies()).filter(({ name }) => name === "reflect-device"));
    await open(there, `${posting.url}/sign-in`);
    await there.getByRole("button", { name: "Continue as ada" }).click();
    await there.waitForURL(/\/gallery$/);
  });
  await test.step("later ada comes back: she sees what happened", async () => {
    await posting.alter("UPDATE trusted_devices SET rotated_at = rotated_at - interval '1 minute'");
    await page.context().clearCookies({ name: "reflect" });
    await open(page, `${posting.url}/sign-in`);
    await expect(page.getByRole("alert").filter({ hasText: "Somebody has a copy" })).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    const told = await mail.waitFor(ADDRESS, "A trusted device was copied");
    expect(told.links).toEqual([`${posting.url}/settings/devices`]);
  });
  await test.step("the copy opens nothing any more, and what it opened has ended", async () => {
    await open(there, `${posting.url}/gallery`);
    await expect(there.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
    await open(there, `${posting.url}/sign-in`);
    await expect(there.getByRole("textbox", { name: "Six-digit code" })).toBeVisible();
    await expect(there.getByRole("button", { name: "Continue as ada" })).toHaveCount(0);
  });
  await test.step("ada signs in with a code, and the page has no more to say", async () => {
    await page.getByRole("textbox", { name: "Six-digit code" }).fill(await ada.authenticator.code());
    await expect(page.getByText("Welcome back, ada")).toBeVisible();
    await page.context().clearCookies({ name: "reflect" });
    await open(page, `${posting.url}/sign-in`);
    await expect(page.getByText("Somebody has a copy")).toHaveCount(0);
  });
});
