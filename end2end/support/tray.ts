// The upload tray, as journeys look at it.
import type { Locator, Page } from "@playwright/test";

export const tray = (page: Page): Locator => page.getByRole("region", { name: "Uploads" });

/** The row of one file. */
export const row = (page: Page, name: string): Locator =>
  tray(page).getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });

/** Lets uploads of some files, by what their request holds, pass only once they are released. */
export class Gate {
  private readonly released: Promise<void>;
  private release_: () => void = () => undefined;
  /** Requests that came to the gate so far. */
  arrived = 0;

  private constructor() {
    this.released = new Promise((resolve) => (this.release_ = resolve));
  }

  static async before(page: Page, name = ""): Promise<Gate> {
    const gate = new Gate();
    await page.route("**/api/v1/images", async (route) => {
      const held = route.request().method() === "POST" && mentions(route.request().postDataBuffer(), name);
      if (held) {
        gate.arrived++;
        await gate.released;
      }
      // The page may have given up on the request meanwhile.
      await route.continue().catch(() => undefined);
    });
    return gate;
  }

  release(): void {
    this.release_();
  }
}

function mentions(body: Buffer | null, name: string): boolean {
  return name === "" || (body?.includes(`filename="${name}"`) ?? false);
}
