// Chromium without a window, with a profile of its own that is gone afterwards. What goes wrong on
// a page is collected: policy violations, errors, failed requests.

import { chromium } from "playwright-core";

/**
 * Without a sandbox, which needs rights that containers do not have; and without whatever would
 * call elsewhere by itself.
 */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function startBrowser() {
  const browser = await chromium.launch({ executablePath: process.env.TEST_CHROMIUM, headless: true, args });
  return {
    /** A page in a profile that knows nothing. */
    async newPage() {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
      /** @type {string[]} */
      const complaints = [];
      page.on("console", (message) => {
        // What the browser itself says of an answer such as 401 is no complaint about the page.
        if (
          ["error", "warning"].includes(message.type()) &&
          !message.text().startsWith("Failed to load resource: the server responded with a status of 4")
        ) {
          complaints.push(`${message.type()}: ${message.text()}`);
        }
      });
      page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
      page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
      await page.addInitScript(() =>
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
          console.error(`policy violated: ${effectiveDirective} ${blockedURI}`),
        ),
      );
      return { page, complaints };
    },
    close: () => browser.close(),
  };
}
