// From the link that reflect prints to the first picture's place: the set-up wizard.
import { readFile } from "node:fs/promises";
import { expect, open, test } from "../support/reflect.ts";
import { expectNoSidewaysScroll } from "../support/page.ts";
import { Authenticator } from "../support/totp.ts";

test("the set-up link leads through four steps to a first account, once", async ({ page, ownServer, newVisitor }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.addInitScript(() => {
    window.print = () => Object.assign(globalThis, { printed: true });
  });
  const link = await ownServer.setupLink();
  const step = page.locator('[aria-current="step"]');
  const alert = page.getByRole("alert").filter({ hasText: /\S/ });
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

  await test.step("a visitor without the link is told what to do", async () => {
    await open(page, ownServer.url);
    await expect(page.getByText("This instance has no account yet")).toBeVisible();
  });

  await test.step("the name", async () => {
    await open(page, link);
    await expect(page).toHaveTitle(/Set up reflect/);
    await expect(step).toHaveText("Name");
    const name = page.getByRole("textbox", { name: "Name", exact: true });
    await name.fill("two words");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(alert).toContainText("A name has 1 to 32 letters, digits, dots, hyphens or underscores");
    await name.fill("ada");
    await page.getByRole("textbox", { name: /E-mail/ }).fill("ada@example.org");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(step).toHaveText("Scan");
  });

  const otpauth = new URL((await page.getByRole("link", { name: "Open in an app on this device" }).getAttribute("href")) ?? "");
  const secret = otpauth.searchParams.get("secret") ?? "";
  await test.step("the QR code, the link and the secret in groups of four say the same", async () => {
    expect(otpauth.protocol).toBe("otpauth:");
    expect(otpauth.host).toBe("totp");
    expect(decodeURIComponent(otpauth.pathname)).toBe("/reflect:ada");
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const groups = (await page.locator(".secret code").innerText()).split(" ");
    expect(groups.map((group) => group.length)).toEqual(Array(8).fill(4));
    expect(groups.join("")).toBe(secret);
    const code = page.getByRole("img", { name: /QR code/ });
    await expect(code.locator("svg")).toBeVisible();
    const box = await code.boundingBox();
    expect(box?.width ?? 0, "wide enough for a camera").toBeGreaterThan(180);
    await page.getByRole("button", { name: "Copy the secret" }).click();
    await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: "Copied" })).toBeAttached();
    expect(await clipboard()).toBe(secret);
    await expect(page.getByRole("button", { name: "Copy the secret" }), "it can be copied again").toBeVisible();
    await expectNoSidewaysScroll(page);
    await page.getByRole("button", { name: "I have scanned it" }).click();
    await expect(step).toHaveText("Confirm");
  });

  const authenticator = new Authenticator(secret);
  await test.step("a wrong code is told in words; the sixth right digit sends itself", async () => {
    const code = page.getByRole("textbox", { name: "Six-digit code" });
    await expect(code).toBeFocused();
    await expect(code).toHaveAttribute("autocomplete", "one-time-code");
    await expect(code).toHaveAttribute("inputmode", "numeric");
    await code.pressSequentially(authenticator.wrongCode());
    await expect(alert).toContainText("That is not right.");
    await expect(code).toHaveValue("");
    await expect(code).toBeFocused();
    await code.pressSequentially(await authenticator.code());
    await expect(step).toHaveText("Recovery");
  });

  const codes = await page.locator(".codes code").allInnerTexts();
  await test.step("ten codes to copy, to save and to print", async () => {
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    await page.getByRole("button", { name: "Copy all" }).click();
    await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
    expect(await clipboard()).toBe(codes.join("\n"));

    const saving = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe("reflect-recovery-codes.txt");
    const sheet = await readFile(await download.path(), "utf8");
    expect(sheet).toContain(`reflect recovery codes for ada at ${ownServer.url}`);
    expect(sheet.trim().split("\n").slice(-10)).toEqual(codes);

    await page.getByRole("button", { name: "Print" }).click();
    expect(await page.evaluate(() => "printed" in globalThis)).toBe(true);
    await page.emulateMedia({ media: "print" });
    const paper = page.locator(".sheet");
    await expect(paper).toContainText(ownServer.url);
    await expect(paper).toContainText("ada");
    await expect(paper.locator("svg")).toBeVisible();
    await expect(paper.getByText(secret.match(/.{4}/g)!.join(" "))).toBeVisible();
    await expect(paper.getByRole("listitem")).toHaveText(codes);
    await expect(page.getByRole("button", { name: "Print" })).toBeHidden();
    await expect(page.locator(".codes"), "the sheet is all that is printed").toBeHidden();
    await page.emulateMedia({ media: null });
    await expect(paper).toBeHidden();
  });

  await test.step("one must be typed back, and a wrong one is refused", async () => {
    const back = page.getByRole("textbox", { name: "Recovery code" });
    await expect(back).toBeHidden();
    await page.getByRole("checkbox", { name: "I have stored them safely" }).check();
    await back.fill("0000-0000-0000-0000");
    await page.getByRole("button", { name: "Finish" }).click();
    await expect(alert).toContainText("That recovery code is not valid.");
    await expect(page.locator(".codes"), "still there to look at").toBeVisible();
    await back.fill((codes[6] ?? "").toLowerCase().replaceAll("-", " "));
    await page.getByRole("button", { name: "Finish" }).click();
  });

  await test.step("then one is signed in, where pictures are dropped", async () => {
    await expect(page.getByText("Welcome back, ada")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Drop images anywhere" })).toBeVisible();
    await page.getByRole("link", { name: "Gallery" }).filter({ visible: true }).click();
    await expect(page.getByRole("heading", { name: "Your gallery is empty" })).toBeVisible();
    await page.reload();
    await expect(page.getByRole("heading", { name: "Your gallery is empty" })).toBeVisible();
    await open(page, `${ownServer.url}/settings`);
    await expect(page.getByText("10 unused codes left"), "the one typed back stays unused").toBeVisible();
  });

  await test.step("the link is dead, and there is no second set-up", async () => {
    const visitor = await (await newVisitor()).newPage();
    await open(visitor, link);
    await expect(visitor.getByRole("heading", { name: "This link no longer works" })).toBeVisible();
    await expect(visitor.getByRole("button", { name: "Continue" })).toHaveCount(0);
    await ownServer.stop();
    await ownServer.launch();
    expect(ownServer.output.match(/Set up reflect: /g), "only the first start printed a link").toHaveLength(1);
    await open(visitor, ownServer.url);
    await expect(visitor.getByText("This instance has no account yet")).toBeHidden();
  });
});

test("two who hold the same link do not both become the owner", { tag: "@once" }, async ({ page, ownServer, newVisitor }) => {
  const link = await ownServer.setupLink();
  const slow = await (await newVisitor()).newPage();
  const enrol = async (who: typeof page, name: string) => {
    await open(who, link);
    await who.getByRole("textbox", { name: "Name", exact: true }).fill(name);
    await who.getByRole("button", { name: "Continue" }).click();
    const href = await who.getByRole("link", { name: "Open in an app on this device" }).getAttribute("href");
    await who.getByRole("button", { name: "I have scanned it" }).click();
    const authenticator = new Authenticator(new URL(href ?? "").searchParams.get("secret") ?? "");
    await who.getByRole("textbox", { name: "Six-digit code" }).fill(await authenticator.code());
    await who.getByRole("checkbox", { name: "I have stored them safely" }).check();
    await who.getByRole("textbox", { name: "Recovery code" }).fill(await who.locator(".codes code").first().innerText());
  };
  await enrol(slow, "mallory");
  await enrol(page, "ada");
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
  await slow.getByRole("button", { name: "Finish" }).click();
  await expect(slow.getByRole("alert").filter({ hasText: /\S/ })).toContainText(/was overtaken meanwhile|This link was used/);
  await open(slow, link);
  await expect(slow.getByText("This link was used, has expired or never was.")).toBeVisible();
  await open(slow, `${ownServer.url}/gallery`);
  await expect(slow.getByRole("heading", { name: "Sign in to see this page" })).toBeVisible();
});

test("where the browser refuses the clipboard, the wizard says so and selects what is to be copied", async ({ page, ownServer }) => {
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
    document.execCommand = () => false;
  });
  const selected = () =>
    page.evaluate(() => {
      const field = document.activeElement as HTMLInputElement;
      return field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0);
    });
  const refused = page.getByRole("status").filter({ hasText: "The browser refused the clipboard." });
  await open(page, await ownServer.setupLink());
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("button", { name: "Continue" }).click();
  const secret = (await page.locator(".secret code").innerText()).replaceAll(" ", "");
  await page.getByRole("button", { name: "Copy the secret" }).click();
  await expect(refused).toBeAttached();
  await expect(page.getByText("The browser refused the clipboard.").filter({ visible: true }).first()).toBeVisible();
  expect(await selected()).toBe(secret);
  // It is said for a moment, and can be tried again.
  await expect(refused).toHaveCount(0);
  await page.getByRole("button", { name: "I have scanned it" }).click();
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(await new Authenticator(secret).code());
  await expect(page.locator(".codes code")).toHaveCount(10);
  const codes = await page.locator(".codes code").allInnerTexts();
  await page.getByRole("button", { name: "Copy all" }).click();
  await expect(refused).toBeAttached();
  expect(await selected()).toBe(codes.join(" "));
});
