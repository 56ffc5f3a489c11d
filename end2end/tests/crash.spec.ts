// What was acknowledged is there after a power cut.
import type { Report } from "../support/api.ts";
import { bytesOf } from "../support/api.ts";
import { jpegFile, pngFile, type ImageFile } from "../support/images.ts";
import { dropFiles } from "../support/page.ts";
import { expect, newPerson, open, signIn, test } from "../support/reflect.ts";
import { tray } from "../support/tray.ts";

test("every acknowledged image survives a kill in the middle of uploads, byte for byte", { tag: "@once" }, async ({ page, ownServer }) => {
  test.setTimeout(120_000);
  const ada = await newPerson(ownServer, "ada");
  await signIn(page, ada, ownServer.url);
  const sent = new Map<string, ImageFile>();
  const acknowledged: Report["images"] = [];
  let next = 0;
  let down = false;

  /** Sends requests of one, two, three files until the server is gone. */
  const sender = async (): Promise<void> => {
    while (!down && next < 2000) {
      const files = Array.from({ length: 1 + (next % 3) }, () => {
        const n = next++;
        const file = n % 4 === 0 ? pngFile(`kill-${n}.png`, 60, 40, n) : jpegFile(`kill-${n}.jpg`, 200, 150 + (n % 50), n);
        sent.set(file.name, file);
        return file;
      });
      try {
        const answer = await ada.api.send(files);
        const report = (await answer.json()) as Report;
        expect([201, 207]).toContain(answer.status);
        acknowledged.push(...report.images);
      } catch (error) {
        if (!down) throw error;
      }
    }
  };

  for (const round of [1, 2, 3]) {
    down = false;
    const enough = acknowledged.length + 15 * round;
    const senders = Promise.all([sender(), sender(), sender(), sender(), sender(), sender()]);
    await expect.poll(() => acknowledged.length, { intervals: [5], timeout: 30_000 }).toBeGreaterThan(enough);
    down = true;
    await ownServer.stop("SIGKILL");
    await senders;
    await ownServer.launch();
  }
  expect(acknowledged.length).toBeLessThan(2000);

  const listed = await ada.api.list();
  const ids = new Set(listed.map((image) => image.id));
  expect(acknowledged.filter((image) => !ids.has(image.id)), "acknowledged and lost").toEqual([]);
  expect(listed.length).toBeGreaterThanOrEqual(acknowledged.length);
  for (const image of listed) {
    const bytes = await bytesOf(image.links.url);
    expect(bytes.equals(sent.get(image.filename)?.buffer ?? Buffer.alloc(0)), `${image.filename} as sent`).toBe(true);
  }
  const { used, images } = (await ada.api.me()).usage;
  expect(images).toBe(listed.length);
  expect(used, "space is counted right").toBe(listed.reduce((sum, image) => sum + image.byte_size, 0));
  expect(await ownServer.verify(), "and nothing half there").toBeGreaterThan(0);

  await test.step("and the session too", async () => {
    await open(page, `${ownServer.url}/gallery`);
    await expect(page.getByRole("link", { name: `Open ${listed[0]?.filename}` })).toBeVisible();
  });
});

test("a browser's uploads get over a server that is killed and comes back", { tag: "@once" }, async ({ page, ownServer, noPageErrors }) => {
  test.setTimeout(120_000);
  const ada = await newPerson(ownServer, "ada");
  await signIn(page, ada, ownServer.url);
  const line = await page.context().newCDPSession(page);
  await line.send("Network.enable");
  await line.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 });
  const files = Array.from({ length: 12 }, (_, n) => jpegFile(`over-${n}.jpg`, 800, 600, n));
  await dropFiles(page, "main", files);
  await expect.poll(() => tray(page).locator(".tray-row.is-done").count()).toBeGreaterThan(1);
  await ownServer.stop("SIGKILL");
  await ownServer.launch();
  // What was sent whole without an answer may be stored: the person is asked to look, and may send it again.
  await expect(tray(page).locator(".is-waiting, .is-sending, .is-processing")).toHaveCount(0, { timeout: 60_000 });
  const unsure = tray(page).locator(".tray-row.is-failed");
  for (const text of await unsure.allInnerTexts()) {
    expect(text).toMatch(/It may be stored: look in the gallery before you send it again|server cannot be reached/);
  }
  if ((await unsure.count()) > 0) await tray(page).getByRole("button", { name: "Retry failed" }).click();
  await expect(tray(page).getByText("Uploaded: 12")).toBeVisible({ timeout: 60_000 });
  const stored = await ada.api.list();
  for (const file of files) {
    const image = stored.find((image) => image.filename === file.name);
    expect((await bytesOf(image?.links.url ?? "")).equals(file.buffer), file.name).toBe(true);
  }
  expect(await ownServer.verify()).toBe(files.length);
  expect(noPageErrors.list).toEqual([]);
});
