// For journeys by mail: `import { test } from "../support/posting.ts"`.
import { startMail, type MailServer } from "./mail.ts";
import { test as base } from "./reflect.ts";
import { ReflectServer } from "./server.ts";

export const test = base.extend<{
  /** More environment for `posting`; a file sets it with `test.use({ postingSettings: {…} })`. */
  postingSettings: Record<string, string>;
  /** A mail server of this test's own. */
  mail: MailServer;
  /** A server of this test's own, without accounts, that sends its mail there. */
  posting: ReflectServer;
}>({
  postingSettings: [{}, { option: true }],
  mail: async ({}, use) => {
    const mail = await startMail();
    await use(mail);
    await mail.stop();
  },
  posting: async ({ mail, postingSettings }, use) => {
    const server = await ReflectServer.start({ ...mail.settings, ...postingSettings });
    await use(server);
    await server.dispose();
  },
});
