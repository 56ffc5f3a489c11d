import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const chromium = process.env["PLAYWRIGHT_CHROMIUM"] ?? process.env["CHROME_BIN"] ?? "/usr/bin/chromium";
if (!existsSync(chromium)) {
  throw new Error(`There is no Chromium at ${chromium}: set PLAYWRIGHT_CHROMIUM, or let \`make test\` install one.`);
}

// Every worker starts a server and a browser of its own: see support/reflect.ts.
export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: false,
  // A test that needs a second try has found something: it is named and counted as flaky. It doesn't keep a change
  // from landing, on machines whose load nobody knows.
  retries: process.env["CI"] ? 1 : 0,
  forbidOnly: Boolean(process.env["CI"]),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "playwright-report/results.json" }]],
  use: {
    browserName: "chromium",
    headless: true,
    // A trace takes a quarter of the time; there, the second try tells what the first found.
    trace: process.env["CI"] ? "on-first-retry" : "retain-on-failure",
    screenshot: "only-on-failure",
    locale: "en-US",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 } } },
    {
      name: "phone",
      // Whose outcome is the server's or the program's, and whose pages other journeys look at on a phone.
      grepInvert: /@once/,
      use: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
    },
    // Upload tools that people have, from their own packages; no browser.
    { name: "clients", testDir: "clients" },
  ],
});
