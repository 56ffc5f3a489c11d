// What every journey starts from: `import { expect, test } from "../support/reflect.ts"`.
import { randomBytes } from "node:crypto";
import { test as base, type BrowserContext, type BrowserContextOptions, type Page } from "@playwright/test";
import { Api } from "./api.ts";
import { ReflectServer, type NewUser } from "./server.ts";
import { Authenticator } from "./totp.ts";

export { expect } from "@playwright/test";
export type { NewUser } from "./server.ts";

/** Somebody with an account, the phone it belongs to and a token for the API. */
export type Person = NewUser & { authenticator: Authenticator; api: Api };

type TestFixtures = {
  /** Fails the test at its end when a page threw, or its console showed an error or a warning. */
  noPageErrors: PageErrors;
  /** A browser of somebody else, as closely watched as `page`'s. Closed at the end. */
  newVisitor: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** An account of this test's own on the worker's server. */
  person: Person;
  /** The same, signed in on `page`. */
  owner: Person;
  /** A server of this test's own, without accounts: for limits and counts that others would disturb. */
  ownServer: ReflectServer;
};
type WorkerFixtures = {
  /** More environment for the worker's server; a file sets it with `test.use({ serverSettings: {…} })`. */
  serverSettings: Record<string, string>;
  /** The worker's server. Its accounts and images stay from test to test: use names of your own. */
  server: ReflectServer;
};

/** What Chromium says on pages that are in order. */
const HARMLESS = [
  // It reports every answer of 400 and above so; journeys cause some on purpose.
  /^Failed to load resource/,
  // A page that is left before its module has run.
  /preloaded using link preload but not used/,
];

/** Collects what the pages of contexts complain about: exceptions, policy violations, warnings. */
export class PageErrors {
  readonly list: string[] = [];

  watch(context: BrowserContext): void {
    context.on("weberror", (error) => this.list.push(String(error.error())));
    context.on("console", (message) => {
      const bad = message.type() === "error" || message.type() === "warning";
      if (bad && !HARMLESS.some((pattern) => pattern.test(message.text()))) {
        this.list.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
  }
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  serverSettings: [{}, { scope: "worker", option: true }],
  server: [
    async ({ serverSettings }, use) => {
      const server = await ReflectServer.start(serverSettings);
      await use(server);
      await server.dispose();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  noPageErrors: [
    async ({ context }, use) => {
      const errors = new PageErrors();
      errors.watch(context);
      await noteHydration(context);
      await use(errors);
      base.expect(errors.list, "errors in the page").toEqual([]);
    },
    { auto: true },
  ],
  newVisitor: async ({ browser, noPageErrors, contextOptions, viewport, isMobile, hasTouch, locale, baseURL }, use) => {
    const open: BrowserContext[] = [];
    await use(async (options = {}) => {
      const device = { viewport, isMobile, hasTouch, locale, ...(baseURL === undefined ? {} : { baseURL }) };
      const context = await browser.newContext({ ...contextOptions, ...device, ...options });
      open.push(context);
      noPageErrors.watch(context);
      await noteHydration(context);
      return context;
    });
    await Promise.all(open.map((context) => context.close()));
  },
  person: async ({ server }, use) => use(await newPerson(server)),
  owner: async ({ page, person }, use) => {
    await signIn(page, person);
    await use(person);
  },
  ownServer: async ({ serverSettings }, use) => {
    const server = await ReflectServer.start(serverSettings);
    await use(server);
    await server.dispose();
  },
});

/** Adds an account to a server; its name is made up unless given. */
export async function newPerson(server: ReflectServer, name = `p-${randomBytes(5).toString("hex")}`): Promise<Person> {
  return personOf(server, await server.addUser(name));
}

/** Adds an account that administers. */
export async function newAdmin(server: ReflectServer, name = "ada"): Promise<Person> {
  return personOf(server, await server.addUser(name, "--admin"));
}

async function personOf(server: ReflectServer, user: NewUser): Promise<Person> {
  const api = new Api(server.url, await server.createToken(user.name));
  return { ...user, authenticator: new Authenticator(user.secret), api };
}

/** The app's last act of hydration is to listen for what would lose uploads: pages note it for {@link open}. */
async function noteHydration(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const listen = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (this: EventTarget, ...words: Parameters<typeof listen>) {
      if (words[0] === "beforeunload") Object.assign(globalThis, { reflectHydrated: true });
      return listen.apply(this, words);
    };
  });
}

/** Waits until the page that was loaded takes clicks and keys. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => "reflectHydrated" in globalThis);
}

/** Loads an address and waits until the page takes clicks and keys. Somebody is there, and moves the pointer. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await hydrated(page);
  await page.mouse.move(1, 1);
}

/** Signs in as a person does, in any language: the name where it is asked for, and the six digits. */
export async function signIn(page: Page, person: Person, origin = ""): Promise<void> {
  await open(page, `${origin}/sign-in`);
  const name = page.locator('input[name="username"]');
  if (await name.isVisible()) await name.fill(person.name);
  await page.locator('input[name="code"]').fill(await person.authenticator.code());
  await page.waitForURL((url) => url.pathname === "/gallery");
}
