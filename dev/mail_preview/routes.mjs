// Who answers what in the preview of mails: the overview, one mail or page, its HTML in a sandbox,
// and the assets.

import { readFile } from "node:fs/promises";
import { Failure } from "../failure.mjs";
import { refusalOf } from "../mailbox/guard.mjs";
import { HttpError, send, sendError } from "../mailbox/http.mjs";
import { brokenPage, missing, overview, pageView, SANDBOX, shownDetail } from "./views.mjs";

/** The pages: nothing from elsewhere, no script at all. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/**
 * What is shown: as in a mail program. Scripts and forms are dead, and links go nowhere that
 * exists.
 */
const BODY_POLICY = `sandbox ${SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;

/** What may be fetched, and as what. */
const ASSETS = {
  "mailbox.css": ["../mailbox/assets/mailbox.css", "text/css; charset=utf-8"],
  "preview.css": ["./preview.css", "text/css; charset=utf-8"],
  "icon.svg": ["../mailbox/assets/icon.svg", "image/svg+xml"],
};

/**
 * @param {() => Promise<import("./render.mjs").Everything | Failure>} everything
 * @returns {import("node:http").RequestListener}
 */
export function createRoutes(everything) {
  return async (request, response) => {
    try {
      const refusal = refusalOf(request);
      if (refusal) throw refusal;
      if (!["GET", "HEAD"].includes(request.method ?? ""))
        throw new HttpError("method_not_allowed", undefined, { allow: "GET, HEAD" });
      const url = new URL(`http://localhost${request.url}`);
      const [, first, ...rest] = url.pathname.split("/");
      if (first === "assets") return await sendAsset(response, rest.join("/"));

      const all = await everything();
      const look = {
        scheme: url.searchParams.get("scheme") === "dark" ? "dark" : "light",
        width: url.searchParams.get("width") === "narrow" ? "narrow" : "wide",
      };
      if (all instanceof Failure) return sendPage(response, 500, brokenPage(all));
      if (first === "" && rest.length === 0)
        return sendPage(response, 200, pageView({ all, look, title: "Mails and pages", detail: overview(all) }));

      const isBody = rest.length === 3 && rest[2] === "body";
      const [name, locale] = rest;
      const list = first === "mail" ? all.mails : first === "page" ? all.pages : [];
      const shown = list.find((one) => one.name === name && one.locale === locale);
      if (isBody && shown?.html) return sendBody(response, shown.html, look.scheme);
      if (!shown || rest.length !== 2)
        return sendPage(response, 404, pageView({ all, look, title: "Not found", detail: missing() }));
      const selected = `/${first}/${name}/${locale}`;
      sendPage(
        response,
        200,
        pageView({
          all,
          look,
          title: shown.subject ?? name,
          selected,
          detail: shownDetail({ all, shown, selected, look }),
        }),
      );
    } catch (error) {
      sendError(response, error);
    }
  };
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {import("../mailbox/html.mjs").Html} page
 */
const sendPage = (response, status, page) =>
  send(response, status, String(page), {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": PAGE_POLICY,
    "referrer-policy": "no-referrer",
  });

/**
 * @param {import("node:http").ServerResponse} response
 * @param {string} markup
 * @param {string} scheme
 */
const sendBody = (response, markup, scheme) =>
  send(response, 200, inScheme(markup, scheme), {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": BODY_POLICY,
    "referrer-policy": "no-referrer",
  });

/** @param {import("node:http").ServerResponse} response @param {string} name */
async function sendAsset(response, name) {
  if (!Object.hasOwn(ASSETS, name)) throw new HttpError("not_found");
  const [file, type] = ASSETS[/** @type {keyof typeof ASSETS} */ (name)];
  send(response, 200, await readFile(new URL(file, import.meta.url), "utf8"), { "content-type": type });
}

/**
 * The document as it looks in light or dark, whatever this browser prefers.
 * @param {string} markup
 * @param {string} scheme
 */
export const inScheme = (markup, scheme) =>
  markup
    .replaceAll(/\(prefers-color-scheme:\s*(light|dark)\)/g, (_, asked) =>
      asked === scheme ? "(min-width: 0px)" : "(max-width: 0px)",
    )
    .replaceAll("color-scheme: light dark", `color-scheme: ${scheme}`);
