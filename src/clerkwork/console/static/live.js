// One stream of events for the whole page, none while the page is hidden. Parts of the page say
// with data-live which events they follow, and are fetched anew when one comes: at once, then at
// most twice a second. A part in which somebody is typing waits until they have left it, and so
// does one that is just being fetched.
"use strict";
(() => {
  const PAUSE_MS = 500;
  let stream = null;
  let last = "";
  const waiting = new Set();

  const parts = (name) => {
    const found = [];
    for (const part of document.querySelectorAll("[data-live]")) {
      if (part.dataset.live.split(" ").some((word) => name.startsWith(word))) found.push(part.id);
    }
    return found;
  };

  const renew = (id) => {
    const part = document.getElementById(id);
    if (!part) return;
    const typing = document.activeElement.matches("input, select, textarea");
    // what is asked for of a part that is being replaced would go with the old one
    if (part.classList.contains("htmx-request") || (typing && part.contains(document.activeElement))) {
      setTimeout(() => renew(id), PAUSE_MS);
      return;
    }
    htmx.trigger(part, "live");
  };

  // whoever stands on something in the part, by keyboard, stands on the same thing in the new one
  const STOPS = "a[href], button, summary, [tabindex]";
  let stood = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (!part.contains(document.activeElement)) return;
    const stops = [...part.querySelectorAll(STOPS)];
    const at = stops.indexOf(document.activeElement);
    stood = { id: part.id, at, href: document.activeElement.getAttribute("href") };
  });
  document.addEventListener("htmx:afterSettle", () => {
    const part = stood && document.getElementById(stood.id);
    if (part) {
      const stops = [...part.querySelectorAll(STOPS)];
      const same = stops.find((stop) => stood.href && stop.getAttribute("href") === stood.href);
      (same || stops[stood.at] || document.getElementById("main")).focus({ preventScroll: true });
    }
    stood = null;
  });

  const follow = (name) => {
    for (const id of parts(name)) {
      if (waiting.has(id)) continue;
      const pause = waiting.size || document.getElementById(id).dataset.renewed ? PAUSE_MS : 0;
      waiting.add(id);
      setTimeout(() => { waiting.delete(id); renew(id); }, pause);
    }
  };

  const state = (is_open) => { document.documentElement.dataset.stream = is_open ? "open" : "closed"; };

  const open = () => {
    if (stream || document.hidden || !document.querySelector("[data-live]")) return;
    stream = new EventSource(last ? `/live?after=${last}` : "/live");
    const see = (event) => { last = event.lastEventId; };
    stream.addEventListener("begin", (event) => { see(event); state(true); });
    stream.addEventListener("past", see);
    stream.addEventListener("over", () => { close(); location.assign("/sign-in"); });
    stream.addEventListener("message", (event) => {
      see(event);
      document.dispatchEvent(new CustomEvent("happening", { detail: JSON.parse(event.data) }));
      follow(JSON.parse(event.data).name);
    });
    stream.addEventListener("error", () => state(false));
  };

  const close = () => {
    if (stream) stream.close();
    stream = null;
    state(false);
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  // a page that renews itself is nobody at work: the server does not count it as use
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.triggeringEvent && event.detail.triggeringEvent.type === "live") {
      event.detail.headers["X-Live"] = "1";
    }
  });
  open();
})();
