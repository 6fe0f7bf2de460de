// Remembers, from before the first script of a page, who listens to keys; so that a field
// that nobody listens to can be filled in one go, and every other one is typed key by key.
// It stands on the target itself: who listens may have come by way of another frame.
(() => {
  const KEYS = ["keydown", "keypress", "keyup", "beforeinput", "input", "textInput"];
  const HEARS = Symbol.for("clerkwork.hears");
  const proto = EventTarget.prototype;
  // a proxy still reads as native code, which some pages check
  proto.addEventListener = new Proxy(proto.addEventListener, {
    apply(add, target, given) {
      if (KEYS.includes(String(given[0])))
        Reflect.defineProperty(target ?? window, HEARS, { value: true });
      return Reflect.apply(add, target, given);
    },
  });
  const hears = (target) =>
    target[HEARS] || KEYS.some((kind) => typeof target[`on${kind}`] === "function");
  const isHeard = () => {
    const path = [window];
    let node = document.activeElement;
    for (; node; node = node.assignedSlot || node.parentNode || node.host) path.push(node);
    return path.some(hears);
  };
  // Whether somebody listens where the cursor is; told in another turn, for a page may begin
  // to listen only when the cursor comes. There is none in a frame that may run no scripts.
  const { setTimeout } = window;
  setTimeout(() => {
    window[Symbol.for("clerkwork.isHeard")] = () =>
      new Promise((resolve) => setTimeout(() => resolve(isHeard())));
  });
})();
