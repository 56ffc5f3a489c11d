// A page of what somebody has made public: switched on in the settings, filled in the viewer, seen by anybody.
import { jpegFile } from "../support/images.ts";
import { inBothSchemes } from "../support/page.ts";
import { expect, open, test } from "../support/reflect.ts";
import { expectShown, viewer } from "../support/viewer.ts";

test("what somebody makes public is on their page, without JavaScript, and nothing else is", async ({ page, owner, newVisitor }) => {
  const [first] = await owner.api.upload(jpegFile("sea.jpg", 640, 480, 1), jpegFile("secret.jpg", 640, 480, 2));
  const visitor = await (await newVisitor({ javaScriptEnabled: false })).newPage();
  await visitor.goto(`/u/${owner.name}`);
  await expect(visitor.getByRole("heading", { name: "There is no page here" })).toBeVisible();

  await open(page, "/settings");
  await page.getByLabel("Show my page").check();
  await page.getByLabel("About you").fill("Mostly the sea.");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  const address = await page.getByRole("textbox", { name: "Address of your page" }).inputValue();
  await inBothSchemes(page);

  await visitor.goto(address);
  await expect(visitor.getByText("There are no public images yet.")).toBeVisible();
  await open(page, `/gallery?view=${first!.slug}`);
  await expectShown(page, "sea.jpg");
  const details = viewer(page).getByRole("region", { name: "Details" });
  await details.getByLabel("Who can see it").selectOption("Everybody, on my page");
  await expect(details.getByRole("status")).toHaveText("Everything is saved.");
  await visitor.reload();
  await expect(visitor.locator(".tile-link img")).toHaveCount(1);
  await expect(visitor.getByText("Mostly the sea.")).toBeVisible();
  const other = await (await newVisitor()).newPage();
  await other.goto(address);
  await inBothSchemes(other);
  await visitor.locator(".tile-link").click();
  await expect(visitor).toHaveURL(new RegExp(`/p/${first!.slug}$`));
});
