// A browser with the app in it: tabs are clients of @supabase/auth-js that share one storage; pages
// are what a person opens and clicks.

import { randomUUID } from "node:crypto";
import { AuthClient, GoTrueAdminApi } from "@supabase/auth-js";
import { recorded } from "./methods.mjs";

/** @typedef {import("../../workerd/harness.mjs").World} World */
/** @typedef {ConstructorParameters<typeof AuthClient>[0]} Options */

/** What `localStorage` is to the tabs of one browser. */
class Storage {
  /** @type {Map<string, string>} */
  items = new Map();
  /** @param {string} key */
  getItem = (key) => this.items.get(key) ?? null;
  /** @param {string} key @param {string} value */
  setItem = (key, value) => void this.items.set(key, value);
  /** @param {string} key */
  removeItem = (key) => void this.items.delete(key);
}

/** Somebody at a browser that was never here before. @param {World} world */
export function browser(world) {
  const client = world.client();
  const storage = new Storage();
  const storageKey = `edgegate-${randomUUID()}`;
  /** @type {{ call: string, status: number, headers: Headers }[]} */
  const requests = [];

  /** As the app's pages send it: to another origin, so without cookies. @type {typeof fetch} */
  const send = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("cf-connecting-ip", client.address);
    headers.set("user-agent", "edgegate tests");
    headers.set("apikey", "the key of the app, which edgegate ignores");
    const response = await fetch(input, { ...init, headers });
    const path = String(input).slice(`${world.url}/auth/v1`.length);
    requests.push({ call: `${init?.method} ${path}`, status: response.status, headers: response.headers });
    return response;
  };

  return {
    storage,
    /** What went to the Worker. */
    requests,
    /** Opens mailed links, sends forms; from the same network. */
    pages: client,

    /** Another tab of the app. @param {Partial<NonNullable<Options>>} [options] */
    tab(options = {}) {
      return recorded(
        new AuthClient({
          url: `${world.url}/auth/v1`,
          fetch: send,
          storage,
          storageKey,
          autoRefreshToken: false,
          detectSessionInUrl: false,
          ...options,
        }),
      );
    },

    /** The session as it is stored. @returns {any} */
    stored: () => JSON.parse(storage.getItem(storageKey) ?? "null"),

    /** Lets the access token expire, as the app sees it. */
    expire() {
      const session = JSON.parse(storage.getItem(storageKey) ?? "{}");
      storage.setItem(storageKey, JSON.stringify({ ...session, expires_at: Math.floor(Date.now() / 1000) - 10 }));
    },

    /**
     * Opens a mailed link, presses its button and returns where that leads.
     * @param {string} link
     * @param {Record<string, string>} [typed]
     */
    async follow(link, typed) {
      const page = await client.get(link, { headers: { accept: "text/html" } });
      const { status, headers, text } = await client.submit(page.text, typed);
      if (status !== 303) throw new Error(`the page answered ${status} ${text}`);
      return new URL(headers.get("location") ?? "");
    },
  };
}

/**
 * The admin API, called by a program of the operator's.
 * @param {World} world
 * @param {string} [token]
 */
export function administrator(world, token = world.serviceToken) {
  const admin = new GoTrueAdminApi({
    url: `${world.url}/auth/v1`,
    headers: { Authorization: `Bearer ${token}`, apikey: token },
  });
  return recorded(admin, "admin.");
}

/**
 * Fails the test unless a call succeeded, and returns what it answered.
 * @template {{ data: any, error: any }} T
 * @param {T} result
 * @returns {NonNullable<T["data"]>}
 */
export function succeeded({ data, error }) {
  if (error) throw new Error(`${error.name}: ${error.status} ${error.code} ${error.message}`);
  return data;
}

/** Class, status and code of a refusal, as the library maps it. @param {{ error: any }} result */
export const refusal = ({ error }) => error && [error.name, error.status, error.code];

/** The fragment or query of where a page led. @param {URL} url */
export const handedOver = (url) => Object.fromEntries(new URLSearchParams(url.hash ? url.hash.slice(1) : url.search));

/**
 * Somebody who signed up and confirmed, in a browser whose first tab is signed in.
 * @param {World} world
 * @param {Partial<NonNullable<Options>>} [options]
 */
export async function signedIn(world, options) {
  const person = await world.newcomer();
  const at = browser(world);
  const tab = at.tab(options);
  succeeded(await tab.signInWithPassword({ email: person.email, password: person.password }));
  return { ...person, at, tab };
}
