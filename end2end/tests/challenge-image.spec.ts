// The same with text in a picture.
import { CHINESE, lastAnswer, SECRET_KEY, twoSlips } from "../support/challenge.ts";
import { expectAccessible, expectNoSidewaysScroll, screenshot } from "../support/page.ts";
import { expect, newPerson, open, test } from "../support/reflect.ts";

test.use({ serverSettings: { REFLECT_CHALLENGE: "image", REFLECT_SECRET_KEY: SECRET_KEY } });

test("the text of a picture is read and typed", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await open(page, `${ownServer.url}/sign-in`);
  await twoSlips(page, () => ada.authenticator.wrongCode());
  await page.keyboard.type(await ada.authenticator.code());
  const field = page.getByRole("textbox", { name: "Text in the picture" });
  const picture = page.getByRole("img", { name: "Distorted letters and digits" });
  await expect(field, "the next thing to do has the focus").toBeFocused();
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await screenshot(page, `challenge-image-${test.info().project.name}-${colorScheme}`);
  }
  await test.step("another picture can be had", async () => {
    const before = await picture.getAttribute("src");
    await page.getByRole("button", { name: "Another one" }).click();
    await expect(picture).not.toHaveAttribute("src", before ?? "");
  });
  await test.step("a wrong text brings another picture and costs no try", async () => {
    await page.keyboard.type("wrong");
    await page.keyboard.press("Enter");
    await expect(page.getByText("That was not right. Here is another one.")).toBeVisible();
    await expect(field).toBeFocused();
    await expect(field).toHaveValue("");
  });
  const { image } = await lastAnswer(ownServer);
  await page.keyboard.type(` ${image?.text.toLowerCase()}`);
  await page.keyboard.press("Enter");
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
});

test("who can't read it lets the device work, and a recovery code goes the same way", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await open(page, `${ownServer.url}/sign-in`);
  await twoSlips(page, () => ada.authenticator.wrongCode());
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByRole("textbox", { name: "Recovery code" }).fill(ada.recovery_codes[0] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Let my device work instead" }).click();
  await expect(page.getByText("Signed in. 9 recovery codes left.")).toBeVisible({ timeout: 30_000 });
});

test("a code that has become too old meanwhile is asked for anew, and the solution is kept", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await page.clock.install();
  await open(page, `${ownServer.url}/sign-in`);
  await twoSlips(page, () => ada.authenticator.wrongCode());
  const code = page.getByRole("textbox", { name: "Six-digit code" });
  await code.fill(ada.authenticator.wrongCode());
  const field = page.getByRole("textbox", { name: "Text in the picture" });
  await expect(field).toBeFocused();
  await page.clock.fastForward(31_000);
  const { image } = await lastAnswer(ownServer);
  await field.fill(image?.text ?? "");
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByText("That was right. Now type the code your app shows at present.")).toBeVisible();
  await expect(code).toHaveValue("");
  await expect(code).toBeFocused();
  await page.keyboard.type(await ada.authenticator.code());
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
});

test("in Chinese", async ({ page, ownServer, context }) => {
  const ada = await newPerson(ownServer, "ada");
  await context.addCookies([{ name: "reflect_language", value: "zh", url: ownServer.url }]);
  await open(page, `${ownServer.url}/sign-in`);
  await twoSlips(page, () => ada.authenticator.wrongCode(), CHINESE);
  await page.keyboard.type(await ada.authenticator.code());
  await expect(page.getByRole("textbox", { name: "图中的文字" })).toBeFocused();
  await expect(page.getByRole("img", { name: "扭曲的字母和数字" })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.keyboard.type("wrong");
  await page.getByRole("button", { name: "确认" }).click();
  await expect(page.getByText("不正确，请再试一次。")).toBeVisible();
  const { image } = await lastAnswer(ownServer);
  await page.keyboard.type(image?.text ?? "");
  await page.keyboard.press("Enter");
  await expect(page.getByText("欢迎回来，ada")).toBeVisible();
});
