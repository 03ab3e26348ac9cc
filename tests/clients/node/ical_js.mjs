// What ical.js, the calendar library of Thunderbird and Nextcloud, reads of the feed at the address given: JSON.
import ICAL from "ical.js";

const answer = await fetch(process.argv[2]);
if (!answer.ok) throw new Error(`the feed answers ${answer.status}`);
const calendar = new ICAL.Component(ICAL.parse(await answer.text()));
const events = calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component));
console.log(
  JSON.stringify(
    events.map(({ uid, sequence, summary, startDate, endDate }) => ({
      uid,
      sequence,
      summary,
      start: startDate.toJSDate(),
      end: endDate.toJSDate(),
    })),
  ),
);
