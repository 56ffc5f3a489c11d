// Two slips, and the device has to work before the third try: nobody has to do anything.
import { CHINESE, twoSlips } from "../support/challenge.ts";
import { expectAccessible, expectNoSidewaysScroll, screenshot } from "../support/page.ts";
import { expect, newPerson, open, test } from "../support/reflect.ts";

test("after two wrong codes the device works, and the sign-in goes on by itself", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await newPerson(ownServer, "grace");
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/work-worker*", async (route) => {
    await released;
    await route.continue();
  });
  await open(page, `${ownServer.url}/sign-in`);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Ada");
  await twoSlips(page, () => ada.authenticator.wrongCode());
  const code = page.getByRole("textbox", { name: "Six-digit code" });
  const digits = await ada.authenticator.code();
  await code.fill(digits);
  await expect(page.getByRole("group", { name: "Check against robots" }).getByRole("status")).toContainText(
    "Your device is doing a little work",
  );
  await expect(page.getByRole("textbox", { name: "Name", exact: true })).toHaveValue("Ada");
  await expect(code).toHaveValue(digits);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await screenshot(page, `challenge-work-${test.info().project.name}`);
  release();
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
});

test("a wrong code after the work counts, and each further try works anew", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await open(page, `${ownServer.url}/sign-in`);
  await twoSlips(page, () => ada.authenticator.wrongCode());
  const solved: string[] = [];
  page.on("request", (request) => {
    const challenge = request.url().endsWith("/api/app/sign-in") && (request.postDataJSON() as { challenge?: { id: string } }).challenge;
    if (challenge) solved.push(challenge.id);
  });
  const code = page.getByRole("textbox", { name: "Six-digit code" });
  const alert = page.getByRole("alert").filter({ hasText: /\S/ });
  for (let tries = 1; tries <= 3; tries++) {
    await code.fill(ada.authenticator.wrongCode());
    await expect.poll(() => solved.length).toBe(tries);
    await expect(alert).toContainText("That is not right.");
    await expect(code).toHaveValue("");
  }
  expect(new Set(solved).size).toBe(3);
  await code.fill(await ada.authenticator.code());
  await expect(alert).toContainText("That was too soon or too often.");
});

test("in Chinese", async ({ page, ownServer, context }) => {
  const ada = await newPerson(ownServer, "ada");
  await context.addCookies([{ name: "reflect_language", value: "zh", url: ownServer.url }]);
  await page.route("**/work-worker*", () => new Promise(() => {}));
  await open(page, `${ownServer.url}/sign-in`);
  await twoSlips(page, () => ada.authenticator.wrongCode(), CHINESE);
  await page.getByRole("textbox", { name: CHINESE.code }).fill(await ada.authenticator.code());
  await expect(page.getByRole("group", { name: "人机验证" }).getByRole("status")).toContainText("你的设备正在做一点运算");
  await expectNoSidewaysScroll(page);
});
