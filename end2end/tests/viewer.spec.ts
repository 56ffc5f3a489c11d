// The viewer closely: enlarged, moved about, on all of the screen, and turning by itself.
import type { CDPSession, Page } from "@playwright/test";
import { jpegFile, pngFile } from "../support/images.ts";
import { expectAccessible, expectNoSidewaysScroll, screenshot } from "../support/page.ts";
import { expect, open, signIn, test } from "../support/reflect.ts";
import { expectShown, viewer } from "../support/viewer.ts";

const picture = (page: Page) => viewer(page).locator(".viewer-stage .picture");
const button = (page: Page, name: string | RegExp) => viewer(page).getByRole("button", { name });
const fit = (page: Page) => button(page, /^Fit to the window/);
const status = (page: Page) => viewer(page).locator(".viewer-stage [role=status]");
const heading = (page: Page) => viewer(page).getByRole("heading", { level: 2 }).first();

type Place = { x: number; y: number };

/** How the picture is drawn, once that has been drawn. */
async function drawn(page: Page) {
  return picture(page).evaluate(async (element) => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    const image = element as HTMLImageElement;
    const stage = image.parentElement!.getBoundingClientRect();
    const box = image.getBoundingClientRect();
    const [width, height] = [image.getAttribute("width"), image.getAttribute("height")].map(Number) as [number, number];
    const fitting = Math.min(1, stage.width / width, stage.height / height);
    const scale = (fitting * box.width) / image.offsetWidth;
    const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    return {
      scale,
      fits: Math.abs(scale - fitting) < 1e-6,
      percent: Math.round(scale * devicePixelRatio * 100),
      left: middle.x - (width * scale) / 2,
      top: middle.y - (height * scale) / 2,
      right: middle.x + (width * scale) / 2,
      bottom: middle.y + (height * scale) / 2,
      stage: { left: stage.left, top: stage.top, right: stage.right, bottom: stage.bottom },
      source: image.currentSrc,
    };
  });
}

/** The picture's pixel that is drawn at a place. */
async function pixelAt(page: Page, { x, y }: Place): Promise<Place> {
  const { left, top, scale } = await drawn(page);
  return { x: (x - left) / scale, y: (y - top) / scale };
}

function expectNear(one: Place, other: Place, what: string): void {
  expect(Math.hypot(one.x - other.x, one.y - other.y), `${what}: ${JSON.stringify([one, other])}`).toBeLessThan(3);
}

/** No ground is seen beside what is larger than the stage. */
async function expectCovered(page: Page): Promise<void> {
  const { left, top, right, bottom, stage } = await drawn(page);
  expect(left).toBeLessThan(stage.left + 1);
  expect(top).toBeLessThan(stage.top + 1);
  expect(right).toBeGreaterThan(stage.right - 1);
  expect(bottom).toBeGreaterThan(stage.bottom - 1);
}

async function touch(client: CDPSession, type: "touchStart" | "touchMove" | "touchEnd", ...touchPoints: Place[]): Promise<void> {
  await client.send("Input.dispatchTouchEvent", { type, touchPoints: touchPoints.map((place, id) => ({ ...place, id })) });
}

/** Fingers, put down one after the other, go from some places to others, together. */
async function fingers(client: CDPSession, from: Place[], to: Place[]): Promise<void> {
  for (let count = 1; count <= from.length; count++) await touch(client, "touchStart", ...from.slice(0, count));
  for (let part = 0.1; part < 1.05; part += 0.1) {
    const at = from.map(({ x, y }, n) => ({ x: x + (to[n]!.x - x) * part, y: y + (to[n]!.y - y) * part }));
    await touch(client, "touchMove", ...at);
  }
  await touch(client, "touchEnd");
}

test("the wheel enlarges what is below the pointer; what is enlarged is moved, and can't be lost", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "for mice");
  const [, image] = await owner.api.upload(jpegFile("wheel-1.jpg", 300, 200, 1), jpegFile("wheel-2.jpg", 2000, 1500, 2));
  await open(page, `/gallery?view=${image!.slug}`);
  await expectShown(page, "wheel-2.jpg");
  await expect(fit(page)).toHaveText("45%");
  const there = { x: 250, y: 400 };
  await page.mouse.move(there.x, there.y);
  const before = await pixelAt(page, there);
  for (let turn = 0; turn < 4; turn++) await page.mouse.wheel(0, -100);
  await expect(fit(page)).not.toHaveText("45%");
  expectNear(await pixelAt(page, there), before, "below the pointer");
  await expectCovered(page);

  await test.step("pinching a trackpad is a wheel with Ctrl", async () => {
    const there = { x: 700, y: 150 };
    await page.mouse.move(there.x, there.y);
    const before = await pixelAt(page, there);
    const { scale } = await drawn(page);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -20);
    await page.keyboard.up("Control");
    await expect.poll(async () => (await drawn(page)).scale).toBeGreaterThan(scale);
    expectNear(await pixelAt(page, there), before, "below the pointer");
  });

  await test.step("the mouse moves it, as far as its edge", async () => {
    const before = await drawn(page);
    await page.mouse.move(400, 400);
    await page.mouse.down();
    await page.mouse.move(460, 370, { steps: 3 });
    const after = await drawn(page);
    expectNear({ x: after.left - before.left, y: after.top - before.top }, { x: 60, y: -30 }, "as far as the mouse");
    await page.mouse.move(5000, 4000, { steps: 3 });
    await page.mouse.up();
    await page.mouse.move(300, 300, { steps: 3 });
    await expectCovered(page);
    const { left, top, stage } = await drawn(page);
    expectNear({ x: left, y: top }, { x: stage.left, y: stage.top }, "the picture's corner");
  });

  await test.step("another picture fits, and turning the wheel back makes this one fit", async () => {
    await button(page, "Next image").click();
    await expectShown(page, "wheel-1.jpg");
    await expect(fit(page)).toHaveText("100%");
    await page.keyboard.press("ArrowLeft");
    await expectShown(page, "wheel-2.jpg");
    expect((await drawn(page)).fits).toBe(true);
    await page.mouse.move(450, 400);
    await page.mouse.wheel(0, -500);
    await expect.poll(async () => (await drawn(page)).fits).toBe(false);
    for (let turn = 0; turn < 3; turn++) await page.mouse.wheel(0, 500);
    await expect.poll(async () => (await drawn(page)).fits).toBe(true);
  });

  await test.step("also where the stage ends within a pixel, as on displays scaled by a quarter", async () => {
    await viewer(page).locator(".viewer-stage").evaluate((stage) => (stage.style.blockSize = "calc(100% - 0.4px)"));
    await page.mouse.wheel(0, -500);
    await expect.poll(async () => (await drawn(page)).fits).toBe(false);
  });
});

test("a double click or tap shows the picture's own pixels there, and all of it again", async ({ page, owner, isMobile }) => {
  const [image] = await owner.api.upload(jpegFile("own.jpg", 2000, 1500, 1));
  await open(page, `/gallery?view=${image!.slug}`);
  await expectShown(page, "own.jpg");
  const fitting = await drawn(page);
  expect(fitting.source, "as wide as is seen").toContain("w=1280");
  const there = { x: fitting.stage.left + 120, y: (fitting.stage.top + fitting.stage.bottom) / 2 };
  const twice = async () => {
    if (!isMobile) return page.mouse.dblclick(there.x, there.y);
    await page.touchscreen.tap(there.x, there.y);
    await page.touchscreen.tap(there.x, there.y);
  };
  const before = await pixelAt(page, there);
  await twice();
  await expect(fit(page)).toHaveText("100%");
  expect((await drawn(page)).percent).toBe(100);
  expectNear(await pixelAt(page, there), before, "where it was clicked");
  await expect.poll(async () => (await drawn(page)).source, "the original").toBe(image!.links.url);
  await expectCovered(page);
  await screenshot(page, `viewer-enlarged-${isMobile ? "phone" : "desktop"}`);
  await twice();
  await expect.poll(async () => (await drawn(page)).fits).toBe(true);
  expect(await page.evaluate(() => visualViewport!.scale), "the page itself").toBe(1);
});

test("a small picture is enlarged to fill the stage, and its pixels are seen", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "the same there");
  const [image] = await owner.api.upload(pngFile("icon.png", 32, 32, 1));
  await open(page, `/gallery?view=${image!.slug}`);
  await expectShown(page, "icon.png");
  await expect(fit(page)).toHaveText("100%");
  await page.mouse.dblclick(450, 400);
  await expect(fit(page)).toHaveText("2500%");
  await expect(button(page, "Zoom in")).toHaveAttribute("aria-disabled", "true");
  await expect(picture(page)).toHaveCSS("image-rendering", "pixelated");
  await fit(page).click();
  await expect(picture(page)).toHaveCSS("image-rendering", "auto");
});

test("keys and buttons enlarge in steps; arrows move what is enlarged and turn pages otherwise", async ({ page, owner, isMobile }) => {
  test.skip(isMobile, "for keyboards");
  const [, image] = await owner.api.upload(jpegFile("step-1.jpg", 300, 200, 1), jpegFile("step-2.jpg", 2000, 1500, 2));
  await open(page, `/gallery?view=${image!.slug}`);
  await expectShown(page, "step-2.jpg");
  await expect(button(page, "Zoom out")).toHaveAttribute("aria-disabled", "true");
  for (const [key, percent] of [["+", 50], ["=", 75], ["+", 100], ["-", 75], ["0", 45], ["-", 45]] as const) {
    await page.keyboard.press(key);
    await expect(fit(page), key).toHaveText(`${percent}%`);
    await expect(status(page)).toHaveText(`${percent}%`);
  }
  await button(page, "Zoom in").click();
  await button(page, "Zoom in").click();
  await button(page, "Zoom in").click();
  await expect(fit(page)).toHaveText("100%");
  await expect(fit(page)).toHaveAccessibleName("Fit to the window, now 100%");

  const before = await drawn(page);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  const after = await drawn(page);
  expect(after.left).toBeLessThan(before.left);
  expect(after.top).toBeLessThan(before.top);
  for (let press = 0; press < 10; press++) await page.keyboard.press("ArrowUp");
  await expectCovered(page);
  await expectShown(page, "step-2.jpg");
  await button(page, "Zoom out").click();
  await expect(fit(page)).toHaveText("75%");
  await page.keyboard.press("0");
  await expect.poll(async () => (await drawn(page)).fits).toBe(true);
  await page.keyboard.press("ArrowRight");
  await expectShown(page, "step-1.jpg");

  await test.step("keys are typed where one types", async () => {
    const title = viewer(page).getByRole("textbox", { name: "Title" });
    await title.fill("");
    await title.pressSequentially("f+s0");
    await expect(title).toHaveValue("f+s0");
    expect((await drawn(page)).fits).toBe(true);
    await expect(button(page, "Slideshow")).toHaveAttribute("aria-pressed", "false");
  });
});

test("two fingers enlarge what is between them; one moves it and turns pages only when it fits", async ({ page, owner, hasTouch }) => {
  test.skip(!hasTouch, "for fingers");
  const [, image] = await owner.api.upload(jpegFile("pinch-1.jpg", 300, 200, 1), jpegFile("pinch-2.jpg", 1500, 2000, 2));
  await open(page, `/gallery?view=${image!.slug}`);
  await expectShown(page, "pinch-2.jpg");
  expect((await drawn(page)).fits).toBe(true);
  const client = await page.context().newCDPSession(page);
  const middle = { x: 220, y: 260 };
  const apart = (by: number): Place[] => [{ x: middle.x - by, y: middle.y - by }, { x: middle.x + by, y: middle.y + by }];
  await fingers(client, apart(30), apart(120));
  const { scale } = await drawn(page);
  const before = await pixelAt(page, middle);
  expect(scale, "four times as large").toBeGreaterThan(0.9);
  await fingers(client, apart(60), apart(90));
  expect((await drawn(page)).scale / scale).toBeCloseTo(1.5, 1);
  expectNear(await pixelAt(page, middle), before, "between the fingers");
  await expectCovered(page);
  expect(await page.evaluate(() => [visualViewport!.scale, document.querySelector("dialog.viewer")!.scrollTop]), "the page itself").toEqual([1, 0]);

  await test.step("one finger moves it", async () => {
    const before = await drawn(page);
    await fingers(client, [{ x: 330, y: 300 }], [{ x: 200, y: 240 }]);
    const after = await drawn(page);
    expectNear({ x: after.left - before.left, y: after.top - before.top }, { x: -130, y: -60 }, "as far as the finger");
    await fingers(client, [{ x: 60, y: 100 }], [{ x: 380, y: 560 }]);
    await fingers(client, [{ x: 60, y: 100 }], [{ x: 380, y: 560 }]);
    await fingers(client, [{ x: 60, y: 100 }], [{ x: 380, y: 560 }]);
    await expectCovered(page);
    await expectShown(page, "pinch-2.jpg");
  });
  await test.step("all of it can be swiped away", async () => {
    await fingers(client, apart(150), apart(20));
    await fingers(client, apart(150), apart(20));
    await expect.poll(async () => (await drawn(page)).fits).toBe(true);
    await fingers(client, [{ x: 330, y: 300 }], [{ x: 60, y: 300 }]);
    await expectShown(page, "pinch-1.jpg");
  });
  await test.step("fingers are the browser's while the page itself is enlarged", async () => {
    const stage = viewer(page).locator(".viewer-stage");
    await expect(stage).toHaveCSS("touch-action", "pan-y");
    await client.send("Emulation.setPageScaleFactor", { pageScaleFactor: 2 });
    await expect(stage).toHaveCSS("touch-action", "auto");
    await client.send("Emulation.setPageScaleFactor", { pageScaleFactor: 1 });
    await expect(stage).toHaveCSS("touch-action", "pan-y");
  });
});

test("on all of the screen: by key and button, without the side, and out again", async ({ page, owner, isMobile }) => {
  const [image] = await owner.api.upload(jpegFile("full.jpg", 1600, 1200, 1));
  await open(page, `/gallery?view=${image!.slug}`);
  await expectShown(page, "full.jpg");
  const full = button(page, "Full screen");
  const side = viewer(page).getByRole("complementary");
  const isFull = () => page.evaluate(() => document.fullscreenElement !== null);
  await expect(full).toHaveAttribute("aria-pressed", "false");
  await full.click();
  await expect(full).toHaveAttribute("aria-pressed", "true");
  await expect(side).toBeHidden();
  expect(await isFull()).toBe(true);
  await expect.poll(async () => (await drawn(page)).stage.right).toBe(page.viewportSize()!.width);
  expect((await drawn(page)).stage.bottom).toBe(page.viewportSize()!.height);
  await expect(fit(page), "as large as the screen lets it be").toHaveText(isMobile ? "49%" : "67%");

  await screenshot(page, `viewer-full-${isMobile ? "phone" : "desktop"}`);

  await test.step("controls go while nothing happens, and come back", async () => {
    const tools = viewer(page).getByRole("group", { name: "View", exact: true });
    const close = button(page, "Close");
    if (!isMobile) await page.mouse.move(300, 300);
    for (const control of [tools, close]) await expect(control).toHaveCSS("opacity", "0");
    // What isn't seen isn't pressed.
    const { x, y } = (await close.boundingBox())!;
    if (isMobile) await page.touchscreen.tap(x + 24, y + 24);
    else await page.mouse.move(310, 320);
    for (const control of [tools, close]) await expect(control).toHaveCSS("opacity", "1");
    if (isMobile) {
      await button(page, "Zoom in").tap();
      await expect(fit(page), "what is seen is").toHaveText("75%");
      await expect(viewer(page)).toBeVisible();
      return;
    }
    await expect(tools).toHaveCSS("opacity", "0");
    await page.keyboard.press("Tab");
    await expect(tools).toHaveCSS("opacity", "1");
  });
  await test.step("Escape leaves it first, and the viewer second", async () => {
    await page.keyboard.press("Escape");
    await expect(full).toHaveAttribute("aria-pressed", "false");
    expect(await isFull()).toBe(false);
    await expect(side).toBeVisible();
  });
  await test.step("the button follows when the browser leaves", async () => {
    await page.keyboard.press("f");
    await expect(full).toHaveAttribute("aria-pressed", "true");
    await page.evaluate(() => document.exitFullscreen());
    await expect(full).toHaveAttribute("aria-pressed", "false");
  });
  await test.step("what is closed leaves it", async () => {
    await page.keyboard.press("f");
    await expect(full).toHaveAttribute("aria-pressed", "true");
    await button(page, "Close").click();
    await expect(viewer(page)).toHaveCount(0);
    await expect.poll(isFull).toBe(false);
  });
  await test.step("also if it was closed before it had all of the screen", async () => {
    await open(page, `/gallery?view=${image!.slug}`);
    await expectShown(page, "full.jpg");
    await page.evaluate(() => {
      const request = Element.prototype.requestFullscreen;
      const closed = new Promise((resolve) => addEventListener("test-closed", resolve));
      Element.prototype.requestFullscreen = async function () {
        await closed;
        await request.call(this);
        dispatchEvent(new Event("test-granted"));
      };
    });
    await page.keyboard.press("f");
    await button(page, "Close").click();
    await expect(viewer(page)).toHaveCount(0);
    await page.evaluate(async () => {
      const granted = new Promise((resolve) => addEventListener("test-granted", resolve));
      dispatchEvent(new Event("test-closed"));
      await granted;
    });
    await expect.poll(isFull).toBe(false);
  });
});

test("a slideshow turns when the next picture is there, stops when one does something, and ends", async ({ page, owner }) => {
  const images = await owner.api.upload(...[1, 2, 3, 4].map((n) => jpegFile(`show-${n}.jpg`, 300, 200, n)));
  const address = `/gallery?view=${images[3]!.slug}`;
  await page.clock.install();
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(`**/${images[2]!.slug}.jpg`, async (route) => {
    await released;
    await route.continue().catch(() => undefined);
  });
  await open(page, address);
  await expectShown(page, "show-4.jpg");
  const show = button(page, "Slideshow");
  const seconds = viewer(page).getByRole("combobox", { name: "Time for each picture" });
  await expect(seconds).toHaveValue("5");
  await seconds.selectOption("3");
  await show.click();
  await expect(show).toHaveAttribute("aria-pressed", "true");
  await expect(status(page)).toHaveText("Slideshow: the next picture comes after 3 seconds");

  await test.step("not before it can be seen", async () => {
    await page.clock.runFor(4_000);
    await expect(heading(page)).toHaveText("show-4.jpg");
    release();
    await expectShown(page, "show-3.jpg");
    await expect(status(page)).toHaveText("show-3");
    await page.clock.runFor(2_000);
    await expect(heading(page)).toHaveText("show-3.jpg");
    await page.clock.runFor(1_100);
    await expectShown(page, "show-2.jpg");
  });
  await test.step("it stops when one enlarges, turns or looks elsewhere", async () => {
    await button(page, "Zoom in").click();
    await expect(show).toHaveAttribute("aria-pressed", "false");
    await expect(status(page)).toHaveText("Slideshow stopped");
    for (const stop of [
      async () => {
        // Held.
        for (let repeat = 0; repeat < 3; repeat++) await page.keyboard.down("Escape");
        await page.keyboard.up("Escape");
      },
      async () => {
        await seconds.focus();
        await page.keyboard.press("Escape");
        await seconds.blur();
      },
      () => page.keyboard.press("ArrowDown"),
      async () => {
        await page.mouse.move(200, 200);
        await page.mouse.down();
        await page.mouse.move(220, 230, { steps: 3 });
        await page.mouse.up();
      },
      () => button(page, "Previous image").click(),
      () => viewer(page).getByRole("button", { name: "Copy Markdown", exact: true }).focus(),
      () =>
        page.evaluate(() => {
          Object.defineProperty(document, "hidden", { value: true, configurable: true });
          document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
          Object.defineProperty(document, "hidden", { value: false, configurable: true });
        }),
    ]) {
      await page.keyboard.press("s");
      await expect(show).toHaveAttribute("aria-pressed", "true");
      await stop();
      await expect(show, String(stop)).toHaveAttribute("aria-pressed", "false");
      await expect(viewer(page)).toBeVisible();
    }
  });
  await test.step("whoever has chosen its pace by hand has the viewer's keys again, with Caps Lock too", async () => {
    await seconds.click();
    await seconds.selectOption("3");
    await expect(seconds).not.toBeFocused();
    await page.keyboard.press("S");
    await expect(show).toHaveAttribute("aria-pressed", "true");
    await page.keyboard.press("S");
    await expect(show).toHaveAttribute("aria-pressed", "false");
  });
  await test.step("its pace is remembered, and it ends with the last picture", async () => {
    await open(page, `/gallery?view=${images[1]!.slug}`);
    await expectShown(page, "show-2.jpg");
    await expect(seconds).toHaveValue("3");
    await page.keyboard.press("s");
    await expect(show).toHaveAttribute("aria-pressed", "true");
    await page.clock.runFor(3_100);
    await expectShown(page, "show-1.jpg");
    await expect(async () => {
      await page.clock.runFor(1_000);
      await expect(status(page)).toHaveText("Slideshow ended: this is the last picture", { timeout: 500 });
    }).toPass();
    await expect(show).toHaveAttribute("aria-pressed", "false");
  });
  await test.step("a picture that doesn't come is waited for only so long", async () => {
    const [next, first] = await owner.api.upload(jpegFile("late-1.jpg", 300, 200, 5), jpegFile("late-2.jpg", 300, 200, 6));
    await page.route(`**/${next!.slug}.jpg`, () => undefined);
    await open(page, `/gallery?view=${first!.slug}`);
    await expectShown(page, "late-2.jpg");
    await page.keyboard.press("s");
    await expect(show).toHaveAttribute("aria-pressed", "true");
    await page.clock.runFor(12_000);
    await expect(heading(page)).toHaveText("late-2.jpg");
    await page.clock.runFor(1_500);
    await expect(heading(page)).toHaveText("late-1.jpg");
    await expect(show).toHaveAttribute("aria-pressed", "true");
  });
});

test("the tools have names in both languages, keys, and room for fingers", async ({ page, person, newVisitor, isMobile }) => {
  const [image] = await person.api.upload(jpegFile("named.jpg", 1600, 1000, 1));
  await signIn(page, person);
  await open(page, `/gallery?view=${image!.slug}`);
  await expectShown(page, "named.jpg");
  await expectNoSidewaysScroll(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await screenshot(page, `viewer-${isMobile ? "phone" : "desktop"}-${colorScheme}`);
  }
  const tools = viewer(page).locator(".viewer-tools > *");
  for (const box of await tools.evaluateAll((tools) => tools.map((tool) => tool.getBoundingClientRect().toJSON()))) {
    expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
  }
  for (const [name, key] of [["Zoom out", "-"], ["Zoom in", "+"], ["Slideshow", "s"], ["Full screen", "f"]] as const) {
    await expect(button(page, name)).toHaveAttribute("aria-keyshortcuts", key);
    await expect(button(page, name)).toHaveAttribute("title", `${name} (${key})`);
  }
  await expect(fit(page)).toHaveAttribute("aria-keyshortcuts", "0");

  const visitor = await newVisitor({ locale: "zh-CN" });
  const other = await visitor.newPage();
  await signIn(other, person);
  await open(other, `/gallery?view=${image!.slug}`);
  for (const name of ["缩小", "放大", "幻灯片放映", "全屏", /^适应窗口，当前 \d+%$/]) {
    await expect(other.getByRole("dialog").getByRole("button", { name })).toBeVisible();
  }
  await screenshot(other, `viewer-${isMobile ? "phone" : "desktop"}-chinese`);
  await expect(other.getByRole("combobox", { name: "每张停留时间" })).toHaveText(/3 秒.*5 秒.*10 秒/);
});
