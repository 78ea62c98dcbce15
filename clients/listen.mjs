// Listens with libraries that pages and servers use, as their documentation says
// to, and writes a line of JSON about each thing that they tell. The last
// argument is a list of {name, library, url, token, after}.
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { EventSource } from "eventsource";

// fetch-event-source is made for pages. It is given the two names of a page that
// it uses, and is not changed.
globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };

const tell = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const libraries = {
  "eventsource": ({ name, url, token }) => {
    const source = new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
    });
    source.onopen = () => tell({ name, what: "opened" });
    source.onmessage = (event) => tell({ name, what: "message", id: event.lastEventId, data: event.data });
    source.onerror = (event) => tell({ name, what: source.readyState === source.CLOSED ? "gave up" : "interrupted", data: String(event.message) });
  },

  // It calls back for every block: those without data are no events.
  "fetch-event-source": (listener) => fetched(listener, ({ event, data }) => data && event === ""),

  // An application may not know of that.
  "fetch-event-source, parsing": (listener) => fetched(listener, ({ data }) => JSON.parse(data)),
};

const fetched = ({ name, url, token, after }, isMessage) =>
  fetchEventSource(url, {
    headers: { Authorization: `Bearer ${token}`, ...(after && { "last-event-id": after }) },
    openWhenHidden: true,
    async onopen(response) {
      if (!response.ok) throw new Error(`status ${response.status}`);
      tell({ name, what: "opened" });
    },
    onmessage: (event) => isMessage(event) && tell({ name, what: "message", id: event.id, data: event.data }),
    onclose() {
      throw new Error("the stream has ended"); // which it takes as: come again
    },
    onerror: (error) => tell({ name, what: "interrupted", data: error.message }) && undefined,
  });

for (const listener of JSON.parse(process.argv.at(-1))) libraries[listener.library](listener);

// Whoever has started this and is no more reads nothing of it either.
process.stdin.resume().on("end", () => process.exit());
