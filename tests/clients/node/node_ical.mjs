// What node-ical reads of the feed at the address given: JSON.
import ical from "node-ical";

const found = Object.values(await ical.async.fromURL(process.argv[2]));
console.log(
  JSON.stringify(
    found
      .filter(({ type }) => type === "VEVENT")
      .map(({ uid, sequence, summary, start, end }) => ({ uid, sequence: Number(sequence), summary, start, end })),
  ),
);
