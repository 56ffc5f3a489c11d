// What is typed before a page is ready stays, and answers that come when a page is gone do no harm: the
// watch on page errors (`noPageErrors`) ends each of these.
import type { Page, Route } from "@playwright/test";
import { jpegFile } from "../support/images.ts";
import { expect, hydrated, newPerson, open, signIn, test, type Person } from "../support/reflect.ts";

const digits = (page: Page) => page.getByRole("textbox", { name: "Six-digit code" });

/** Holds back the requests for an address until it is told to let them pass; answers how. */
async function hold(page: Page, address: string): Promise<{ asked: Promise<void>; letPass: () => Promise<void> }> {
  const held: Route[] = [];
  let begun: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (begun = resolve));
  await page.route(address, (route) => {
    held.push(route);
    begun();
  });
  const letPass = async () => {
    const answered = page.waitForResponse(address);
    await Promise.all(held.map((route) => route.continue()));
    await (await answered).finished();
    // What the page does with it, it does before this.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    await page.unroute(address);
  };
  return { asked, letPass };
}

test("a name and a code that are typed before the page is ready sign one in", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await newPerson(ownServer, "grace");
  const program = await hold(page, "**/*.wasm");
  await page.goto(`${ownServer.url}/sign-in`, { waitUntil: "commit" });
  await program.asked;
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("checkbox", { name: "Trust this device for 90 days" }).check();
  await digits(page).fill(await ada.authenticator.code());
  await program.letPass();
  await hydrated(page);
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
  await open(page, `${ownServer.url}/settings/devices`);
  await expect(page.locator(".thing")).toHaveCount(1);
});

test("a code without a name is no try", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await newPerson(ownServer, "grace");
  await open(page, `${ownServer.url}/sign-in`);
  await digits(page).fill(await ada.authenticator.code());
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toHaveText("Type your name first, then the code.");
  await expect(page.getByRole("textbox", { name: "Name", exact: true })).toBeFocused();
  await page.keyboard.type("ada");
  await digits(page).press("Enter");
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
});

test("what is typed into the wizard and the way back before they are ready stays", { tag: "@once" }, async ({ page, ownServer }) => {
  const link = await ownServer.setupLink();
  const program = await hold(page, "**/*.wasm");
  await page.goto(link, { waitUntil: "commit" });
  await program.asked;
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("textbox", { name: /E-mail/ }).fill("ada@mail.example");
  await program.letPass();
  await hydrated(page);
  await expect(page.getByRole("textbox", { name: "Name", exact: true })).toHaveValue("ada");
  await expect(page.getByRole("textbox", { name: /E-mail/ })).toHaveValue("ada@mail.example");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Scan this with your authenticator app" })).toBeVisible();
});

test("a dialog closed before its code was answered", { tag: "@once" }, async ({ page, server, owner }) => {
  await open(page, "/settings/devices");
  await server.letCodesLapse();
  await page.getByRole("button", { name: "Trust this device" }).click();
  const dialog = page.getByRole("dialog", { name: "Is it still you?" });
  const check = await hold(page, "**/api/app/confirm-code");
  await digits(page).fill(await owner.authenticator.code());
  await check.asked;
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await check.letPass();
  // The code counts all the same.
  await page.getByRole("button", { name: "Trust this device" }).click();
  await expect(page.locator(".thing")).toHaveCount(1);
});

/** An image in the bin; deletes it for good. */
const binned = async ({ api }: Person) => {
  const [image] = await api.upload(jpegFile("gone.jpg", 40, 30));
  await api.remove(image!);
};
async function purge(page: Page): Promise<void> {
  await page.locator(".thing").getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete for good" }).click();
}

for (const { from, asks, begin, prepare } of [
  { from: "/bin", asks: "**/api/app/purge-images", begin: purge, prepare: binned },
  {
    from: "/settings/devices",
    asks: "**/api/app/trust-device",
    begin: (page: Page) => page.getByRole("button", { name: "Trust this device" }).click(),
  },
  {
    from: "/settings/authenticators",
    asks: "**/api/app/rotate-authenticator",
    begin: (page: Page) => page.getByRole("button", { name: "Set up anew" }).click(),
  },
  {
    from: "/settings/recovery-codes",
    asks: "**/api/app/begin-recovery-codes",
    begin: (page: Page) => page.getByRole("button", { name: "Make new codes" }).click(),
  },
]) {
  test(`${from} left while it asks for something`, { tag: "@once" }, async ({ page, owner }) => {
    await prepare?.(owner);
    await open(page, from);
    const answer = await hold(page, asks);
    await begin(page);
    await answer.asked;
    await page.getByRole("link", { name: "Gallery" }).filter({ visible: true }).first().click();
    await expect(page.getByRole("heading", { name: "Your gallery is empty" })).toBeVisible();
    await answer.letPass();
    await page.goBack();
    await expect(page.locator(".settings-body h1, .page-head h1")).toBeVisible();
  });
}

test("who is signed out meanwhile signs in where they are told so, and comes back", { tag: "@once" }, async ({ page, owner }) => {
  await binned(owner);
  await open(page, "/gallery");
  // The session has lapsed, which the page doesn't know.
  await page.context().clearCookies();
  await page.getByRole("link", { name: "Bin" }).filter({ visible: true }).first().click();
  const notice = page.getByRole("alert").filter({ hasText: "You are signed out." });
  await notice.getByRole("link", { name: "Sign in" }).click();
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await expect(digits(page)).toBeVisible();
  if (await name.isVisible()) await name.fill(owner.name);
  await digits(page).fill(await owner.authenticator.code());
  await expect(page).toHaveURL(/\/bin$/);
  await expect(page.getByText("gone.jpg")).toBeVisible();
});

test("the sign-in page asks for a name once there is a second account", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await open(page, `${ownServer.url}/sign-in`);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await expect(digits(page)).toBeVisible();
  await expect(name).toHaveCount(0);
  await newPerson(ownServer, "grace");
  await digits(page).fill(await ada.authenticator.code());
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
  await name.fill("ada");
  await digits(page).fill(await ada.authenticator.code());
  await expect(page.getByText("Welcome back, ada")).toBeVisible();
});

test("the sign-in page left while a code is checked", { tag: "@once" }, async ({ page, person }) => {
  await open(page, "/sign-in");
  const answer = await hold(page, "**/api/app/sign-in");
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  if (await name.isVisible()) await name.fill(person.name);
  await digits(page).fill(await person.authenticator.code());
  await answer.asked;
  await page.getByRole("banner").getByRole("link").first().click();
  await page.waitForURL((url) => url.pathname === "/");
  await answer.letPass();
  await expect(page).toHaveURL((url) => url.pathname === "/");
});

test("a trusted device's sign-in page left while it asks", { tag: "@once" }, async ({ page, ownServer }) => {
  const ada = await newPerson(ownServer, "ada");
  await signIn(page, ada, ownServer.url);
  await open(page, `${ownServer.url}/settings/devices`);
  await page.getByRole("button", { name: "Trust this device" }).click();
  await expect(page.locator(".thing")).toHaveCount(1);
  await page.locator(".account-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  const answer = await hold(page, "**/api/app/sign-in-with-device");
  await page.getByRole("button", { name: "Continue as ada" }).click();
  await answer.asked;
  await page.getByRole("button", { name: "Use another account or a code" }).click();
  await expect(digits(page)).toBeVisible();
  await answer.letPass();
  await expect(digits(page)).toBeVisible();
});
