// What the frames of a window show, read in one turn of the page: for each, what frame.js
// (here READ) gives; null where the names do not lead to one frame, and for a frame of
// another site, which must be asked by itself.
//
// asked: {frame: {path: the names that lead from the page to it, task: as frame.js has it}}
(asked) => {
  const read = READ;
  const inside = (outer, name) => {
    const named = Array.from({ length: outer.length }, (_, nth) => outer[nth]).filter(
      (inner) => inner.name === name,
    );
    return named.length === 1 ? named[0] : null;
  };
  const windowAt = (path) => {
    try {
      const found = path.reduce((outer, name) => outer && inside(outer, name), window);
      return found && found.document ? found : null;
    } catch {
      return null;
    }
  };
  return Object.fromEntries(
    Object.entries(asked).map(([frame, { path, task }]) => {
      const found = windowAt(path);
      return [frame, found && read(task, found)];
    }),
  );
}
