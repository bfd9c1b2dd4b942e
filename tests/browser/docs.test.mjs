// Swagger UI at /docs in a real browser: the demonstration that stands above it, done as a person
// would, with the examples as they are.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ways } from "../workerd/database.mjs";
import { oneWay } from "../workerd/harness.mjs";
import { startBrowser } from "./chromium.mjs";

/** Long enough to sign in and call on a busy machine, short enough to wait for. */
const ACCESS_TOKEN_SECONDS = 20;
const PATIENCE_MS = 60_000;

oneWay(
  ways[0],
  "Swagger UI in Chromium",
  { assets: true, settings: { ACCESS_TOKEN_SECONDS: String(ACCESS_TOKEN_SECONDS) } },
  (world) => {
    /** @type {Awaited<ReturnType<typeof startBrowser>>} */
    let browser;
    before(async () => (browser = await startBrowser()));
    after(() => browser?.close());

    /** The page, with what one does there. */
    async function open() {
      const { page, complaints } = await browser.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(`${world().url}/docs`);
      const operation = (/** @type {string} */ id) => page.locator(`.opblock[id$="-${id}"]`);
      return {
        page,
        complaints,
        /** Unfolds a call. @param {string} id */
        async unfold(id) {
          await operation(id).locator(".opblock-summary-control").click();
          return operation(id);
        },
        /** Presses Execute, and waits for this answer. @param {string} id */
        async execute(id) {
          const answered = page.waitForResponse(
            (response) => response.url().includes("/auth/v1/") && response.request().resourceType() === "fetch",
          );
          await operation(id).locator("button.execute").click();
          const { status } = { status: (await answered).status() };
          const shown = operation(id).locator(".live-responses-table .response");
          await shown.locator(".response-col_status", { hasText: String(status) }).waitFor();
          const text = await shown
            .locator(".microlight")
            .first()
            .innerText()
            .catch(() => "");
          return {
            status: Number.parseInt(await shown.locator(".response-col_status").innerText(), 10),
            text,
            headers: await shown.innerText(),
            answer: await answered,
          };
        },
      };
    }

    test("the demonstration: sign up, confirm, sign in, authorise, call, and call with an expired token", async () => {
      const { page, complaints, unfold, execute } = await open();

      // Sign up, as the example has it.
      await unfold("post_signup");
      assert.equal((await execute("post_signup")).status, 200);
      const { code } = await world().mail("ada@example.com");

      // Confirm with the code from the mail.
      const verify = await unfold("post_verify");
      const body = verify.locator("textarea.body-param__text");
      await body.fill((await body.inputValue()).replace("123456", code));
      assert.equal((await execute("post_verify")).status, 200);

      // Without a token the call is refused.
      await unfold("get_user");
      assert.equal((await execute("get_user")).status, 401);

      // Sign in.
      await unfold("post_token");
      const signedIn = await execute("post_token");
      assert.equal(signedIn.status, 200);
      const token = (await signedIn.answer.json()).access_token;
      assert.ok(signedIn.text.includes(token), "the token is there to be copied");
      const expiry = Date.now() + ACCESS_TOKEN_SECONDS * 1000;

      // Authorise.
      await page.locator(".auth-wrapper .btn.authorize").click();
      const dialog = page.locator(".modal-ux .auth-container").filter({ hasText: "bearer" }).first();
      await dialog.locator("#auth-bearer-value").fill(token);
      await dialog.locator("button.authorize").click();
      await dialog.locator("button.btn-done").click();

      // Call, with a token that is good, and with the same one expired.
      const good = await execute("get_user");
      assert.equal(good.status, 200);
      assert.match(good.text, /"email": "ada@example.com"/);
      await page.waitForTimeout(Math.max(0, expiry - Date.now()) + 1000);
      const expired = await execute("get_user");
      assert.equal(expired.status, 401);
      assert.match(expired.headers, /www-authenticate: Bearer error="invalid_token"/);
      assert.match(expired.text, /"error_code": "bad_jwt"/);

      // Nothing of it outlives the page.
      assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [
        0,
        0,
        "",
      ]);
      assert.ok(!page.url().includes(token));
      await page.reload();
      await page.locator(".auth-wrapper .btn.authorize.unlocked").waitFor();
      assert.deepEqual(complaints, []);
    });

    test("the next token is got by the refresh token, chosen among the examples", async () => {
      const { session } = await world().newcomer();
      const { complaints, unfold, execute } = await open();
      const token = await unfold("post_token");
      await token.locator('[data-param-name="grant_type"] select').selectOption("refresh_token");
      await token.locator(".examples-select-element").first().selectOption("refresh_token");
      const body = token.locator("textarea.body-param__text");
      await body.fill(
        (await body.inputValue()).replace(/"refresh_token": ".*"/, `"refresh_token": "${session.refresh_token}"`),
      );
      const { status, answer } = await execute("post_token");
      assert.equal(status, 200);
      assert.notEqual((await answer.json()).refresh_token, session.refresh_token);
      assert.deepEqual(complaints, []);
    });

    test("every call unfolds without a complaint, and each body is filled in", async () => {
      const { page, complaints } = await open();
      const sections = page.locator(".opblock-tag-section");
      await sections.first().waitFor();
      // What is not offered has no body, but for one call.
      const calls = sections.filter({ hasNot: page.locator('[data-tag="Not offered"]') }).locator(".opblock");
      const ids = await calls.evaluateAll((blocks) => blocks.map(({ id }) => id));
      assert.ok(ids.length > 20, `${ids.length} calls`);
      const unfolded = page.locator(".opblock.is-open");
      for (const id of ids) {
        // A click by script waits for no animation.
        const control = page.locator(`[id="${id}"] .opblock-summary-control`);
        await control.dispatchEvent("click");
        await unfolded.locator("button.execute").waitFor();
        for (const text of await unfolded.locator("textarea.body-param__text").all())
          assert.match(await text.inputValue(), /^\{\s+"/, id);
        await control.dispatchEvent("click");
        await unfolded.waitFor({ state: "detached" });
      }
      assert.deepEqual(complaints, []);
    });

    test("another site cannot put it into a frame", async () => {
      const { page } = await browser.newPage();
      await page.setContent(`<iframe src="${world().url}/docs/"></iframe>`);
      await page.waitForTimeout(1000);
      assert.equal(await page.frameLocator("iframe").locator("#swagger-ui").count(), 0);
    });
  },
);
