// English and Chinese: by what the browser asks for, and by choice.
import type { Page } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { dropFiles, expectNoSidewaysScroll } from "../support/page.ts";
import { expect, hydrated, open, test } from "../support/reflect.ts";

const CHINESE = /<html[^>]* lang="zh(-CN)?"/;
const html = (page: Page) => page.locator("html");
const language = (page: Page) => page.getByRole("combobox", { name: /Language|语言/ }).filter({ visible: true });

test("a browser that asks for Chinese gets it, from the server on", async ({ newVisitor, server, person }) => {
  expect(person.name).toBeTruthy();
  const plain = await fetch(`${server.url}/sign-in`, { headers: { "accept-language": "zh-CN,zh;q=0.9,en;q=0.5" } });
  const text = await plain.text();
  expect(text).toMatch(CHINESE);
  expect(text).toContain("登录");
  const visitor = await newVisitor({ locale: "zh-CN" });
  const page = await visitor.newPage();
  await open(page, "/");
  await expect(html(page)).toHaveAttribute("lang", /^zh(-CN)?$/);
  await expect(html(page)).toHaveAttribute("dir", "ltr");
  await expect(page.getByRole("main").getByRole("link", { name: "登录" })).toBeVisible();
  await expect(page.locator("body")).not.toContainText("Sign in");
  await expectNoSidewaysScroll(page);
});

test("a browser that asks for neither gets English", async ({ server }) => {
  for (const accept of ["fr-FR,fr;q=0.9", "*", ""]) {
    const answer = await fetch(`${server.url}/`, { headers: { "accept-language": accept } });
    expect(await answer.text(), accept).toMatch(/<html[^>]* lang="en"/);
  }
});

test("the switch changes everything at once, and the choice stays", async ({ page, person }) => {
  await person.api.upload(jpegFile("bilingual.jpg", 300, 200));
  await open(page, "/");
  await expect(html(page)).toHaveAttribute("lang", "en");
  await language(page).selectOption("简体中文");
  await expect(html(page)).toHaveAttribute("lang", /^zh(-CN)?$/);
  await expect(page.getByRole("main").getByRole("link", { name: "登录" })).toBeVisible();

  await test.step("over a reload, from the server on", async () => {
    const answer = await page.reload();
    expect(await answer?.text()).toMatch(CHINESE);
    await hydrated(page);
    await expect(html(page)).toHaveAttribute("lang", /^zh(-CN)?$/);
    await expect(language(page)).toHaveValue(/^zh/);
  });
  await test.step("over page changes and signing in", async () => {
    await page.getByRole("main").getByRole("link", { name: "登录" }).click();
    const name = page.locator('input[name="username"]');
    await expect(page.locator(".code-input")).toBeFocused();
    if (await name.isVisible()) await name.fill(person.name);
    await page.locator(".code-input").fill(await person.authenticator.code());
    await page.waitForURL(/\/gallery/);
    await expect(page).toHaveTitle(/图库|相册|画廊|reflect/);
    await expect(html(page)).toHaveAttribute("lang", /^zh(-CN)?$/);
    await dropFiles(page, "main", [jpegFile("新图片.jpg", 300, 200, 2)]);
    await expect(page.locator(".tray-title")).toContainText("1");
    await expect(page.locator(".upload-tray")).not.toContainText(/Upload|Copy|Clear/);
    await expectNoSidewaysScroll(page);
  });
  await test.step("and back", async () => {
    await open(page, "/settings");
    await page.getByRole("main").getByRole("combobox").selectOption("English");
    await expect(html(page)).toHaveAttribute("lang", "en");
    await expect(page.getByText("10 unused codes left")).toBeVisible();
    await page.reload();
    await expect(html(page)).toHaveAttribute("lang", "en");
  });
});
