// Chromium, which the tests of pages drive. The system's own: a browser is no npm package, and none
// is downloaded.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasApt, installCommand, installDebianPackages } from "./apt.mjs";
import { isRoot } from "./checkout.mjs";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const places = [
  ...(process.env.PATH ?? "").split(":").flatMap((place) => names.map((name) => join(place, name))),
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const find = () => places.find((file) => existsSync(file));

/**
 * Installs it if we may.
 * @returns {Promise<{ chromium?: string, missing?: string }>} the program, or the command that a
 *   person has to run first
 */
export async function provideChromium() {
  if (!find() && isRoot && hasApt()) await installDebianPackages(["chromium"], "the tests in a browser");
  const chromium = find();
  if (chromium) return { chromium };
  return { missing: hasApt() ? installCommand(["chromium"]) : "install Chromium" };
}
