// The service worker, given out at /sw.js. It keeps the pages that work without network, drawn without anybody on them,
// and the files they need. GET only: what is entered is kept and sent by queue.js, in the page.
const PAGES = `pages-${VERSION}`;
const FILES = `files-${VERSION}`;
const KEPT = /^\/(activities\/\d+\/log|visits\/door)\/$/;
const FOR_EVER = /\.[0-9a-f]{12}\./; // a file named after its content
const PATIENCE = 3000;
const MOST = 3; // logs: the days of this week

async function keep(path) {
  const page = await fetch(`${path}?offline=1`, { credentials: "same-origin" });
  const text = await page.clone().text();
  if (!page.ok || page.redirected || !text.includes("data-offline")) throw new Error("not the page");
  const files = await caches.open(FILES);
  const named = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  await Promise.all([...new Set(named)].map(async (file) => (FOR_EVER.test(file) && (await files.match(file))) || files.add(file)));
  const pages = await caches.open(PAGES);
  await pages.put(path, page);
  const logs = (await pages.keys()).filter((request) => request.url.includes("/activities/"));
  for (const old of logs.slice(0, -MOST)) await pages.delete(old);
}

// A new version takes the old one's pages over before it drops them.
async function takeOver() {
  for (const name of await caches.keys()) {
    if (name === PAGES || name === FILES) continue;
    if (name.startsWith("pages-")) {
      for (const request of await (await caches.open(name)).keys()) await keep(new URL(request.url).pathname).catch(() => {});
    }
    await caches.delete(name);
  }
  await self.clients.claim();
}

async function page(request, path) {
  const kept = await caches.match(path);
  if (!kept) return fetch(request);
  const late = new Promise((done) => setTimeout(done, PATIENCE, kept));
  const fresh = fetch(request).then((answer) => (answer.status >= 500 ? kept : answer), () => kept);
  return Promise.race([fresh, late]);
}

async function file(request) {
  const kept = await caches.match(request);
  if (kept && FOR_EVER.test(request.url)) return kept;
  return fetch(request).catch(() => kept || Response.error());
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (KEPT.test(event.data.keep)) event.waitUntil(keep(event.data.keep).catch(() => {}));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && KEPT.test(url.pathname)) event.respondWith(page(request, url.pathname));
});
