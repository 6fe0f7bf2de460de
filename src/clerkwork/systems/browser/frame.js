// What one frame shows, read in one turn of the page so that nothing can change in
// between; or, with `pick`, the one element that a field's map means (null: none).
//
// task: {marks: [selector], fields: {key: {label, selectors, secret}}, tables: [selector]}
//    or {pick: {label, selectors}, focus: whether to put the cursor there}
(task) => {
  const CONTROLS =
    "input:not([type=hidden], [type=submit], [type=button], [type=image], [type=reset])," +
    " select, textarea";
  const squeezed = (text) => (text || "").replace(/\s+/g, " ").trim();
  const isVisible = (element) =>
    element.getClientRects().length > 0 &&
    getComputedStyle(element).visibility !== "hidden";
  const visible = (selector) =>
    [...document.querySelectorAll(selector)].filter(isVisible);

  // A label as a person reads it: <label>, or a table cell beside the control's cell.
  const labels = new Map();
  for (const tag of document.querySelectorAll("label, td, th, dt")) {
    const name = squeezed(tag.textContent).replace(/[\s:：*]+$/, "");
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

  // Two candidates are none: the page is not as mapped.
  const locate = (field) => {
    const labelled = field.label ? [...(labels.get(field.label) || [])] : [];
    if (labelled.length) return labelled.length === 1 ? labelled[0] : null;
    for (const selector of field.selectors) {
      const found = visible(selector);
      if (found.length) return found.length === 1 ? found[0] : null;
    }
    return null;
  };
  if (task.pick) {
    const element = locate(task.pick);
    if (element && task.focus) element.focus();
    return element;
  }

  const isMasked = (element, selectors) =>
    element.matches("input[type=password]") ||
    selectors.some((selector) => element.matches(selector));
  const secrets = new Set(document.querySelectorAll("input[type=password]"));
  let isExposed = false;
  const fields = {};
  for (const [key, field] of Object.entries(task.fields)) {
    const element = locate(field);
    if (!element) continue;
    const isControl = element.matches(CONTROLS);
    fields[key] = {
      value: isControl ? element.value : element.textContent.trim(),
      takesTyping: isControl && !element.disabled && !element.readOnly,
      isSelect: element.matches("select"),
      choices: [...(element.options || [])].map((o) => [
        o.value,
        squeezed(o.text),
      ]),
    };
    if (field.secret) {
      secrets.add(element);
      isExposed ||= element.value !== "" && !isMasked(element, field.selectors);
    }
  }
  return {
    origin: performance.timeOrigin, // another document has another one
    isComplete: document.readyState === "complete",
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
}
