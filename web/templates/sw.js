// Shows the page for “no network” when there is none, and keeps nothing else: old news of alerts would mislead.
"use strict";

const PAGE = "/offline";
const KEPT = [PAGE, "{{ static('app.css') }}", "{{ static('vendor/lucide.svg') }}", "{{ static('favicon.svg') }}"];
const NAME = ["{{ page }}", ...KEPT].join(" "); // the other addresses change with what they hold

addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const others = async () => (await caches.keys()).filter((name) => name !== NAME).map((name) => caches.delete(name));
  event.waitUntil(others().then((deleted) => Promise.all(deleted)).then(() => clients.claim()));
});

// What was to be sent is said not to have arrived, and “Try again” leads to the page that it was sent from: where it went,
// there may be nothing to look at.
const unreached = async ({ method, referrer }) => {
  const page = await caches.match(PAGE);
  if (method !== "POST" || !referrer.startsWith(`${location.origin}/`)) return page;
  const text = await page.text(), address = referrer.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return new Response(text.replace('href=""', () => `href="${address}"`), { headers: page.headers });
};

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  const isKept = origin === location.origin && KEPT.includes(pathname + search);
  if (request.mode !== "navigate" && !isKept) return;
  event.respondWith(fetch(request).catch(() => (isKept ? caches.match(request.url) : unreached(request))));
});
