// The document of one frame as parts, in order: [kind, text, attributes]; kind "text" for
// what stands between tags, "comment", "block" or "inline" for the name of a tag ("/" before
// it at its end). What stands in the boxes is there as their values, but for `secrets`
// (elements), passwords and hidden inputs, which carry tokens; scripts are empty.
(secrets) => {
  const CUT = 40;
  const TOKENS = "meta[name*=csrf i], meta[name*=token i]";
  const VOID = "area, base, br, col, embed, hr, img, input, link, meta, source, track, wbr";
  const covered = new Set([
    ...secrets,
    ...document.querySelectorAll("input[type=password], input[type=hidden]"),
  ]);
  const parts = [];
  const say = (kind, text, attributes = []) => parts.push([kind, text, attributes]);

  const attributes = (element) => {
    const own = new Map([...element.attributes].map(({ name, value }) => [name, value]));
    own.delete("srcdoc"); // it is a frame of its own
    for (const [name, value] of own)
      if (value.startsWith("data:") && value.length > CUT)
        own.set(name, `${value.slice(0, CUT)}...`);
    const mark = (name, isSo) => (isSo ? own.set(name, "") : own.delete(name));
    if (element.matches(TOKENS)) own.set("content", "***");
    if (element.matches("option")) mark("selected", element.selected);
    if (element.matches("input")) mark("checked", element.checked);
    if (element.matches("input:not([type=file])") && (own.has("value") || element.value))
      own.set("value", element.value);
    if (covered.has(element) && own.has("value")) own.set("value", "***");
    return [...own];
  };
  const within = (element) => {
    if (covered.has(element)) say("text", "***");
    else if (element.matches("textarea")) say("text", element.value);
    else if (!element.matches("script"))
      (element.content instanceof DocumentFragment ? element.content : element)
        .childNodes.forEach(walk);
  };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) say("text", node.data);
    if (node.nodeType === Node.COMMENT_NODE) say("comment", node.data);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const kind = getComputedStyle(node).display.startsWith("inline") ? "inline" : "block";
    say(kind, node.localName, attributes(node));
    if (node.shadowRoot) {
      say("block", "template", [["shadowrootmode", "open"]]);
      node.shadowRoot.childNodes.forEach(walk);
      say("block", "/template");
    }
    if (node.matches(VOID)) return;
    within(node);
    say(kind, `/${node.localName}`);
  };
  walk(document.documentElement);
  return parts;
}
