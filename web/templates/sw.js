// Shows the page for “no network” when there is none, and keeps nothing else: old news of alerts would mislead.
"use strict";

const PAGE = "/offline";
const KEPT = [PAGE, "{{ static('app.css') }}", "{{ static('vendor/lucide.svg') }}", "{{ static('favicon.svg') }}"];
const NAME = KEPT.join(" "); // the addresses change with what they hold

addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const others = async () => (await caches.keys()).filter((name) => name !== NAME).map((name) => caches.delete(name));
  event.waitUntil(others().then((deleted) => Promise.all(deleted)).then(() => clients.claim()));
});

// What was to be sent leads back to the page that it was sent from, or “Try again” would ask for where it went.
const unreached = ({ method, referrer }) => (method === "POST" && referrer ? Response.redirect(referrer, 303) : caches.match(PAGE));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  const isKept = origin === location.origin && KEPT.includes(pathname + search);
  if (request.mode !== "navigate" && !isKept) return;
  event.respondWith(fetch(request).catch(() => (isKept ? caches.match(request.url) : unreached(request))));
});
