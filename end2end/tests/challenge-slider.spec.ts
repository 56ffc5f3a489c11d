// The same with a puzzle piece, by keys and by dragging.
import type { Page } from "@playwright/test";
import { CHINESE, SECRET_KEY, lastAnswer, twoSlips } from "../support/challenge.ts";
import { expectAccessible, expectNoSidewaysScroll, screenshot } from "../support/page.ts";
import { expect, newPerson, open, test, type Person } from "../support/reflect.ts";
import type { ReflectServer } from "../support/server.ts";

test.use({ serverSettings: { REFLECT_CHALLENGE: "slider", REFLECT_SECRET_KEY: SECRET_KEY } });

const slider = (page: Page) => page.getByRole("slider", { name: "Where the piece is" });
const puzzle = (page: Page) => page.getByRole("img", { name: "A landscape with a gap" });

async function challenged(page: Page, server: ReflectServer, person: Person): Promise<void> {
  await open(page, `${server.url}/sign-in`);
  await twoSlips(page, () => person.authenticator.wrongCode());
  await page.keyboard.type(await person.authenticator.code());
  await expect(slider(page), "the next thing to do has the focus").toBeFocused();
}

type Point = { x: number; y: number };

function between(from: Point, to: Point): Point[] {
  return [0.1, 0.3, 0.5, 0.7, 0.9, 1].map((part) => ({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }));
}

async function drag(page: Page, from: Point, to: Point): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (const point of between(from, to)) await page.mouse.move(point.x, point.y);
  await page.mouse.up();
}

async function swipe(page: Page, from: Point, to: Point): Promise<void> {
  const finger = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...touchPoints: Point[]) =>
    finger.send("Input.dispatchTouchEvent", { type, touchPoints });
  await touch("touchStart", from);
  for (const point of between(from, to)) await touch("touchMove", point);
  await touch("touchEnd");
}

async function left(server: ReflectServer): Promise<number> {
  return (await lastAnswer(server)).slider?.place.left ?? 0;
}

test("by keys alone", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await challenged(page, ownServer, ada);
  await expect(slider(page)).toHaveAttribute("aria-valuetext", "0 of 264 pixels from the left");
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await screenshot(page, `challenge-slider-${test.info().project.name}-${colorScheme}`);
  }
  await test.step("a wrong place brings another puzzle", async () => {
    await page.keyboard.press("Enter");
    await expect(page.getByText("That was not right. Here is another one.")).toBeVisible();
    await expect(slider(page)).toBeFocused();
  });
  const goal = await left(ownServer);
  const at = async () => Number(await slider(page).inputValue());
  while ((await at()) < goal - 30) await page.keyboard.press("PageUp");
  while ((await at()) < goal - 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
});

test("by dragging the piece", async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await challenged(page, ownServer, ada);
  const box = await puzzle(page).boundingBox();
  if (!box) throw new Error("no puzzle");
  const way = ((await left(ownServer)) * box.width) / 320;
  const from = { x: box.x + 10, y: box.y + 20 };
  const to = { x: from.x + way, y: from.y + 10 };
  if (test.info().project.use.hasTouch) await swipe(page, from, to);
  else await drag(page, from, to);
  await screenshot(page, `challenge-slider-${test.info().project.name}-dragged`);
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
});

test("in Chinese", async ({ page, ownServer, context }) => {
  const ada = await newPerson(ownServer, "ada");
  await context.addCookies([{ name: "reflect_language", value: "zh", url: ownServer.url }]);
  await open(page, `${ownServer.url}/sign-in`);
  await twoSlips(page, () => ada.authenticator.wrongCode(), CHINESE);
  await page.getByRole("textbox", { name: CHINESE.code }).fill(await ada.authenticator.code());
  await expect(page.getByRole("slider", { name: "拼图块的位置" })).toBeVisible();
  await screenshot(page, `challenge-slider-${test.info().project.name}-zh`);
  await page.getByRole("button", { name: "让我的设备运算代替" }).click();
  await expect(page.getByText("欢迎回来，ada")).toBeVisible({ timeout: 30_000 });
});
