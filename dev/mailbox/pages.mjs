// The mailbox in the browser: the list, one mail, and the panel that sets failures. Rendered here
// (views.mjs), kept fresh by assets/mailbox.mjs. What comes from a mail is either escaped
// (html.mjs) or shut in a sandboxed frame (`mailBody`).

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { HttpError, send } from "./http.mjs";
import { emptyMailbox, MAIL_SANDBOX, mailDetail, mailGone, nothingSelected, pageView, VIEWS } from "./views.mjs";

/** The pages: nothing from elsewhere, nothing inline, never inside another page. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * A mail's own HTML: it may look like something and open links in a new tab; no scripts, forms, or
 * loading. `sandbox` gives it an origin of its own, also when it is opened outside the frame.
 */
const MAIL_POLICY = [
  `sandbox ${MAIL_SANDBOX}`,
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** What may be fetched from assets/, and as what. */
const ASSETS = {
  "mailbox.css": "text/css; charset=utf-8",
  "mailbox.mjs": "text/javascript; charset=utf-8",
  "time.mjs": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** @param {import("./routes.mjs").Parts} parts */
export function createPages({ messages, failures, now }) {
  /** Versions begin anew with every start; a page from before must not take them for its own. */
  const start = randomUUID();

  /**
   * @param {import("./routes.mjs").Call} call
   * @param {number} status
   * @param {{ title: string, selected?: string, detail: import("./html.mjs").Html }} content
   */
  function sendPage({ request, response, url }, status, { title, selected, detail }) {
    const etag = `"${start}.${messages.version}.${failures.version}"`;
    if (status === 200 && request.headers["if-none-match"] === etag) return send(response, 304, "", { etag });
    const search = url.searchParams.get("search") ?? "";
    const found = messages.list({ search });
    const rules = failures.list();
    const page = pageView({
      title,
      etag,
      selected,
      search,
      found,
      rules,
      detail,
      at: now(),
      dropped: messages.dropped,
      maxMessages: messages.maxMessages,
    });
    send(response, status, String(page), {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": PAGE_POLICY,
      "referrer-policy": "no-referrer",
      etag,
    });
  }

  return {
    /** @param {import("./routes.mjs").Call} call */
    inbox(call) {
      const empty = messages.list().length === 0;
      sendPage(call, 200, { title: "Mailbox", detail: empty ? emptyMailbox() : nothingSelected() });
    },

    /** @param {import("./routes.mjs").Call} call */
    mail(call) {
      const message = messages.get(call.parameters[0]);
      if (!message) return sendPage(call, 404, { title: "Mailbox", detail: mailGone() });
      const wanted = call.url.searchParams.get("view") ?? "";
      const view = Object.hasOwn(VIEWS, wanted) ? wanted : message.html ? "html" : "text";
      const search = call.url.searchParams.get("search") ?? "";
      sendPage(call, 200, {
        title: `${message.subject} · Mailbox`,
        selected: message.id,
        detail: mailDetail(message, { view, search, at: now() }),
      });
    },

    /** @param {import("./routes.mjs").Call} call */
    mailBody({ response, parameters: [id] }) {
      const message = messages.get(id);
      if (!message?.html) throw new HttpError("not_found", "This mail has no HTML");
      send(response, 200, withLinksInNewTab(message.html), {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": MAIL_POLICY,
        "referrer-policy": "no-referrer",
      });
    },

    /** @param {import("./routes.mjs").Call} call */
    async asset({ response, parameters: [name] }) {
      if (!Object.hasOwn(ASSETS, name)) throw new HttpError("not_found");
      const file = await readFile(new URL(`./assets/${name}`, import.meta.url), "utf8");
      send(response, 200, file, { "content-type": ASSETS[name] });
    },
  };
}

/**
 * A mail's links would open inside the frame, where the sandbox breaks the page they lead to.
 * The first `<base target>` of a document counts, so ours goes in front of the mail's own.
 * @param {string} markup
 */
function withLinksInNewTab(markup) {
  const base = '<base target="_blank">';
  const head = /^[\s\S]{0,5000}?<head(?:\s[^<>]*)?>/i.exec(markup) ?? /^\s*<!doctype[^<>]*>/i.exec(markup);
  const at = head?.[0].length ?? 0;
  return markup.slice(0, at) + base + markup.slice(at);
}
