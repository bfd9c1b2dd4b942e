// `window` and `document` for a while: what @supabase/auth-js asks of a page. Not here: a browser
// engine.

/**
 * Runs `task` as on the page at `href`. Clients made there look for a session in its address and
 * tell other tabs what happens.
 * @template T @param {string | URL} href @param {() => Promise<T>} task @param {{ webauthn?:
 *   boolean }} [abilities]
 */
export async function onPage(href, task, { webauthn = false } = {}) {
  const location = Object.assign(new URL(href), { assign: (/** @type {string} */ url) => void visited.push(url) });
  /** @type {string[]} where the page sent the browser @type {string[]} */
  const visited = [];
  const history = {
    state: null,
    replaceState: (/** @type {unknown} */ _, /** @type {string} */ __, /** @type {string} */ url) =>
      void (location.href = url),
  };
  const ability = webauthn ? { PublicKeyCredential: class {} } : {};
  const window = { location, history, addEventListener() {}, removeEventListener() {}, ...ability };
  const before = Object.getOwnPropertyDescriptor(globalThis.navigator, "credentials");
  Object.assign(globalThis, { window, document: { visibilityState: "visible" } });
  const never = async () => Promise.reject(new Error("no authenticator was to be asked"));
  if (webauthn)
    Object.defineProperty(globalThis.navigator, "credentials", {
      configurable: true,
      value: { create: never, get: never },
    });
  try {
    return { result: await task(), href: location.href, visited };
  } finally {
    for (const name of ["window", "document"]) Reflect.deleteProperty(globalThis, name);
    Reflect.deleteProperty(globalThis.navigator, "credentials");
    if (before) Object.defineProperty(globalThis.navigator, "credentials", before);
  }
}
