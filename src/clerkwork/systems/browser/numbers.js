// Where long numbers stand in a frame: each text with the boxes of all but its first six and
// last four characters; of a number in an input, the whole input.
() => {
  const LONG = /[0-9](?:[ -]?[0-9]){12,18}(?![0-9])|[1-9][0-9]{16}[0-9Xx]/g;
  const box = (r) => [r.left, r.top, r.width, r.height];
  const found = [];
  const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    for (const match of node.data.matchAll(LONG)) {
      const range = document.createRange();
      range.setStart(node, match.index + 6);
      range.setEnd(node, match.index + match[0].length - 4);
      const boxes = [...range.getClientRects()].map(box);
      if (boxes.length) found.push({ text: match[0], boxes });
    }
  }
  for (const input of document.querySelectorAll("input, textarea, select")) {
    const shown = input.matches("select") ? input.selectedOptions[0]?.text || "" : input.value;
    for (const match of shown.matchAll(LONG)) {
      found.push({ text: match[0], boxes: [box(input.getBoundingClientRect())] });
    }
  }
  return found;
}
