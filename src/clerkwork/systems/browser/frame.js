// What one frame shows (that of window `win`), read in one turn of the page so that nothing
// can change in between; or, with `pick`, the one element that a map means (null: none); or, with
// `heal`, by which later selector it can still be found, and what it is called now.
//
// task: {marks: [selector], fields: {key: target and secret}, tables: [selector],
//    focus: the key of the field to put the cursor into, when it is to be typed into}
//    or {pick: target}
//    or {select: target, choice: [value, text]}: choose this option of a list
//    or {heal: target}
//    or {offer: typed}: the one choice of an open list that completes what was typed
// target: {label, selectors, isKey: a button or link, heals: whether a selector after the
//    first one will do}
(task, win = window) => {
  const { document, performance } = win;
  const CONTROLS =
    "input:not([type=hidden], [type=submit], [type=button], [type=image], [type=reset])," +
    " select, textarea";
  const PICKERS = // what is typed into them depends on the browser's language
    "input:is([type=date], [type=time], [type=month], [type=week], [type=datetime-local])";
  const KEYS =
    "a[href], area, button, input[type=submit], input[type=button], input[type=image]," +
    " input[type=reset], [role=button], [role=link], [role=menuitem], [role=tab]";
  const squeezed = (text) => (text || "").replace(/\s+/g, " ").trim();
  const bare = (text) => squeezed(text).replace(/[\s:：*]+$/, "");
  const isVisible = (element) =>
    element.getClientRects().length > 0 &&
    getComputedStyle(element).visibility !== "hidden";
  const visible = (selector) =>
    [...document.querySelectorAll(selector)].filter(isVisible);

  // A label as a person reads it: <label>, or a table cell beside the control's cell.
  const labels = new Map();
  for (const tag of document.querySelectorAll("label, td, th, dt")) {
    const name = bare(tag.textContent);
    const beside = tag.nextElementSibling;
    const found = [
      ...(tag.control ? [tag.control] : tag.querySelectorAll(CONTROLS)),
    ];
    if (!found.length && beside)
      found.push(...beside.querySelectorAll(CONTROLS));
    const known = labels.get(name) || new Set();
    found.filter(isVisible).forEach((control) => known.add(control));
    labels.set(name, known);
  }

  // What a button or link says: to who hears it, as its page writes it, as it is painted
  // (in capitals, for example).
  const sayings = (element) =>
    [
      element.getAttribute("aria-label"),
      element.matches("input") && element.type !== "image" && element.value,
      element.textContent,
      element.innerText,
      element.alt,
      element.title,
    ]
      .map((text) => squeezed(text || ""))
      .filter((text) => text);
  const labelled = (target) =>
    target.isKey
      ? visible(KEYS).filter((element) => sayings(element).includes(target.label))
      : [...(labels.get(target.label) || [])];

  // Two candidates are none: the page is not as mapped. A later selector will do when it
  // is the only one that finds anything, and all that find something find the same.
  const locate = (target) => {
    const ranks = [
      ...(target.label ? [() => labelled(target)] : []),
      ...target.selectors.map((selector) => () => visible(selector)),
    ];
    const first = ranks.length ? ranks[0]() : [];
    if (first.length) return [first.length === 1 ? first[0] : null, 0];
    if (!target.heals) return [null, 0];
    const later = ranks.slice(1).map((find) => find());
    const found = new Set(later.flat());
    if (found.size !== 1) return [null, 0];
    return [[...found][0], 1 + later.findIndex((some) => some.length)];
  };
  const choicesOf = (list) =>
    [...(list.options || [])].filter((option) => !option.matches(":disabled, :disabled *"));
  const saidBy = (option) => [option.value, squeezed(option.text)];
  if (task.pick) return locate(task.pick)[0];
  if (task.select) {
    const [list] = locate(task.select);
    const isIt = (option) => saidBy(option).every((said, nth) => said === task.choice[nth]);
    const chosen = list && choicesOf(list).find(isIt); // not by its value: two may have one
    if (!chosen) return false;
    list.selectedIndex = chosen.index;
    for (const kind of ["input", "change"]) {
      const event = document.createEvent("Event"); // an old page may have an Event of its own
      event.initEvent(kind, true, false);
      list.dispatchEvent(event);
    }
    return true;
  }
  if (task.offer) {
    const offers = visible("[role=option], [role=listbox] li").filter(
      (choice) =>
        !choice.querySelector("li") &&
        squeezed(choice.innerText).startsWith(`${task.offer} `),
    );
    return offers.length === 1 ? offers[0] : null;
  }
  if (task.heal) {
    const [element, rank] = locate(task.heal);
    if (!element || !rank) return null;
    if (task.heal.isKey) return { rank, label: sayings(element)[0] || "" };
    const own = [...labels].filter(
      ([name, found]) => name && found.size === 1 && found.has(element),
    );
    return { rank, label: own.length ? own[0][0] : "" };
  }

  const isMasked = (element, selectors) =>
    element.matches("input[type=password]") ||
    selectors.some((selector) => element.matches(selector));
  const secrets = new Set(document.querySelectorAll("input[type=password]"));
  const shown = (element, isControl) => {
    if (!isControl) return element.textContent.trim();
    if (element.type !== "file") return element.value;
    return [...element.files].map((file) => file.name).join(", ");
  };
  let isExposed = false;
  const fields = {};
  let focused = null;
  for (const [key, field] of Object.entries(task.fields)) {
    const [element, rank] = locate(field);
    if (!element) continue;
    const isControl = element.matches(CONTROLS);
    fields[key] = {
      value: shown(element, isControl),
      rank,
      takesTyping: isControl && !element.matches(":disabled") && !element.readOnly,
      isSelect: element.matches("select"),
      isPicker: element.matches(PICKERS),
      choices: choicesOf(element).map(saidBy),
    };
    if (key === task.focus && !rank && fields[key].takesTyping) {
      element.focus();
      focused = fields[key];
    }
    if (field.secret) {
      secrets.add(element);
      isExposed ||= element.value !== "" && !isMasked(element, field.selectors);
    }
  }
  const seen = {
    origin: performance.timeOrigin, // another document has another one
    isComplete: document.readyState === "complete",
    window: win.name,
    title: document.title,
    text: document.body ? document.body.innerText : "",
    marks: Object.fromEntries(
      task.marks.map((selector) => [
        selector,
        visible(selector).map((element) => squeezed(element.innerText)),
      ]),
    ),
    fields,
    tables: Object.fromEntries(
      task.tables.map((selector) => [
        selector,
        visible(selector).map((row) =>
          [...(row.cells || row.children)].map((cell) =>
            cell.textContent.trim(),
          ),
        ),
      ]),
    ),
    typed: [...document.querySelectorAll(CONTROLS)]
      .filter((element) => !secrets.has(element))
      .map((element) => element.value),
    isExposed,
  };
  if (!focused) return seen;
  const isHeard = win[Symbol.for("clerkwork.isHeard")] || (async () => true); // see hearers.js
  return isHeard().then((is) => {
    focused.isHeard = is;
    return seen;
  });
}
