// Remembers, from before the first script of a page, who listens to keys; so that a field
// that nobody listens to can be filled in one go, and every other one is typed key by key.
(() => {
  const KEYS = ["keydown", "keypress", "keyup", "beforeinput", "input", "textInput"];
  const hearers = new WeakSet();
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (kind, ...rest) {
    if (KEYS.includes(kind)) hearers.add(this || window);
    return add.call(this || window, kind, ...rest);
  };
  const hears = (target) =>
    hearers.has(target) || KEYS.some((kind) => typeof target[`on${kind}`] === "function");
  window[Symbol.for("clerkwork.isHeard")] = (element) => {
    const path = [element.ownerDocument, element.ownerDocument.defaultView];
    for (let node = element; node; node = node.parentNode) path.push(node);
    return path.some(hears);
  };
})();
