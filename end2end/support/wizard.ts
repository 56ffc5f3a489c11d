// The enrolment wizard, as somebody goes through it who has its link.
import type { Page } from "@playwright/test";
import { Authenticator } from "./totp.ts";

const ENGLISH = {
  scanned: "I have scanned it",
  code: "Six-digit code",
  stored: "I have stored them safely",
  recoveryCode: "Recovery code",
  finish: "Finish",
};

export const CHINESE: typeof ENGLISH = {
  scanned: "我已扫描",
  code: "六位验证码",
  stored: "我已妥善保存",
  recoveryCode: "恢复码",
  finish: "完成",
};

/** From the secret to the end; the authenticator that was set up. */
export async function scanAndStore(page: Page, words = ENGLISH): Promise<Authenticator> {
  const secret = await page.locator(".secret code").innerText();
  await page.getByRole("button", { name: words.scanned }).click();
  const authenticator = new Authenticator(secret);
  await page.getByRole("textbox", { name: words.code }).fill(await authenticator.code());
  const first = await page.locator(".codes code").first().innerText();
  await page.getByRole("checkbox", { name: words.stored }).check();
  await page.getByRole("textbox", { name: words.recoveryCode }).fill(first);
  await page.getByRole("button", { name: words.finish }).click();
  await page.waitForURL(/\/upload$/);
  return authenticator;
}
