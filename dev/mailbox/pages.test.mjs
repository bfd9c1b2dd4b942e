// The pages: what they show, and that nothing in a mail can become more than text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describe as describeFailure } from "./views.mjs";
import { startTestMailbox } from "./test_support.mjs";

const EVIL = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;`;

test("an empty mailbox says how mails get here", async (t) => {
  const { call } = await startTestMailbox(t);
  const { status, text, headers } = await call("GET", "/");
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "text/html; charset=utf-8");
  assert.match(text, /No mail yet/);
  assert.match(text, /localhost:8787\/auth\/v1\/signup/);
});

test("the list shows recipient, subject and time, newest first", async (t) => {
  const { call, send, clock } = await startTestMailbox(t);
  await send({ subject: "First" });
  clock.advance(3 * 60_000);
  await send({ to: "bob@example.com", subject: "Second" });
  const { text } = await call("GET", "/");
  assert.ok(text.indexOf("Second") < text.indexOf("First"));
  assert.match(text, /bob@example\.com/);
  assert.match(text, />3 min ago<\/time>/);
});

test("the search finds part of a recipient, and says when there is none", async (t) => {
  const { call, send } = await startTestMailbox(t);
  await send({ to: "ada@example.com", subject: "For Ada" });
  await send({ to: "bob@example.com", subject: "For Bob" });
  const { text } = await call("GET", "/?search=ADA");
  assert.match(text, /For Ada/);
  assert.doesNotMatch(text, /For Bob/);
  assert.match(text, /value="ADA"/);
  assert.match((await call("GET", "/?search=%3Cscript%3E")).text, /No mail to “&lt;script&gt;”/);
});

test("a mail's code and first link come first, with buttons that copy them", async (t) => {
  const { call, send } = await startTestMailbox(t);
  const { json } = await send({ text: "Open http://localhost:8787/verify?token=a&type=signup or enter 123456." });
  const { text } = await call("GET", `/mail/${json.id}`);
  assert.match(text, /data-copy="123456"/);
  assert.match(text, /data-copy="http:\/\/localhost:8787\/verify\?token=a&amp;type=signup"/);
});

test("each view shows its part, and HTML is the first choice where there is some", async (t) => {
  const { call, send } = await startTestMailbox(t);
  const { json: both } = await send({ html: "<p>As HTML</p>" });
  const { json: textOnly } = await send();
  assert.match((await call("GET", `/mail/${both.id}`)).text, new RegExp(`<iframe [^>]*src="/mail/${both.id}/body"`));
  assert.match((await call("GET", `/mail/${both.id}?view=text`)).text, /<pre [^>]*>Hello, Ada\.<\/pre>/);
  assert.match((await call("GET", `/mail/${both.id}?view=raw`)).text, /&quot;html&quot;: &quot;&lt;p&gt;As HTML/);
  assert.match((await call("GET", `/mail/${textOnly.id}`)).text, /<pre [^>]*>Hello, Ada\.<\/pre>/);
  assert.equal((await call("GET", `/mail/${textOnly.id}/body`)).status, 404);
});

test("a mail that is gone is a page that says so", async (t) => {
  const { call } = await startTestMailbox(t);
  const { status, text } = await call("GET", "/mail/unknown");
  assert.equal(status, 404);
  assert.match(text, /This mail is gone/);
});

test("nothing in a mail gets into a page unescaped, in any view", async (t) => {
  const { call, send, mailbox } = await startTestMailbox(t);
  const evilName = EVIL.replace(/[<>]/g, "");
  const { json } = await send(
    {
      from: `${evilName} <a@b.example>`,
      to: [`${evilName} <m@evil.example>`],
      cc: [`${evilName} <c@evil.example>`],
      reply_to: `${evilName} <r@evil.example>`,
      subject: EVIL,
      text: `${EVIL} http://x.example/${EVIL}`,
      html: EVIL,
      headers: { "X-Evil": EVIL },
    },
    { "idempotency-key": EVIL, "user-agent": EVIL },
  );
  mailbox.fail({ status: 500, to: "o'neil&b@example.com" });
  for (const path of [
    "/",
    `/?search=${encodeURIComponent(EVIL)}`,
    ...["html", "text", "raw", EVIL].map(
      (view) => `/mail/${json.id}?view=${encodeURIComponent(view)}&search=${encodeURIComponent(EVIL)}`,
    ),
  ]) {
    const { text } = await call("GET", path);
    const tags = text.match(/<[^<>]*>/g);
    assert.deepEqual(
      tags.filter((tag) => /^<script/i.test(tag)),
      ['<script type="module" src="/assets/mailbox.mjs">'],
      path,
    );
    assert.deepEqual(
      tags.filter((tag) => /^<img|\son\w+\s*=/i.test(tag.replace(/"[^"]*"/g, '""'))),
      [],
      path,
    );
    // An unescaped quote would break an attribute open: every tag must be whole.
    for (const tag of tags)
      assert.match(tag, /^<(?:!doctype html|\/?[a-z][a-z0-9]*(?:\s+[a-zA-Z-]+(?:="[^"]*")?)*\s*\/?)>$/, path);
  }
});

test("a page runs its own script only", async (t) => {
  const { call } = await startTestMailbox(t);
  const policy = (await call("GET", "/")).headers["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
});

test("a mail's HTML is shut in a sandbox without scripts, whether framed or opened by itself", async (t) => {
  const { call, send } = await startTestMailbox(t);
  const { json } = await send({ html: EVIL });
  const { headers } = await call("GET", `/mail/${json.id}/body`);
  const directives = headers["content-security-policy"].split("; ");
  assert.ok(directives.includes("sandbox allow-popups allow-popups-to-escape-sandbox"));
  assert.ok(directives.includes("default-src 'none'"));
  assert.ok(directives.includes("form-action 'none'"));
  assert.ok(!directives.some((directive) => directive.startsWith("script-src")));
  const [frame] = (await call("GET", `/mail/${json.id}`)).text.match(/<iframe[^>]*>/);
  assert.match(frame, /sandbox="allow-popups allow-popups-to-escape-sandbox"/);
});

test("links in a mail's HTML open in a new tab", async (t) => {
  const { call, send } = await startTestMailbox(t);
  const bodyOf = async (html) => (await call("GET", `/mail/${(await send({ html })).json.id}/body`)).text;
  const base = '<base target="_blank">';
  assert.equal(await bodyOf("<p>x</p>"), `${base}<p>x</p>`);
  assert.equal(await bodyOf("<!doctype html><p>x</p>"), `<!doctype html>${base}<p>x</p>`);
  assert.equal(
    await bodyOf('<!doctype html><html><head><base target="_top"></head>'),
    `<!doctype html><html><head>${base}<base target="_top"></head>`,
  );
  assert.equal(await bodyOf("<header>x</header>"), `${base}<header>x</header>`);
});

test("an unchanged page costs a 304, and every change a new page", async (t) => {
  const { call, send, mailbox } = await startTestMailbox(t);
  let { etag } = (await call("GET", "/")).headers;
  const changes = [() => send(), () => mailbox.fail({ status: 500, times: 1 }), () => send(), () => mailbox.clear()];
  for (const change of changes) {
    assert.equal((await call("GET", "/", { headers: { "if-none-match": etag } })).status, 304);
    await change();
    const fresh = await call("GET", "/", { headers: { "if-none-match": etag } });
    assert.equal(fresh.status, 200);
    etag = fresh.headers.etag;
  }
});

test("a failure that is set is shown on every page", async (t) => {
  const { call, mailbox } = await startTestMailbox(t);
  assert.doesNotMatch((await call("GET", "/")).text, /Failing on purpose/);
  mailbox.fail({ status: 503, times: 2 });
  assert.match(
    (await call("GET", "/")).text,
    /Failing on purpose\.<\/strong> Mail to anybody is answered 503, 2 more times\./,
  );
});

test("a failure is told in words", () => {
  assert.equal(describeFailure({ drop: true, used: 0 }), "Mail to anybody is cut off, until cleared.");
  assert.equal(
    describeFailure({ drop_after_accept: true, to: "a@b.example", times: 3, used: 2 }),
    "Mail to a@b.example is accepted, but the answer is lost, once more.",
  );
  assert.equal(describeFailure({ delay_ms: 1500, used: 0 }), "Mail to anybody is accepted after 1.5 s, until cleared.");
  assert.equal(
    describeFailure({ status: 500, delay_ms: 20, used: 0 }),
    "Mail to anybody is answered 500 after 20 ms, until cleared.",
  );
});

test("everything that the pages refer to is served from here", async (t) => {
  const { call, send } = await startTestMailbox(t);
  const { json } = await send({ html: "<p>x</p>" });
  const { text } = await call("GET", `/mail/${json.id}`);
  for (const [, path] of text.matchAll(/(?:src|href)="(\/[^"]*)"/g))
    assert.equal((await call("GET", path.replaceAll("&amp;", "&"))).status, 200, path);
  const { text: script } = await call("GET", "/assets/mailbox.mjs");
  for (const [, name] of script.matchAll(/from "\.\/([^"]+)"/g))
    assert.equal((await call("GET", `/assets/${name}`)).headers["content-type"], "text/javascript; charset=utf-8");
});
