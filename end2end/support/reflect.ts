// What every journey starts from: `import { expect, test } from "../support/reflect.ts"`.
import { test as base } from "@playwright/test";
import { ReflectServer } from "./server.ts";

export { expect } from "@playwright/test";
export type { NewUser } from "./server.ts";

type TestFixtures = {
  /** Fails the test at its end when the page threw or its console showed an error. */
  noPageErrors: void;
};
type WorkerFixtures = {
  /** More environment for the worker's server; a file sets it with `test.use({ serverSettings: {…} })`. */
  serverSettings: Record<string, string>;
  /** The worker's server. Its accounts and images stay from test to test: use names of your own. */
  server: ReflectServer;
};

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
      const errors: string[] = [];
      context.on("weberror", (error) => errors.push(String(error.error())));
      context.on("console", (message) => {
        // Chromium reports every answer of 400 and above so; journeys cause some on purpose.
        const expected = message.text().startsWith("Failed to load resource");
        if (message.type() === "error" && !expected) errors.push(message.text());
      });
      await use();
      base.expect(errors, "errors in the page").toEqual([]);
    },
    { auto: true },
  ],
});
