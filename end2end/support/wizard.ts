// The enrolment wizard, in English, as somebody goes through it who has its link.
import type { Page } from "@playwright/test";
import { Authenticator } from "./totp.ts";

/** From the secret to the end; the authenticator that was set up. */
export async function scanAndStore(page: Page): Promise<Authenticator> {
  const secret = await page.locator(".secret code").innerText();
  await page.getByRole("button", { name: "I have scanned it" }).click();
  const authenticator = new Authenticator(secret);
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(await authenticator.code());
  const first = await page.locator(".codes code").first().innerText();
  await page.getByRole("checkbox", { name: "I have stored them safely" }).check();
  await page.getByRole("textbox", { name: "Recovery code" }).fill(first);
  await page.getByRole("button", { name: "Finish" }).click();
  await page.waitForURL(/\/upload$/);
  return authenticator;
}
