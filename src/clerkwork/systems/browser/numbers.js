// Where long numbers stand in a frame. "numbers": each text with the boxes of all but its first
// six and last four characters; of a number in an input, the whole input. A number may be split
// over inline elements; full-width digits and other spaces and dashes count as plain ones.
// "rows": what stands side by side, [text, box] from left to right, where two have digits.
() => {
  const LONG = /[0-9](?:[ -]?[0-9]){12,18}(?![0-9])|[1-9][0-9]{16}[0-9Xx]/g;
  const plain = (text) =>
    text
      .replace(/[\uff10-\uff19\uff38\uff58]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
      .replace(/[\u00a0\u2002\u2003\u2007\u2009\u202f\u3000]/g, " ")
      .replace(/[\u2010-\u2014\uff0d]/g, "-");
  const box = (r) => [r.left, r.top, r.width, r.height];
  const found = [];
  const pieces = [];
  const roots = [document];
  for (const root of roots)
    for (const element of root.querySelectorAll("*"))
      if (element.shadowRoot) roots.push(element.shadowRoot);

  // The texts of a root as a person reads them: one run for each line of inline elements.
  const blockOf = (node) => {
    let element = node.parentElement;
    while (element && getComputedStyle(element).display.startsWith("inline"))
      element = element.parentElement;
    return element;
  };
  const runsOf = (root) => {
    const runs = [];
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let block;
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const own = blockOf(node);
      if (!runs.length || own !== block) runs.push([]);
      block = own;
      runs.at(-1).push(node);
    }
    return runs;
  };
  const placeIn = (nodes, at) => {
    for (const node of nodes) {
      if (at <= node.data.length) return [node, at];
      at -= node.data.length;
    }
  };
  for (const root of roots) {
    for (const nodes of runsOf(root)) {
      const text = plain(nodes.map((node) => node.data).join(""));
      const whole = document.createRange();
      whole.setStart(nodes[0], 0);
      whole.setEnd(nodes.at(-1), nodes.at(-1).data.length);
      pieces.push([text.replace(/\s+/g, " ").trim(), box(whole.getBoundingClientRect())]);
      for (const match of text.matchAll(LONG)) {
        const range = document.createRange();
        range.setStart(...placeIn(nodes, match.index + 6));
        range.setEnd(...placeIn(nodes, match.index + match[0].length - 4));
        const boxes = [...range.getClientRects()].map(box);
        if (boxes.length) found.push({ text: match[0], boxes });
      }
    }
    for (const input of root.querySelectorAll("input, textarea, select")) {
      const shown = input.matches("select")
        ? input.selectedOptions[0]?.text || ""
        : input.value || input.placeholder || "";
      if (!input.matches("[type=password]"))
        pieces.push([plain(shown), box(input.getBoundingClientRect())]);
      for (const match of plain(shown).matchAll(LONG)) {
        found.push({ text: match[0], boxes: [box(input.getBoundingClientRect())] });
      }
    }
  }
  const isSeen = ([text, [, , width, height]]) => text && width > 0 && height > 0;
  const rows = [];
  const middle = ([, [, top, , height]]) => top + height / 2;
  const isBeside = (a, b) => Math.abs(middle(a) - middle(b)) < Math.min(a[1][3], b[1][3]) / 2;
  for (const piece of pieces.filter(isSeen).sort((a, b) => middle(a) - middle(b))) {
    if (rows.length && isBeside(rows.at(-1)[0], piece)) rows.at(-1).push(piece);
    else rows.push([piece]);
  }
  const isLong = (row) =>
    row.filter(([text]) => /[0-9]/.test(text)).length > 1 &&
    row.map(([text]) => text.replace(/[^0-9]/g, "")).join("").length > 12;
  rows.forEach((row) => row.sort(([, a], [, b]) => a[0] - b[0]));
  return { numbers: found, rows: rows.filter(isLong) };
}
