/**
 * Tarjan's strongly connected components, without recursion.
 *
 * @param {Map<string, (string | undefined)[]>} edges
 * @returns {string[][]} each group of files that reach one another; also a file that imports itself
 */
export function findCycles(edges) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const onStack = new Set();
  const groups = [];

  const open = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    onStack.add(file);
    return { file, targets: (edges.get(file) ?? []).filter((target) => edges.has(target)), at: 0 };
  };
  const lower = (file, value) => low.set(file, Math.min(low.get(file), value));
  const close = (file) => {
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    for (const member of group) onStack.delete(member);
    if (group.length > 1 || (edges.get(file) ?? []).includes(file)) groups.push(group);
  };

  for (const start of edges.keys()) {
    if (index.has(start)) continue;
    const path = [open(start)];
    while (path.length > 0) {
      const frame = path[path.length - 1];
      const target = frame.targets[frame.at++];
      if (target === undefined) {
        path.pop();
        close(frame.file);
        if (path.length > 0) lower(path[path.length - 1].file, low.get(frame.file));
      } else if (!index.has(target)) path.push(open(target));
      else if (onStack.has(target)) lower(frame.file, index.get(target));
    }
  }
  return groups;
}
