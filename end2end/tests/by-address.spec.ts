// Pictures that the server fetches from an address: typed, pasted, dropped from another page, refused, tried again.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { jpegFile, type ImageFile } from "../support/images.ts";
import { expectAccessible, inBothSchemes, pasteFiles } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { row, tray } from "../support/tray.ts";

test.use({ serverSettings: { REFLECT_FETCH_ALLOW: "127.0.0.1" } });

/** Another site, with pictures on it. */
class Site {
  readonly asked: string[] = [];
  /** Answers what was asked for below /later/. */
  release = (): void => undefined;
  private readonly pictures = new Map<string, ImageFile>();
  private constructor(private readonly server: Server) {}

  static async start(...files: ImageFile[]): Promise<Site> {
    const server = createServer((request, response) => {
      site.asked.push(request.url ?? "");
      const file = site.pictures.get((request.url ?? "").split("/").at(-1) ?? "");
      if (file && request.url?.startsWith("/later/")) site.release = () => void response.end(file.buffer);
      else if (file) response.writeHead(200, { "content-type": file.mimeType }).end(file.buffer);
      else response.writeHead(404).end("nothing");
    });
    const site = new Site(server);
    for (const file of files) site.put(file);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return site;
  }

  put(file: ImageFile): void {
    this.pictures.set(file.name, file);
  }

  at(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${path}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** Pastes a text where the focus is. */
async function pasteText(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** Drops what a browser has of a picture or link that is dragged from another page. */
async function dropAddress(page: Page, selector: string, address: string, file?: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ({ address, file }) => {
      const transfer = new DataTransfer();
      transfer.setData("text/uri-list", address);
      transfer.setData("text/html", `<img src="${address}">`);
      if (file !== undefined) transfer.items.add(new File(["no picture"], file, { type: "image/png" }));
      return transfer;
    },
    { address, file },
  );
  for (const event of ["dragenter", "dragover", "drop"]) await page.dispatchEvent(selector, event, { dataTransfer });
}

const names = async (list: Promise<{ filename: string }[]>): Promise<string[]> => (await list).map((image) => image.filename);

test("the address of a picture is typed, and the server fetches it", async ({ page, owner }) => {
  const site = await Site.start(jpegFile("sea.jpg", 320, 240, 1), jpegFile("shore.jpg", 320, 240, 2));
  await open(page, "/upload");
  const field = page.getByRole("textbox", { name: "Address of an image" });
  await inBothSchemes(page);
  await field.fill(site.at("sea.jpg"));
  await page.getByRole("button", { name: "From an address" }).click();
  await expect(row(page, "sea.jpg")).toContainText("Uploaded");
  await expect(field).toHaveValue("");
  await expectAccessible(page);
  expect(await names(owner.api.list())).toEqual(["sea.jpg"]);
  await field.fill("sea.jpg");
  await field.press("Enter");
  expect(await field.evaluate((input: HTMLInputElement) => input.validity.valid)).toBe(false);
  await expect(tray(page).getByRole("listitem")).toHaveCount(1);
  site.stop();
});

test("how far the server is with what it fetches isn't made up", async ({ page, owner }) => {
  const site = await Site.start(jpegFile("slow.jpg", 320, 240, 1));
  await open(page, "/gallery");
  await pasteText(page, site.at("later/slow.jpg"));
  await expect(row(page, "slow.jpg")).toContainText("Fetching it");
  const progress = row(page, "slow.jpg").getByRole("progressbar", { name: "Progress of slow.jpg" });
  await expect(progress).toBeVisible();
  await expect(progress).not.toHaveAttribute("aria-valuenow", /./);
  await expectAccessible(page);
  await expect.poll(() => site.asked).toEqual(["/later/slow.jpg"]);
  site.release();
  await expect(row(page, "slow.jpg")).toContainText("Uploaded");
  expect(await names(owner.api.list())).toEqual(["slow.jpg"]);
  site.stop();
});

test("one that is pasted or dropped from another page is fetched, unless there is a file", async ({ page, owner }) => {
  const site = await Site.start(jpegFile("sea.jpg", 320, 240, 1), jpegFile("shore.jpg", 320, 240, 2));
  await open(page, "/gallery");
  await pasteText(page, site.at("sea.jpg"));
  await expect(row(page, "sea.jpg")).toContainText("Uploaded");
  await dropAddress(page, "main", site.at("shore.jpg"));
  await expect(row(page, "shore.jpg")).toContainText("Uploaded");

  await test.step("what else is pasted or dropped is left alone", async () => {
    await page.getByRole("searchbox").focus();
    await pasteText(page, site.at("typed.jpg"));
    await page.getByRole("searchbox").blur();
    await pasteText(page, `see ${site.at("prose.jpg")}`);
    await pasteText(page, `${site.at("one.jpg")}\n${site.at("two.jpg")}`);
    await dropAddress(page, "main", site.at("dragged.jpg"), "dragged.png");
    await expect(row(page, "dragged.png")).toContainText("Not an image that is taken");
    await pasteFiles(page, [jpegFile("copied.jpg", 64, 48, 3)]);
    await expect(row(page, "copied.jpg")).toContainText("Uploaded");
  });
  await test.step("of what is dropped, what is no address says so", async () => {
    await dropAddress(page, "main", `ftp://x.example/a.png\r\n${site.at("shore.jpg")}`);
    await expect(row(page, "ftp://x.example/a.png")).toContainText("That is no address of an image");
    await expect(row(page, "shore.jpg").filter({ hasText: "You have this already" })).toHaveCount(1);
  });
  expect(site.asked).toEqual(["/sea.jpg", "/shore.jpg", "/shore.jpg"]);
  expect((await names(owner.api.list())).sort()).toEqual(["copied.jpg", "sea.jpg", "shore.jpg"]);
  site.stop();
});

test("what can't be fetched says why, and is tried again or taken off", async ({ page, owner }) => {
  const site = await Site.start();
  await open(page, "/gallery");
  await pasteText(page, "http://10.0.0.1/private.png");
  await expect(row(page, "private.png")).toContainText("not on the public internet");
  await pasteText(page, site.at("later.jpg"));
  await expect(row(page, "later.jpg")).toContainText("does not give the image to everybody");
  await expectAccessible(page);
  await expect(row(page, "private.png").getByRole("button", { name: "Try private.png again" })).toHaveCount(0);
  site.put(jpegFile("later.jpg", 320, 240, 4));
  await row(page, "later.jpg").getByRole("button", { name: "Try later.jpg again" }).click();
  await expect(row(page, "later.jpg")).toContainText("Uploaded");
  await row(page, "private.png").getByRole("button", { name: "Take private.png off the list" }).click();
  await expect(row(page, "private.png")).toHaveCount(0);
  expect(await names(owner.api.list())).toEqual(["later.jpg"]);
  site.stop();
});
