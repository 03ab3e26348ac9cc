// What pages gain from JavaScript. Reading and every action work without it.
"use strict";

// Live parts ask for news every few seconds, only while somebody looks, and keep what they show when the server can't be
// reached. Where the server tells of changes (`data-told`) they ask at once when it does, and else only so many seconds
// after they last asked: what is told nothing of, such as a message that arrives, is shown then. While the server can't be
// reached they ask all the time: the stream may not notice.
const stale = () => document.getElementById("stale");
const told = () => document.querySelector("#live[data-told]");
let stream, askedAt = 0, isNews = false;
const isTold = () => stream?.readyState === EventSource.OPEN;
const isTooSoon = () => stale().hidden && isTold() && !isNews && Date.now() - askedAt < told()?.dataset.told * 1000;

const listen = () => {
  stream?.close();
  stream = undefined;
  if (document.hidden || !told() || !window.EventSource) return;
  stream = new EventSource("/live");
  stream.addEventListener("alerts", () => {
    isNews = true;
    htmx.trigger(told(), "news");
  });
  // a lost connection is tried again by the browser; after a refusal we ask as if nobody told us, and try later
  stream.addEventListener("error", ({ target }) => {
    if (target === stream && target.readyState === EventSource.CLOSED) setTimeout(() => target === stream && listen(), 30000);
  });
};
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", listen);

// On the way back a browser fills fields in as they were left, while the list below is of what the address says.
addEventListener("pageshow", ({ persisted }) => {
  const isBack = persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (isBack) document.querySelectorAll("form[method=get]").forEach((form) => form.reset());
});

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden || isTooSoon()) return event.preventDefault();
  isNews = false;
  askedAt = Date.now();
});
document.addEventListener("htmx:before:response", (event) => {
  const { raw, status } = event.detail.ctx.response;
  if (raw.redirected) location.reload(); // the login has expired: the page itself leads to the login form
  if (raw.redirected || status >= 400) event.preventDefault();
  stale().hidden = status < 400;
});
document.addEventListener("htmx:error", () => (stale().hidden = false));
// an answer that is under way may come after this, and would hide it: it is asked again at once
addEventListener("offline", () => {
  if (told()) stale().hidden = false;
  askedAt = 0;
});

// Copy buttons say that they have copied, without changing their width.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = button.parentElement.querySelector("input, pre");
  field.select ? field.select() : getSelection().selectAllChildren(field);
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    document.execCommand("copy"); // plain http has no clipboard of its own
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
});

// What can't be undone is asked about first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.ask;
  if (question && !confirm(question)) return event.preventDefault();
  // A second tap on a slow line sends nothing twice. Not disabled at once, or the button's own value would be lost.
  if (event.target.method === "post") setTimeout(() => event.submitter && (event.submitter.disabled = event.submitter.dataset.sent = true));
});
addEventListener("pageshow", () => document.querySelectorAll("button[data-sent]").forEach((b) => (b.disabled = false)));

// A changed filter applies itself, and one box checks all of a name, until one of them is not checked.
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-submits]")) target.form.requestSubmit();
  if (target.dataset.checks) target.form.querySelectorAll(`[name=${target.dataset.checks}]:enabled`).forEach((box) => (box.checked = target.checked));
  if (!target.checked) target.form?.querySelectorAll("[data-checks]").forEach((all) => (all.checked &&= all.dataset.checks !== target.name));
});

// One menu is open at a time; Escape or a tap beside it closes it.
const closeMenus = (except) =>
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu !== except && (menu.open = false));
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", ({ key, target }) => {
  if (key !== "Escape") return;
  target.closest("details.menu[open]")?.querySelector("summary").focus();
  closeMenus();
});

// Without a network, a page that says so in place of the browser's own.
navigator.serviceWorker?.register("/sw.js");

// The clock in the corner.
const clock = document.querySelector(".clock");
if (clock) {
  const [place] = clock.textContent.split(",");
  const time = { timeZone: clock.dataset.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  setInterval(() => (clock.textContent = `${place}, ${new Date().toLocaleTimeString("en-GB", time)}`), 5000);
}

// Whoever sets up is asked for their time zone: the browser knows it.
const zoneHere = document.querySelector("[data-zone-here]");
if (zoneHere) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zoneHere.options].some((option) => option.value === zone)) zoneHere.value = zone;
}
