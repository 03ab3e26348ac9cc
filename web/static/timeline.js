// Dragging over a level chooses time on it, for the form that overrides or the one that asks for cover. Both forms
// are there without it.
"use strict";

const chart = document.querySelector(".chart");
const pick = document.getElementById("pick");
const COLUMNS = 480;
const MAGNET = 8; // px: so near to a handoff or a midnight, that is what is meant
const STEPS = { day: 900, week: 3600, weeks: 3600, month: 86400, quarter: 86400 }; // seconds
const number = (element, name) => Number(element.dataset[name]);

if (chart && pick) {
  const [start, end, now] = ["start", "end", "now"].map((name) => number(chart, name));
  const step = STEPS[Object.keys(STEPS).find((view) => chart.classList.contains(`of-${view}`))];
  const column = (at) => 1 + Math.round((COLUMNS * (at - start)) / (end - start));
  let drag = null;

  // The instant under the pointer: an edge that is near, or else a whole step.
  const instant = (track, x) => {
    const { left, width } = track.getBoundingClientRect();
    const at = start + (Math.min(Math.max(x - left, 0), width) / width) * (end - start);
    const near = ([...track.querySelectorAll("[data-from]")].flatMap((each) => [number(each, "from"), number(each, "to")]))
      .concat([...chart.querySelectorAll("[data-at]")].map((each) => number(each, "at")), now, end)
      .filter((edge) => edge >= start && edge <= end && (Math.abs(edge - at) / (end - start)) * width <= MAGNET)
      .sort((one, other) => Math.abs(one - at) - Math.abs(other - at));
    return near.length ? near[0] : start + Math.round((at - start) / step) * step;
  };

  const words = (at) =>
    new Date(at * 1000).toLocaleString("en-GB", {
      timeZone: chart.dataset.shown, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
    });
  // As a datetime-local, on the schedule's clock: Swedes write dates so.
  const wallClock = (at) =>
    new Date(at * 1000).toLocaleString("sv-SE", { timeZone: chart.dataset.zone }).replace(" ", "T").slice(0, 16);

  const chosen = (event) => {
    const ends = [drag.from, instant(drag.track, event.clientX)].sort((one, other) => one - other);
    return [Math.max(ends[0], now), ends[1]];
  };

  const draw = (from, to) => {
    drag.area.className = `picking from-${Math.min(column(from), COLUMNS)} to-${Math.max(column(to), column(from) + 1)}`;
    drag.area.hidden = to <= from;
  };

  const close = () => {
    if (drag) drag.area.remove();
    drag = null;
    pick.hidden = true;
  };

  const cover = (from, to) => {
    const link = pick.querySelector("[data-cover]");
    const { shift } = drag;
    link.hidden = !shift;
    if (!shift) return;
    const [begins, ends] = [Math.max(from, number(shift, "from")), Math.min(to, number(shift, "to"))];
    const isMine = shift.dataset.person === chart.dataset.me;
    link.lastElementChild.textContent = isMine ? "Ask for cover" : `Ask ${shift.dataset.name} for it`;
    link.href = `/swaps/new?${new URLSearchParams({
      schedule: chart.dataset.schedule, level: drag.level, person: shift.dataset.person,
      start: new Date(begins * 1000).toISOString(), end: new Date(ends * 1000).toISOString(),
    })}`;
  };

  const open = (from, to) => {
    drag.times = [from, to];
    pick.querySelector("b").textContent = drag.level;
    pick.querySelector("#picked span").textContent = `${words(from)} – ${words(to)}`;
    cover(from, to);
    pick.hidden = false;
    pick.querySelector("button").focus();
  };

  const override = () => {
    const form = document.getElementById("add-override");
    const [from, to] = drag.times;
    form.closest("details").open = true;
    form.elements.level.value = drag.level;
    form.elements.start.value = wallClock(from);
    form.elements.end.value = wallClock(to);
    close();
    form.scrollIntoView({ block: "center" });
    form.elements.person.focus();
  };

  document.documentElement.classList.add("js");
  chart.addEventListener("pointerdown", (event) => {
    const track = event.target.closest(".final .track");
    if (!track || event.button || event.pointerType === "touch") return;
    event.preventDefault();
    close();
    const level = track.parentElement.dataset.level;
    const area = track.appendChild(document.createElement("li"));
    drag = { track, level, area, from: instant(track, event.clientX), shift: event.target.closest("[data-person]") };
    area.hidden = true;
    track.setPointerCapture(event.pointerId);
    drag.isOn = true;
  });
  chart.addEventListener("pointermove", (event) => drag?.isOn && draw(...chosen(event)));
  chart.addEventListener("pointerup", (event) => {
    if (!drag?.isOn) return;
    const [from, to] = chosen(event);
    drag.isOn = false;
    if (to <= from) return close();
    draw(from, to);
    open(from, to);
  });
  chart.addEventListener("pointercancel", close);
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  pick.querySelector("[data-override]").addEventListener("click", override);
  pick.querySelector("[data-close]").addEventListener("click", close);
}
