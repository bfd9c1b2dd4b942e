// The preview of mails: what the real renderer gives it, what it shows of that, and what its check
// says.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { root } from "../checkout.mjs";
import { Failure } from "../failure.mjs";
import { exchange } from "../mailbox/contract.mjs";
import { closeServer, listenOnLoopback } from "../mailbox/loopback.mjs";
import { renderAll, renderedOnce } from "./render.mjs";
import { createRoutes, inScheme } from "./routes.mjs";

const EVIL = `"'><script>alert(1)</script>&lt;`;
const mail = {
  name: "recovery",
  locale: "en",
  subject: "New password",
  text: "Open https://a.example",
  html: "<!doctype html><p>As HTML</p>",
};
const page = { name: "link_dead", locale: "ru", html: "<p>Page</p>" };
const everything = {
  mails: [mail, { name: "sign_in", locale: "en", error: "mail/sign_in.en.txt:3: undefined value" }],
  pages: [page],
  replaced: ["mail/recovery.en.html"],
  problems: ["mail/sign_in.en: undefined value"],
};

/** @param {import("node:test").TestContext} t @param {object} [all] */
async function startPreview(t, all = everything) {
  const servers = await listenOnLoopback(
    0,
    createRoutes(async () => all),
  );
  t.after(() => Promise.all(servers.map(closeServer)));
  /** @param {string} path @param {object} [options] */
  return (path, options = {}) =>
    exchange(new URL(path, `http://localhost:${servers[0].address().port}`), {
      method: "GET",
      headers: {},
      ...options,
    });
}

test("the overview lists every mail and page by language, what does not work, and whose templates they are", async (t) => {
  const get = await startPreview(t);
  const { status, text, headers } = await get("/");
  assert.equal(status, 200);
  for (const url of ["/mail/recovery/en", "/mail/sign_in/en", "/page/link_dead/ru"])
    assert.ok(text.includes(`href="${url}?`), url);
  assert.match(text, /<li>mail\/sign_in\.en: undefined value<\/li>/);
  assert.match(text, /<code>templates\/mail\/recovery\.en\.html<\/code>/);
  assert.match(headers["content-security-policy"], /^default-src 'none'; style-src 'self'/);
});

test("a mail is shown with its subject, both parts, and switches for colours and width", async (t) => {
  const get = await startPreview(t);
  const { text } = await get("/mail/recovery/en?scheme=dark&width=narrow");
  assert.match(text, /<h1 lang="en">New password<\/h1>/);
  assert.match(text, /<pre [^>]*>Open https:\/\/a\.example<\/pre>/);
  assert.match(text, /<iframe class="mail-html narrow dark" src="\/mail\/recovery\/en\/body\?scheme=dark" sandbox=""/);
  assert.match(text, /href="\/mail\/recovery\/en\?scheme=light&amp;width=narrow">light/);
  assert.match(text, /href="\/mail\/recovery\/en\?scheme=dark&amp;width=wide">wide/);
  const { text: body, headers } = await get("/mail/recovery/en/body");
  assert.equal(body, mail.html);
  assert.match(headers["content-security-policy"], /^sandbox ; default-src 'none'/);
});

test("colours are those that were chosen, whatever the browser prefers", () => {
  const document = ":root { color-scheme: light dark; } @media (prefers-color-scheme: dark) { p {} }";
  assert.equal(inScheme(document, "dark"), ":root { color-scheme: dark; } @media (min-width: 0px) { p {} }");
  assert.equal(inScheme(document, "light"), ":root { color-scheme: light; } @media (max-width: 0px) { p {} }");
});

test("a template that fails is shown as what it says, and the others go on", async (t) => {
  const get = await startPreview(t);
  assert.match(
    (await get("/mail/sign_in/en")).text,
    /<pre class="mail-text problems" role="alert">mail\/sign_in\.en\.txt:3: undefined value<\/pre>/,
  );
  assert.equal((await get("/mail/sign_in/en/body")).status, 404);
  assert.equal((await get("/mail/unknown/en")).status, 404);
  assert.equal((await get("/page/link_dead/ru")).status, 200);
});

test("templates that do not build are a page that says why", async (t) => {
  const get = await startPreview(
    t,
    new Failure("the templates do not build: see above", [
      "error: templates/ has files that take no template's place: mail/recovry.en.html",
    ]),
  );
  const { status, text } = await get("/");
  assert.equal(status, 500);
  assert.match(text, /<h1>the templates do not build<\/h1>/);
  assert.match(text, /recovry\.en\.html/);
});

test("nothing gets into a page unescaped, and other hosts and methods are refused", async (t) => {
  const get = await startPreview(t, {
    ...everything,
    mails: [{ ...mail, subject: EVIL, text: EVIL }],
    problems: [EVIL],
    replaced: [EVIL],
  });
  for (const path of ["/", "/mail/recovery/en"]) assert.doesNotMatch((await get(path)).text, /<script/i, path);
  assert.equal((await get("/", { headers: { host: "evil.example" } })).status, 403);
  assert.equal((await get("/", { method: "POST" })).status, 405);
  assert.equal((await get("/assets/../mail_preview.mjs")).status, 404);
});

test("everything that the pages refer to is served from here", async (t) => {
  const get = await startPreview(t);
  const { text } = await get("/mail/recovery/en");
  const urls = [...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, url]) => url.replaceAll("&amp;", "&"));
  assert.ok(urls.length > 8);
  for (const url of urls) assert.equal((await get(url)).status, 200, url);
});

test("what has not changed is not rendered again, and a failure is not kept when something has", async () => {
  let [state, count] = ["a", 0];
  const current = renderedOnce(
    async () => {
      count += 1;
      if (state === "b") throw new Failure("broken");
      return everything;
    },
    () => state,
  );
  assert.equal(await current(), await current());
  assert.equal(count, 1);
  state = "b";
  assert.ok((await current()) instanceof Failure);
  state = "c";
  assert.equal(await current(), everything);
});

test("the real renderer gives each mail and page in both languages, by the name that was asked for", async () => {
  const { mails, pages, problems } = await renderAll(["--app-name", "Fabrikam"]);
  for (const list of [mails, pages]) {
    const names = new Set(list.map(({ name }) => name));
    assert.ok(names.size >= 12);
    for (const name of names)
      assert.deepEqual(
        list
          .filter((one) => one.name === name)
          .map(({ locale }) => locale)
          .sort(),
        ["en", "ru"],
        name,
      );
    assert.ok(list.every(({ html, error }) => error === undefined && html?.includes("Fabrikam")));
  }
  assert.ok(mails.every(({ subject, text }) => subject && text));
  assert.deepEqual(problems, []);
});

test("the check says nothing and succeeds when all is well", () => {
  const { status, stdout } = spawnSync("cargo", ["run", "--quiet", "--example", "mail_preview", "--", "--check"], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(stdout, "");
  assert.equal(status, 0);
});
