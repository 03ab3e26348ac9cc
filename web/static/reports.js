// Draws the picture of each report from the table beside it, in the colours of the page.
"use strict";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const steps = [1, 10, 60, 600, 3600, 6 * 3600, 86400, 7 * 86400];
const spelt = (seconds) => {
  const [unit, size] = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]].find(([, each]) => seconds >= each) ?? ["s", 1];
  return `${Math.round(seconds / size)} ${unit}`;
};
const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

// {labels, series: [{name, values, words}]}; a cell without a figure is null.
function read(table, most) {
  const [, ...heads] = table.tHead.rows[0].cells;
  const rows = [...table.tBodies[0].rows].slice(0, most);
  const cell = (row, number) => row.cells[number + 1].querySelector("data");
  const series = heads.map((head, number) => ({
    name: head.textContent.trim(),
    values: rows.map((row) => (cell(row, number) ? Number(cell(row, number).value) : null)),
    words: rows.map((row) => cell(row, number)?.textContent ?? "–"),
  }));
  return { labels: rows.map((row) => row.cells[0].textContent.trim()), series };
}

const kinds = {
  stacked: { type: "bar", stacked: true },
  lines: { type: "line", times: true },
  bars: { type: "bar", lying: true },
  dots: { type: "line", lying: true, times: true, bare: true },
};

function dataset(kind, { name, values, words }, number) {
  const colours = token("--series").split(/\s+/);
  const isPair = kind.times; // a median and its 90th percentile have one colour and two shapes
  const colour = colours[(isPair ? number >> 1 : number) % colours.length];
  const second = isPair && number % 2;
  return {
    label: name,
    data: kind.times ? values.map((value) => value === null ? null : Math.max(1, value)) : values,
    words,
    backgroundColor: kind.type === "bar" ? colour : second ? token("--surface") : colour,
    borderColor: colour,
    borderWidth: kind.type === "bar" ? 0 : 2,
    borderDash: second ? [5, 4] : [],
    pointStyle: second ? "rectRot" : "circle",
    pointRadius: kind.bare ? 6 : values.length > 40 ? 2 : 3,
    pointHoverRadius: 7,
    showLine: !kind.bare,
    spanGaps: true,
    tension: 0.2,
    maxBarThickness: 40,
  };
}

function scales(kind, labels, width) {
  const muted = token("--muted"), line = token("--line");
  const names = {
    stacked: kind.stacked,
    grid: { display: Boolean(kind.bare), color: line },
    border: { color: line },
    ticks: { color: muted, autoSkip: !kind.lying, autoSkipPadding: 10, maxRotation: 0, callback: (_, number) => short(labels[number], Math.max(14, width / 24)) },
    offset: true,
    type: "category",
  };
  const figures = {
    stacked: kind.stacked,
    beginAtZero: true,
    grid: { color: line },
    border: { display: false },
    ticks: { color: muted, precision: 0, maxTicksLimit: 7 },
  };
  if (kind.times) {
    figures.type = "logarithmic";
    // to the next line that has a name, and never so short that equal answers have an axis without a length
    figures.afterDataLimits = (axis) => (axis.max = steps.find((step) => step >= Math.max(axis.max, 60)) ?? axis.max);
    figures.afterBuildTicks = (axis) => (axis.ticks = steps.map((value) => ({ value })).filter(({ value }) => value >= axis.min && value <= axis.max));
    figures.ticks.callback = spelt;
  }
  return kind.lying ? { y: names, x: figures } : { x: names, y: figures };
}

function draw(figure) {
  const kind = kinds[figure.dataset.picture], plot = figure.querySelector(".plot");
  const { labels, series } = read(figure.querySelector("table"), kind.lying ? Number(figure.dataset.most) : Infinity);
  Chart.getChart(plot.querySelector("canvas"))?.destroy();
  plot.replaceChildren(document.createElement("canvas"));
  plot.hidden = false;
  new Chart(plot.firstChild, {
    type: kind.type,
    data: { labels, datasets: series.map((each, number) => dataset(kind, each, number)) },
    options: {
      indexAxis: kind.lying ? "y" : "x",
      maintainAspectRatio: false,
      animation: false,
      font: { family: getComputedStyle(document.body).fontFamily, size: 12 },
      interaction: { mode: "index", axis: kind.lying ? "y" : "x", intersect: false },
      scales: scales(kind, labels, plot.clientWidth),
      plugins: {
        legend: { display: series.length > 1, position: "bottom", labels: { color: token("--text"), usePointStyle: true, boxHeight: 8, padding: 14 } },
        tooltip: {
          usePointStyle: true,
          itemSort: kind.stacked ? (one, other) => other.raw - one.raw : undefined,
          filter: ({ raw }) => !kind.stacked || raw > 0,
          callbacks: { label: ({ dataset, dataIndex }) => ` ${dataset.label}: ${dataset.words[dataIndex]}` },
        },
      },
    },
  });
}

const drawAll = (within) => within.querySelectorAll("figure[data-picture]").forEach(draw);
drawAll(document);
document.addEventListener("htmx:after:swap", () => document.querySelectorAll("figure[data-picture]:not(:has(canvas))").forEach(draw));
for (const look of ["(prefers-color-scheme: dark)", "print"]) matchMedia(look).addEventListener("change", () => drawAll(document));
