// Pictures on their way in: dropped, pasted, picked, refused, stopped, sent again.
import type { Page } from "@playwright/test";
import { bytesOf, type ApiImage } from "../support/api.ts";
import { brokenPngFile, jpegFile, sceneFile, type ImageFile } from "../support/images.ts";
import { dropFiles, expectAccessible, pasteFiles } from "../support/page.ts";
import { expect, open, test, type Person } from "../support/reflect.ts";
import { Gate, row, tray } from "../support/tray.ts";

test.use({ serverSettings: { REFLECT_MAX_UPLOAD: "1 MiB" } });

const photos = (count: number, of = "photo"): ImageFile[] =>
  Array.from({ length: count }, (_, n) => jpegFile(`${of}-${n}.jpg`, 320 + 16 * n, 240, n + 1));

const tile = (page: Page, name: string) => page.getByRole("link", { name: `Open ${name}` });

/** What the server has under the names of these files is what was sent, byte for byte. */
async function expectStored(person: Person, files: ImageFile[]): Promise<ApiImage[]> {
  const stored = await person.api.list();
  expect(stored.map((image) => image.filename).sort()).toEqual(files.map((file) => file.name).sort());
  for (const file of files) {
    const image = stored.find((image) => image.filename === file.name);
    const bytes = await bytesOf(image?.links.url ?? "");
    expect(bytes.equals(file.buffer), `${file.name} as sent`).toBe(true);
  }
  return stored;
}

test("what is there already is shown rather than stored again, and what shows the same is told of", async ({ page, owner }) => {
  const [sea, shore] = [sceneFile("sea.jpg", 480, 320, 3), sceneFile("shore.jpg", 480, 320, 9)];
  await owner.api.upload(sea, shore);
  await open(page, "/gallery");
  await dropFiles(page, "main", [{ ...sea, name: "again.jpg" }, sceneFile("sea.jpg", 240, 160, 3)]);
  await expect(row(page, "again.jpg")).toContainText("You have this already: sea.jpg");
  await expect(row(page, "sea.jpg")).toContainText("Looks like sea.jpg");
  await expectAccessible(page);
  expect(await owner.api.list()).toHaveLength(3);
  await row(page, "sea.jpg").getByRole("link", { name: "Looks like sea.jpg" }).click();
  await expect(page).toHaveURL(/\/gallery\?similar=\w+$/);
  await expect(tile(page, "sea.jpg")).toHaveCount(2);
  await expect(tile(page, "shore.jpg")).toHaveCount(0);
  await page.getByRole("link", { name: "Remove filter Similar images" }).click();
  await expect(tile(page, "shore.jpg")).toBeVisible();
  await tile(page, "shore.jpg").click();
  await page.getByRole("dialog").getByRole("link", { name: "Similar images" }).click();
  await expect(tile(page, "shore.jpg")).toBeVisible();
  await expect(tile(page, "sea.jpg")).toHaveCount(0);
});

test("ten photos dropped on the gallery show at once and are stored as they were", async ({ page, owner }) => {
  const files = photos(10);
  const gate = await Gate.before(page);
  await dropFiles(page, "main", files);
  await test.step("previews and names before anything has left", async () => {
    for (const file of files) await expect(row(page, file.name)).toBeVisible();
    await expect(tray(page).locator(".tray-thumb img")).toHaveCount(10);
    await expect
      .poll(() => tray(page).locator(".tray-thumb img").evaluateAll((all) => all.every((one) => (one as HTMLImageElement).naturalWidth > 0)))
      .toBe(true);
    await expect(tray(page).getByText("Uploading 0 of 10")).toBeVisible();
    await expect(tray(page).getByRole("progressbar", { name: "Progress of all uploads" })).toBeVisible();
    await expect(tray(page).getByRole("progressbar", { name: "Progress of photo-0.jpg" })).toHaveAttribute("aria-valuenow", /^\d+$/);
    await expect(row(page, "photo-9.jpg")).toContainText("Waiting");
    expect(gate.arrived, "uploads at once").toBeLessThanOrEqual(3);
    expect(await owner.api.list()).toEqual([]);
  });
  gate.release();
  await expect(tray(page).getByText("Uploaded: 10")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("status").filter({ hasText: "Uploaded: 10" })).toBeAttached();
  for (const file of files) {
    await expect(row(page, file.name)).toContainText("Uploaded");
    await expect(tile(page, file.name)).toBeAttached();
  }
  await expectStored(owner, files);
  await test.step("paper has no list", async () => {
    await page.emulateMedia({ media: "print" });
    await expect(tray(page)).toBeHidden();
    await page.emulateMedia({ media: null });
  });
  await test.step("the list can be put away", async () => {
    await tray(page).getByRole("button", { name: "Hide the list" }).click();
    await expect(row(page, "photo-0.jpg")).toBeHidden();
    await tray(page).getByRole("button", { name: "Show the list" }).click();
    await row(page, "photo-3.jpg").getByRole("button", { name: "Take photo-3.jpg off the list" }).click();
    await expect(row(page, "photo-3.jpg")).toHaveCount(0);
    await tray(page).getByRole("button", { name: "Clear" }).click();
    await expect(tray(page)).toHaveCount(0);
    await expect(tile(page, "photo-3.jpg")).toBeAttached();
  });
});

test("dragging over any page says where files go, and a drop there uploads them", async ({ page, owner }) => {
  await open(page, "/settings");
  const overlay = page.locator(".drop-overlay");
  await expect(overlay).toBeHidden();
  const transfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["x"], "x.png", { type: "image/png" }));
    return transfer;
  });
  await page.dispatchEvent("h1", "dragenter", { dataTransfer: transfer });
  await expect(overlay).toBeVisible();
  await expect(overlay).toContainText("Drop to upload");
  await page.dispatchEvent("h1", "dragleave", { dataTransfer: transfer });
  await expect(overlay).toBeHidden();

  const files = photos(2);
  await dropFiles(page, "h1", files);
  await expect(overlay).toBeHidden();
  await expect(tray(page).getByText("Uploaded: 2")).toBeVisible();
  await expectStored(owner, files);
  await expect(page, "one stays where one was").toHaveURL(/\/settings$/);
});

test("of ten files the two bad ones fail alone, with the reason", { tag: "@once" }, async ({ page, owner }) => {
  const good = photos(8);
  const large: ImageFile = { name: "large.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(1024 * 1024 + 1, 1) };
  await dropFiles(page, "main", [...good.slice(0, 4), large, brokenPngFile("broken.png"), ...good.slice(4)]);
  await expect(tray(page).getByText("Uploaded: 8 · Failed: 2")).toBeVisible({ timeout: 30_000 });
  await expect(row(page, "large.jpg")).toContainText("Larger than 1.0 MiB, the most one upload may have.");
  await expect(row(page, "broken.png")).toContainText("The image is damaged or cut off.");
  await expect(row(page, "broken.png").getByRole("button", { name: /again/ }), "sending it again can't help").toHaveCount(0);
  await expectStored(owner, good);
});

test("an upload can be stopped and sent again, and the others don't mind", async ({ page, owner }) => {
  const files = photos(3);
  const gate = await Gate.before(page, "photo-1.jpg");
  await dropFiles(page, "main", files);
  await expect(row(page, "photo-0.jpg")).toContainText("Uploaded");
  await expect(row(page, "photo-2.jpg")).toContainText("Uploaded");
  await row(page, "photo-1.jpg").getByRole("button", { name: "Cancel photo-1.jpg" }).click();
  await expect(row(page, "photo-1.jpg")).toContainText("Cancelled");
  gate.release();
  await expect(tray(page).getByText("Uploaded: 2")).toBeVisible();
  await expectStored(owner, [files[0]!, files[2]!]);
  await row(page, "photo-1.jpg").getByRole("button", { name: "Try photo-1.jpg again" }).click();
  await expect(row(page, "photo-1.jpg")).toContainText("Uploaded");
  await expect(tray(page).getByText("Uploaded: 3")).toBeVisible();
  await expectStored(owner, files);
});

test("a connection that breaks is tried again by itself; a server that fails, by hand", { tag: "@once" }, async ({ page, owner }) => {
  const [first, second] = photos(2) as [ImageFile, ImageFile];
  let broken = 0;
  await page.route("**/api/v1/images", async (route) => {
    const body = route.request().postDataBuffer();
    if (body?.includes('filename="photo-0.jpg"') && broken++ < 1) {
      await route.abort("connectionrefused");
    } else if (body?.includes('filename="photo-1.jpg"') && broken < 10) {
      await route.fulfill({ status: 500, body: "<h1>proxy</h1>" });
    } else {
      await route.continue();
    }
  });
  await dropFiles(page, "main", [first]);
  await expect(row(page, first.name)).toContainText("Uploaded", { timeout: 20_000 });
  expect(broken, "tries").toBe(2);
  await dropFiles(page, "main", [second]);
  await expect(row(page, second.name)).toContainText("Something broke on our side.");
  broken = 10;
  await tray(page).getByRole("button", { name: "Retry failed" }).click();
  await expect(row(page, second.name)).toContainText("Uploaded");
  await expectStored(owner, [first, second]);
});

test("an answer that got lost is asked for again, and nothing is stored twice", async ({ page, owner }) => {
  const keys: (string | undefined)[] = [];
  await page.route("**/api/v1/images", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    // The server has stored it by then.
    await route.fetch();
    await route.abort();
  });
  const [photo] = photos(1, "lost");
  await dropFiles(page, "main", [photo!]);
  await expect(row(page, photo!.name)).toContainText("Uploaded,");
  expect(keys).toHaveLength(2);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[1]).toBe(keys[0]);
  expect(await owner.api.list()).toHaveLength(1);
});

test("a proxy that has had enough for now is told in true words", async ({ page, owner }) => {
  const [photo] = photos(1) as [ImageFile];
  await page.route("**/api/v1/images", (route) => route.fulfill({ status: 429, body: "<h1>proxy</h1>" }));
  await open(page, "/gallery");
  await dropFiles(page, "main", [photo]);
  await expect(row(page, photo.name)).toContainText("That was too soon or too often. Try again in 60 s.");
  await page.unroute("**/api/v1/images");
  await row(page, photo.name).getByRole("button", { name: "Try photo-0.jpg again" }).click();
  await expect(row(page, photo.name)).toContainText("Uploaded");
  await expectStored(owner, [photo]);
});

test("uploads go on while one moves about, and end where one is then", async ({ page, owner }) => {
  const files = photos(5);
  const gate = await Gate.before(page);
  await dropFiles(page, "main", files);
  await expect(tray(page).getByText("Uploading 0 of 5")).toBeVisible();
  await page.evaluate(() => Object.assign(globalThis, { samePage: true }));
  const go = (name: string) => page.getByRole("navigation").getByRole("link", { name, exact: true }).filter({ visible: true }).click();
  await go("Bin");
  await expect(page.getByRole("heading", { name: "The bin is empty" })).toBeVisible();
  await expect(tray(page).getByText("Uploading 0 of 5")).toBeVisible();
  await page.getByRole("link", { name: "reflect" }).click();
  await expect(page.getByRole("heading", { name: "Drop images anywhere" })).toBeVisible();
  gate.release();
  await expect(tray(page).getByText("Uploaded: 5")).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("heading", { name: "Latest uploads" })).toBeVisible();
  await go("Gallery");
  for (const file of files) await expect(tile(page, file.name)).toBeAttached();
  expect(await page.evaluate(() => "samePage" in globalThis), "no page was loaded anew").toBe(true);
  await expectStored(owner, files);
});

test("a pasted screenshot is uploaded under a name with its time", async ({ page, owner }) => {
  const shot = { ...jpegFile("image.png", 300, 200, 5), mimeType: "image/png" };
  await pasteFiles(page, [shot]);
  await expect(tray(page).getByText("Uploaded: 1")).toBeVisible();
  const [image] = await owner.api.list();
  expect(image?.filename).toMatch(/\d{4}-\d{2}-\d{2}.*\.(png|jpg)$/);
  expect((await bytesOf(image?.links.url ?? "")).equals(shot.buffer)).toBe(true);

  await test.step("text pasted into the search stays text", async () => {
    await page.getByRole("searchbox").focus();
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "words");
      clipboardData.items.add(new File(["x"], "image.png", { type: "image/png" }));
      document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await expect(tray(page).getByRole("listitem")).toHaveCount(1);
  });
});

test("pictures picked in the file chooser are uploaded, and may be picked again, which stores nothing twice", async ({ page, owner }) => {
  await open(page, "/upload");
  const files = photos(2, "picked");
  for (const times of [1, 2]) {
    const choosing = page.waitForEvent("filechooser");
    await page.locator("main .upload-button").click();
    const chooser = await choosing;
    expect(chooser.isMultiple()).toBe(true);
    await chooser.setFiles(files);
    await expect(tray(page).getByText(`Uploaded: ${2 * times}`)).toBeVisible();
  }
  expect(await owner.api.list()).toHaveLength(2);
  await expect(page.locator(".recent .tile")).toHaveCount(2);
});

test("closing the page while uploads run asks first, and afterwards doesn't", async ({ page, owner }) => {
  const gate = await Gate.before(page);
  await dropFiles(page, "main", photos(1));
  await expect(row(page, "photo-0.jpg")).toBeVisible();
  // Browsers ask only those who have touched the page.
  await page.locator("body").click({ position: { x: 5, y: 300 } });
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  gate.release();
  await expect(tray(page).getByText("Uploaded: 1")).toBeVisible();
  expect(await owner.api.list()).toHaveLength(1);
  let again = false;
  page.on("dialog", (dialog) => {
    again = true;
    void dialog.accept();
  });
  await page.reload();
  expect(again).toBe(false);
});

test("files dropped before signing in wait, and go when one has", async ({ page, person }) => {
  await open(page, "/sign-in");
  const files = photos(2);
  await dropFiles(page, "main", files);
  await expect(tray(page).getByText("Sign in to upload. Your files wait here.")).toBeVisible();
  await expect(tray(page).getByText("Files waiting: 2")).toBeVisible();
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  if (await name.isVisible()) await name.fill(person.name);
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(await person.authenticator.code());
  await expect(tray(page).getByText("Uploaded: 2")).toBeVisible();
  await expectStored(person, files);
});

test("on a slow line one sees how much has left, how fast, and for how long yet", async ({ page, owner }) => {
  const file = jpegFile("slow.jpg", 2000, 1400, 3);
  expect(file.buffer.length).toBeGreaterThan(250_000);
  const line = await page.context().newCDPSession(page);
  const speed = (uploadThroughput: number) =>
    line.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await line.send("Network.enable");
  await speed(120_000);
  await dropFiles(page, "main", [file]);
  const progress = tray(page).getByRole("progressbar", { name: "Progress of slow.jpg" });
  const seen = new Set<number>();
  await expect
    .poll(async () => seen.add(Number(await progress.getAttribute("aria-valuenow", { timeout: 500 }).catch(() => 0))).size, { intervals: [100] })
    .toBeGreaterThan(3);
  expect([...seen]).toEqual([...seen].sort((a, b) => a - b));
  await expect(tray(page).locator(".tray-pace")).toHaveText(/^\d+\.\d (KiB|MiB)\/s · \d+ s left$/);
  await expect(row(page, "slow.jpg")).toContainText(/\d+ % of \d+\.\d KiB/);
  await speed(-1);
  await expect(row(page, "slow.jpg")).toContainText("Uploaded", { timeout: 20_000 });
  await expectStored(owner, [file]);
});

test("without a network files wait, and go when it is back", { tag: "@once" }, async ({ page, owner }) => {
  const files = photos(3);
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  await dropFiles(page, "main", files);
  await expect(row(page, "photo-0.jpg")).toContainText("The connection broke. Trying again soon.");
  await page.context().setOffline(false);
  await expect(tray(page).getByText("Uploaded: 3")).toBeVisible({ timeout: 20_000 });
  await expectStored(owner, files);
});

test("who turns out to be signed out signs in again, and nothing is lost", { tag: "@once" }, async ({ page, owner }) => {
  await page.context().clearCookies({ name: "reflect" });
  const files = photos(2);
  await dropFiles(page, "main", files);
  await expect(tray(page).getByText("Sign in to upload. Your files wait here.")).toBeVisible();
  await tray(page).getByRole("link", { name: "Sign in" }).click();
  const code = page.getByRole("textbox", { name: "Six-digit code" });
  await expect(code).toBeFocused();
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  if (await name.isVisible()) await expect(name, "remembered on this device").toHaveValue(owner.name);
  await code.fill(await owner.authenticator.code());
  await expect(tray(page).getByText("Uploaded: 2")).toBeVisible();
  await expectStored(owner, files);
});
