// Which of the site's files a browser loads for a page, first while nobody does anything, then once somebody does:
//   node bench/first-view.mjs ADDRESS COOKIE      (PLAYWRIGHT_CHROMIUM names the browser)
// Prints {"seen": [paths], "used": [paths]}.
import { chromium } from "@playwright/test";

const [address, cookie] = process.argv.slice(2);
const split = cookie.indexOf("=");
const browser = await chromium.launch({
  executablePath: process.env.PLAYWRIGHT_CHROMIUM,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
await context.addCookies([{ url: address, name: cookie.slice(0, split), value: cookie.slice(split + 1) }]);
const page = await context.newPage();
const loaded = [];
page.on("response", (response) => {
  const { pathname } = new URL(response.url());
  if (pathname.startsWith("/pkg/")) loaded.push(pathname.slice(1));
});
const quiet = async () => {
  for (let before = -1; before !== loaded.length; await page.waitForTimeout(2_000)) before = loaded.length;
};
await page.goto(address);
await quiet();
const seen = [...loaded];
await page.mouse.move(1, 1);
await page.mouse.move(9, 9);
await quiet();
await browser.close();
console.log(JSON.stringify({ seen, used: loaded.slice(seen.length) }));
