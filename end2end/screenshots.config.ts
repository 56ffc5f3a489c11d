// Makes the pictures of the README from the running program:
//   npx playwright test --config screenshots.config.ts
// They go to docs/screenshots, or to the folder that REFLECT_SCREENSHOTS names.
import { resolve } from "node:path";
import { defineConfig } from "@playwright/test";
import journeys from "./playwright.config.ts";

process.env["REFLECT_SCREENSHOTS"] ??= resolve(import.meta.dirname, "../docs/screenshots");

export default defineConfig({
  ...journeys,
  testDir: "screenshots",
  workers: 1,
  timeout: 180_000,
  reporter: "list",
  projects: (journeys.projects ?? [])
    // Upload tools have nothing to show.
    .filter((project) => !project.testDir)
    .map((project) => ({ ...project, use: { ...project.use, deviceScaleFactor: 1 } })),
});
