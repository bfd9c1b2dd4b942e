// Codes and links are found where people would find them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { beginningOf, codesIn, firstLinkIn, plainText, splitLinks } from "./highlights.mjs";

const text = (value) => ({ text: value, html: null });
const html = (value) => ({ text: null, html: value });

test("a six-digit code is found, and other numbers are not", () => {
  assert.deepEqual(codesIn(text("Your code is 012345.")), ["012345"]);
  assert.deepEqual(codesIn(text("Code: 123456\nAgain: 123456\nNew: 654321")), ["123456", "654321"]);
  for (const no of [
    "1234567",
    "12345",
    "a123456",
    "#123456",
    "https://x.example/123456",
    "?token=123456",
    "12,123456",
    "123456.78",
    "tel 1-123456",
  ]) {
    assert.deepEqual(codesIn(text(no)), [], no);
  }
  assert.deepEqual(codesIn(text("<123456>")), ["123456"]);
});

test("a code in HTML is found in its text, not in its styles or addresses", () => {
  assert.deepEqual(
    codesIn(
      html(
        '<style>p{color:#123456;width:111111px}</style><a href="http://x/222222">go</a><!-- 333333 --><p>444444</p>',
      ),
    ),
    ["444444"],
  );
});

test("the first link is found in text, without the punctuation after it", () => {
  assert.equal(
    firstLinkIn(text("Go to https://x.example/a?b=1&c=2. Or http://y.example")),
    "https://x.example/a?b=1&c=2",
  );
  assert.equal(firstLinkIn(text("(see http://x.example/a)")), "http://x.example/a");
  assert.equal(firstLinkIn(text("none: javascript:alert(1) ftp://x")), null);
});

test("the first link is found in HTML, and only one that leads to the web", () => {
  assert.equal(
    firstLinkIn(html('<a href="javascript:alert(1)">a</a><a class=x href="http://x.example/?a=1&amp;b=2">b</a>')),
    "http://x.example/?a=1&b=2",
  );
  assert.equal(firstLinkIn(html("<a href='mailto:a@b.example'>a</a>")), null);
});

test("HTML becomes readable text", () => {
  assert.equal(
    plainText(
      html("<head><title>T</title></head><h1>Hello</h1><p>a &amp; b &lt;c&gt; &#1103;&#x44F; &copy;</p>x<br>y"),
    ),
    "Hello\na & b <c> яя &copy;\nx\ny",
  );
});

test("the beginning of a mail is one line without links", () => {
  assert.equal(beginningOf(text("Hello\n\nhttp://x.example/a\n there"), 140), "Hello there");
});

test("text splits into links and the rest, and nothing is lost", () => {
  const source = "a http://x.example/1, b https://y.example/2";
  assert.equal(
    splitLinks(source)
      .map((part) => part.text)
      .join(""),
    source,
  );
  assert.deepEqual(
    splitLinks(source)
      .filter((part) => part.isLink)
      .map((part) => part.text),
    ["http://x.example/1", "https://y.example/2"],
  );
});

test("a hostile mail does not take long", () => {
  const begun = performance.now();
  for (const unit of ["<", "<style>", "<!--", "<a href='", "&#", "1 ", "http://", '<a href="x', "a<br"]) {
    const mail = { text: null, html: unit.repeat(400_000 / unit.length) };
    codesIn(mail);
    firstLinkIn(mail);
    codesIn({ text: mail.html, html: null });
    firstLinkIn({ text: mail.html, html: null });
  }
  // Takes 0.3 s; a quadratic search takes 10 s and more.
  assert.ok(performance.now() - begun < 3000, `${performance.now() - begun} ms`);
});
