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
