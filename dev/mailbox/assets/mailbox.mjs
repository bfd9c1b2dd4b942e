// Keeps the page alive: new mail, times, copying, the failures panel, keys. The page is whole
// without it, but does not refresh. No mail text passes through here: pages come rendered and
// escaped from the server, and nodes are moved, not built.

import { timeAgo } from "./time.mjs";

/** How often the server is asked for news; an unchanged page costs it a 304. */
const REFRESH_MS = 1000;

/** How long "Copied" is shown. */
const COPIED_MS = 1500;

const list = document.getElementById("mails");
const search = document.querySelector(".search input");
const failures = document.getElementById("failures");
const failureForm = document.getElementById("failure-form");
const failureError = document.getElementById("failure-error");

let refreshing = false;
let askedMeanwhile = false;

setInterval(() => document.visibilityState === "visible" && refresh(), REFRESH_MS);
setInterval(showTimes, 5000);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
document.querySelector('#mails [aria-current="page"]')?.scrollIntoView({ block: "nearest" });

/**
 * Takes over what changed on the server: list, banner, panel. Focus, scroll position and the open
 * mail stay.
 */
async function refresh({ force = false } = {}) {
  if (refreshing) {
    askedMeanwhile ||= force;
    return;
  }
  refreshing = true;
  try {
    const response = await fetch(location.href, {
      cache: "no-store",
      headers: force ? {} : { "if-none-match": document.body.dataset.etag },
    });
    if (response.status === 304) return;
    if (response.status === 404) return location.assign("/");
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const wasEmpty = document.querySelector(".detail-pane .blank") !== null && list.childElementCount === 0;
    document.body.dataset.etag = page.body.dataset.etag;
    takeOverList(page.getElementById("mails"));
    for (const id of ["failing", "failure-count", "rules", "note"]) takeOver(id, page);
    // The advice of the empty mailbox makes way for the first mail, and comes back with the last.
    if (wasEmpty || document.body.className === "browsing") takeOverBlank(page);
    showTimes();
  } catch {
    // The mailbox is not there: the page stays as it is, and the next round asks again.
  } finally {
    refreshing = false;
  }
  if (askedMeanwhile) {
    askedMeanwhile = false;
    refresh({ force: true });
  }
}

function takeOverList(fresh) {
  const present = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const wasFilled = present.size > 0;
  let position = null;
  for (const item of fresh.children) {
    const known = present.get(item.dataset.id);
    present.delete(item.dataset.id);
    const node = known ?? document.adoptNode(item.cloneNode(true));
    if (!known && wasFilled) node.classList.add("new");
    // The links of the list carry the search along.
    node.querySelector("a").href = item.querySelector("a").href;
    const next = position ? position.nextElementSibling : list.firstElementChild;
    if (node !== next) list.insertBefore(node, next);
    position = node;
  }
  for (const gone of present.values()) gone.remove();
}

function takeOver(id, page) {
  const here = document.getElementById(id);
  const fresh = page.getElementById(id);
  if (here.innerHTML !== fresh.innerHTML)
    here.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
}

function takeOverBlank(page) {
  const here = document.querySelector(".detail-pane .blank");
  const fresh = page.querySelector(".detail-pane .blank");
  if (here && fresh && here.querySelector("h1").textContent !== fresh.querySelector("h1").textContent)
    here.replaceWith(document.adoptNode(fresh));
}

function showTimes() {
  for (const time of document.querySelectorAll("time")) time.textContent = timeAgo(time.dateTime, Date.now());
}

// Search: as one types, without leaving the open mail.
search.addEventListener("input", () => {
  const url = new URL(location.href);
  if (search.value) url.searchParams.set("search", search.value);
  else url.searchParams.delete("search");
  history.replaceState(null, "", url);
  refresh({ force: true });
});
search.form.addEventListener("submit", (event) => {
  event.preventDefault();
  list.querySelector("a")?.click();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.copy !== undefined) return copy(button);
  if (button.id === "open-failures") return failures.showModal();
  if (button.dataset.close !== undefined) return failures.close();
  if (button.id === "delete-all") await request("DELETE", "/messages");
  else if (button.dataset.clearFailures !== undefined) await request("DELETE", "/failures");
  else if (button.dataset.removeFailure !== undefined)
    await request("DELETE", `/failures/${encodeURIComponent(button.dataset.removeFailure)}`);
  else return;
  refresh({ force: true });
});

// A click on the backdrop closes the panel.
failures.addEventListener("click", (event) => event.target === failures && failures.close());

failureForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(failureForm);
  const rule = JSON.parse(data.get("preset"));
  if (data.get("to")) rule.to = data.get("to");
  if (data.get("times")) rule.times = Number(data.get("times"));
  if (data.get("delay_ms")) rule.delay_ms = Number(data.get("delay_ms"));
  const response = await request("POST", "/failures", rule);
  failureError.textContent = response.ok ? "" : (await response.json()).message;
  if (!response.ok) return;
  failures.close();
  refresh({ force: true });
});

function request(method, path, value) {
  return fetch(path, { method, headers: { "content-type": "application/json" }, body: value && JSON.stringify(value) });
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.querySelector("span");
  label.textContent = "Copied";
  button.classList.add("done");
  document.getElementById("announcer").textContent = "Copied";
  setTimeout(() => {
    label.textContent = "Copy";
    button.classList.remove("done");
    document.getElementById("announcer").textContent = "";
  }, COPIED_MS);
}

// Keys: / searches, j and k go through the list.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || failures.open) return;
  if (event.key === "Escape" && event.target === search) return search.blur();
  if (event.target.matches("input, textarea, select")) return;
  if (event.key === "/") {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "j" || event.key === "k") {
    const links = [...list.querySelectorAll("a")];
    const current = links.findIndex(
      (link) => link === document.activeElement || link.getAttribute("aria-current") === "page",
    );
    links[event.key === "j" ? current + 1 : Math.max(0, current - 1)]?.click();
  }
});
