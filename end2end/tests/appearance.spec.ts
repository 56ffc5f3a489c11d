// Every page in light and dark: what assistive technology needs, colours that can be read, nothing sideways.
import type { Page } from "@playwright/test";
import { jpegFile, textFile, type ImageFile } from "../support/images.ts";
import { dropFiles, expectNoSidewaysScroll, inBothSchemes } from "../support/page.ts";
import { expect, hydrated, open, test, type Person } from "../support/reflect.ts";
import { ReflectServer } from "../support/server.ts";
import { Authenticator } from "../support/totp.ts";
import { tray } from "../support/tray.ts";
import { expectShown } from "../support/viewer.ts";

const photos: ImageFile[] = [1, 2, 3].map((n) => jpegFile(`look-${n}.jpg`, 300 + n, 200, n));

test("pages of a visitor", async ({ page, person }) => {
  const [image] = await person.api.upload(photos[0]!);
  for (const address of ["/", "/sign-in", "/gallery", `/p/${image?.slug}`, "/enrol/nonsense", "/nowhere"]) {
    await test.step(address, async () => {
      await open(page, address);
      await inBothSchemes(page);
    });
  }
  await test.step("a failed sign-in, and by recovery code", async () => {
    await open(page, "/sign-in");
    await page.getByRole("textbox", { name: "Six-digit code" }).fill(person.authenticator.wrongCode());
    await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
    await page.getByRole("button", { name: "Use a recovery code" }).click();
    await inBothSchemes(page);
  });
});

const signedIn: Record<string, (page: Page, owner: Person) => Promise<void>> = {
  "an empty gallery": (page) => open(page, "/gallery"),
  "an empty bin": (page) => open(page, "/bin"),
  "the upload page": (page) => open(page, "/upload"),
  settings: (page) => open(page, "/settings"),
  "the account menu": async (page) => {
    // Nothing that it half covers: that would count as a small target.
    await open(page, "/gallery");
    await page.locator(".account-menu summary").click();
    await expect(page.getByRole("button", { name: "Sign out" }).filter({ visible: true }).first()).toBeVisible();
  },
  "uploads, one of them failed": async (page) => {
    await open(page, "/gallery");
    await dropFiles(page, "main", [...photos, textFile("notes.png")]);
    await expect(tray(page).getByText("Uploaded: 3 · Failed: 1")).toBeVisible();
  },
  "latest uploads": (page) => open(page, "/"),
  gallery: (page) => open(page, "/gallery"),
  "a search without an answer": (page) => open(page, "/gallery?q=nothing"),
  "a selection with its links": async (page) => {
    await open(page, "/gallery");
    await page.getByRole("link", { name: "Open look-1.jpg" }).hover();
    await page.getByRole("checkbox", { name: "Select look-1.jpg" }).check();
    await page.getByRole("button", { name: "Copy links" }).click();
    await expect(page.getByRole("region", { name: "Links" })).toBeVisible();
  },
  "the viewer": async (page, owner) => {
    const image = (await owner.api.list()).find((image) => image.filename === "look-2.jpg");
    await open(page, `/gallery?view=${image?.slug}`);
    await expectShown(page, "look-2.jpg");
  },
  "a toast, and the bin with its question": async (page) => {
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await expect(page.getByText("look-2.jpg is in the bin")).toBeVisible();
    await page.getByRole("navigation").getByRole("link", { name: "Bin" }).filter({ visible: true }).click();
    await page.getByRole("listitem").getByRole("button", { name: "Delete for good" }).click();
    await expect(page.getByRole("alertdialog")).toBeVisible();
  },
};

test("pages of somebody signed in", async ({ page, owner }) => {
  test.setTimeout(180_000);
  for (const [what, go] of Object.entries(signedIn)) {
    await test.step(what, async () => {
      await go(page, owner);
      await inBothSchemes(page);
    });
  }
});

test("the wizard", async ({ page, ownServer }: { page: Page; ownServer: ReflectServer }) => {
  test.setTimeout(120_000);
  const step = page.locator('[aria-current="step"]');
  await open(page, await ownServer.setupLink());
  await inBothSchemes(page);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(step).toHaveText("Scan");
  await inBothSchemes(page);
  const secret = (await page.locator(".secret code").innerText()).replaceAll(" ", "");
  await page.getByRole("button", { name: "I have scanned it" }).click();
  await expect(step).toHaveText("Confirm");
  await inBothSchemes(page);
  await page.getByRole("textbox", { name: "Six-digit code" }).fill(await new Authenticator(secret).code());
  await expect(step).toHaveText("Recovery");
  await page.getByRole("checkbox").check();
  await inBothSchemes(page);
});

test("before anything is set up", async ({ page, ownServer }) => {
  await page.goto(ownServer.url);
  await hydrated(page);
  await inBothSchemes(page);
});

test("motion is left out for those who ask for it, and pages can be enlarged", async ({ page }) => {
  await open(page, "/");
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--duration").trim())).toBe("0ms");
  const viewport = await page.locator('meta[name="viewport"]').getAttribute("content");
  expect(viewport).not.toMatch(/maximum-scale|user-scalable/);
});

test("at 320 pixels, as when enlarged four times, nothing is lost sideways", async ({ page, owner }) => {
  await owner.api.upload(...photos);
  await page.setViewportSize({ width: 320, height: 640 });
  const slug = (await owner.api.list())[0]?.slug;
  for (const address of ["/", "/gallery", `/gallery?view=${slug}`, "/bin", "/settings", `/p/${slug}`]) {
    await test.step(address, async () => {
      await open(page, address);
      await expectNoSidewaysScroll(page);
    });
  }
});
