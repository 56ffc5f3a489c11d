// The operator tries the mail settings, and what arrives is a mail that everybody can read.
import { startMail, type MailServer } from "../support/mail.ts";
import { expectAccessible, expectNoSidewaysScroll } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { ReflectServer } from "../support/server.ts";
import { Authenticator } from "../support/totp.ts";

let mail: MailServer;
let reflect: ReflectServer;

test.beforeAll(async () => {
  mail = await startMail();
  reflect = await ReflectServer.start(mail.settings);
});

test.afterAll(async () => {
  await reflect.dispose();
  await mail.stop();
});

/** What `reflect mail test` says where it fails. */
async function failure(settings: Record<string, string>, address = "bob@mail.example"): Promise<string> {
  const error: unknown = await reflect.cliWith(settings, "mail", "test", address).then(
    (said) => new Error(`it succeeded: ${said}`),
    (failed: unknown) => failed,
  );
  return String((error as { stderr?: string }).stderr ?? error);
}

for (const [language, subject, button] of [
  ["en", "[reflect] Mail works", "Open reflect"],
  ["zh", "[reflect] 邮件可以正常发送", "打开 reflect"],
] as const) {
  test(`a test mail arrives over STARTTLS with a login, and is readable: ${language}`, async ({ page }) => {
    const to = `ada-${language}@mail.example`;
    const said = await reflect.cli("mail", "test", to, "--language", language);
    expect(said).toContain(`(STARTTLS, as reflect) took the mail for ${to}`);
    const arrived = await mail.waitFor(to, subject);
    expect(arrived.from).toBe("no-reply@pictures.example");
    expect(arrived.links).toEqual([`${reflect.url}/`]);
    expect(arrived.code).toBeUndefined();

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setContent(arrived.html);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(subject.replace("[reflect] ", ""));
      await expect(page.getByRole("link", { name: button })).toHaveAttribute("href", `${reflect.url}/`);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    }
  });
}

test("who gives an address in the wizard is welcomed by mail", async ({ page }) => {
  await open(page, await reflect.setupLink());
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("textbox", { name: /E-mail/ }).fill("ada@mail.example");
  await page.getByRole("button", { name: "Continue" }).click();
  const proof = await mail.waitFor("ada@mail.example", "Your code");
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(proof.code ?? "");
  const href = (await page.getByRole("link", { name: "Open in an app on this device" }).getAttribute("href")) ?? "";
  const authenticator = new Authenticator(new URL(href).searchParams.get("secret") ?? "");
  await page.getByRole("button", { name: "I have scanned it" }).click();
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(await authenticator.code());
  await expect(page.locator(".codes code")).toHaveCount(10);
  const codes = await page.locator(".codes code").allInnerTexts();
  expect(mail.mails, "there is no account yet").toEqual([]);
  await page.getByRole("checkbox", { name: "I have stored them safely" }).check();
  await page.getByRole("textbox", { name: "Recovery code" }).fill(codes[0] ?? "");
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByText("Welcome back, ada")).toBeVisible();

  const welcome = await mail.waitFor("ada@mail.example", "Welcome to reflect");
  expect(welcome.text).toContain("The account ada is set up");
  await open(page, welcome.links[0] ?? "");
  await expect(page).toHaveURL(`${reflect.url}/`);
});

test("what is wrong is said in words, and never with the password", { tag: "@once" }, async () => {
  mail.refuse(550, "No such mailbox");
  expect(await failure(mail.settings)).toMatch(/did not take the mail: .*550.*No such mailbox/);
  mail.refuse();
  expect(await failure(mail.settings, "bob")).toContain("an e-mail address looks like name@example.org");
  const { REFLECT_SMTP_CA, REFLECT_MAIL_FROM, ...server } = mail.settings;
  for (const [settings, says] of [
    [{ ...mail.settings, REFLECT_SMTP_URL: mail.urlFor("reflect", "hunter2") }, /did not take the mail: .*535/],
    [{ ...server, REFLECT_MAIL_FROM }, /did not take the mail: .*certificate/],
    [{ ...server, REFLECT_SMTP_CA }, /REFLECT_MAIL_FROM is missing/],
    [{}, /REFLECT_SMTP_URL and REFLECT_MAIL_FROM are not set/],
  ] as [Record<string, string>, RegExp][]) {
    const said = await failure(settings);
    expect(said).toMatch(says);
    expect(said).not.toContain("hunter2");
  }
  expect(reflect.output).not.toContain(encodeURIComponent("p@ss"));
  expect(mail.mails).toEqual([]);
});
