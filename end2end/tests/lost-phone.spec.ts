// Phone and recovery codes are gone: the operator prints a link, and the account is its owner's again.
import { expect, newPerson, open, signIn, test } from "../support/reflect.ts";
import { expectAccessible } from "../support/page.ts";
import { Authenticator } from "../support/totp.ts";

test("who lost phone and codes enrols anew, keeps the pictures, and is signed out everywhere else", async ({
  page,
  ownServer,
  newVisitor,
}) => {
  const ada = await newPerson(ownServer, "ada");
  const lost = await (await newVisitor()).newPage();
  await signIn(lost, ada, ownServer.url);

  const link = await ownServer.resetLink("ada");
  await open(page, link);
  await expect(page).toHaveTitle(/Set up your authenticator anew/);
  await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Name", exact: true })).toHaveValue("ada");
  await expect(page.getByRole("textbox", { name: "Name", exact: true })).not.toBeEditable();
  await expect(page.getByRole("textbox", { name: /E-mail/ })).toBeHidden();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Continue" }).click();

  const href = (await page.getByRole("link", { name: "Open in an app on this device" }).getAttribute("href")) ?? "";
  const secret = new URL(href).searchParams.get("secret") ?? "";
  expect(secret).not.toBe(ada.secret);
  const authenticator = new Authenticator(secret);
  await page.getByRole("button", { name: "I have scanned it" }).click();
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(await authenticator.code());
  await expect(page.locator(".codes code")).toHaveCount(10);
  const codes = await page.locator(".codes code").allInnerTexts();
  await page.getByRole("checkbox", { name: "I have stored them safely" }).check();
  await page.getByRole("textbox", { name: "Recovery code" }).fill(codes[3] ?? "");
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByText("Welcome back, ada")).toBeVisible();

  await test.step("the lost phone's session has ended", async () => {
    await open(lost, `${ownServer.url}/gallery`);
    await expect(lost.getByRole("link", { name: "Sign in" }).first()).toBeVisible();
  });
  await test.step("the link is spent", async () => {
    await open(lost, link);
    await expect(lost.getByRole("heading", { name: "This link no longer works" })).toBeVisible();
  });
});
