'use strict';
// The tree of a flame graph, read from `bytes` as flame_data.h says, and the orders and views that are made of it.
function flameTree(meta, bytes) {
  // ---- the data: one tree in preorder, a column of own values for each sample type ----
  let at = 0;
  function number() {
    let b = bytes[at++], value = b & 127;
    for (let place = 128; b > 127; place *= 128) value += ((b = bytes[at++]) & 127) * place;
    return value;
  }
  function column(n, Type) {
    const c = new Type(n);
    for (let i = 0; i < n; i++) c[i] = number();
    return c;
  }
  const R = number(), N = number(), names = new Array(R), decoder = new TextDecoder();
  let before = new Uint8Array(0);
  for (let i = 0; i < R; i++) {
    const keep = number(), more = number(), s = new Uint8Array(keep + more);
    s.set(before.subarray(0, keep));
    s.set(bytes.subarray(at, at + more), keep);
    at += more;
    names[i] = decoder.decode(before = s);
  }
  const shade = [column(R, Uint8Array), column(R, Uint8Array)];
  const up = column(N, Uint32Array), depth = new Uint32Array(N), name = new Uint32Array(N);
  for (let i = 1; i < N; i++) depth[i] = depth[i - 1] + 1 - up[i];
  // The place of each node's name among those below its caller's; 0 is a name that comes first there.
  const place = column(N - 1, Uint32Array), below = Array.from({length: R}, () => [0]), above = [0];
  for (let i = 1; i < N; i++) {
    const known = below[above[depth[i] - 1]];
    above[depth[i]] = name[i] = known[place[i - 1] || known.push(number()) - 1];
  }
  let multiples = new Float64Array(N);
  function values() {
    const unit = number(), same = number(), c = new Float64Array(N);
    if (!same) multiples = column(N, Float64Array);
    for (let i = 0; i < N; i++) c[i] = multiples[i] * unit;
    return c;
  }
  const own = meta.types.map(t => Array.from({length: t.columns}, (_, k) => (k < 2 ? values() : column(N, Float64Array))));
  const tested = meta.types.some(t => t.columns > 2), moments = number(), sequence = {node: column(moments, Uint32Array), value: column(moments, Float64Array)};

  // ---- a graph: arrays in preorder; at: where a box begins, end: the first node behind its subtree ----
  function graph(name, depth, self, base, q) {
    const n = name.length, parent = new Int32Array(n), end = new Uint32Array(n), path = [];
    const total = Float64Array.from(self), totalBase = base && Float64Array.from(base), width = new Float64Array(n), left = new Float64Array(n);
    let max = 0;
    for (let i = 0; i < n; i++) {
      const d = depth[i];
      parent[i] = d ? path[d - 1] : -1;
      path[d] = i;
      end[i] = i + 1;
      if (d > max) max = d;
      width[i] = base ? Math.max(self[i], base[i]) : self[i];
    }
    for (let i = n - 1; i > 0; i--) {
      const p = parent[i];
      total[p] += total[i];
      width[p] += width[i];
      if (base) totalBase[p] += totalBase[i];
      if (end[i] > end[p]) end[p] = end[i];
    }
    const next = new Float64Array(n);
    for (let i = 1; i < n; i++) {
      const p = parent[i];
      left[i] = next[i] = next[p];
      next[p] += width[i];
    }
    return {n, name, depth, self, selfBase: base, q, parent, end, total, base: totalBase, width, left, max};
  }
  // The same tree with its nodes in another order: order[i] is the old place of node i.
  function reordered(g, order) {
    const pick = (from, Type) => Type.from(order, i => from[i]);
    return graph(pick(g.name, Uint32Array), pick(g.depth, Uint32Array), pick(g.self, Float64Array), g.selfBase && pick(g.selfBase, Float64Array), g.q && pick(g.q, Float64Array));
  }
  function children(g, i) {
    const all = [];
    for (let k = i + 1; k < g.end[i]; k = g.end[k]) all.push(k);
    return all;
  }
  function heaviest(g) {
    const order = [], todo = [0];
    while (todo.length) {
      const i = todo.pop();
      order.push(i);
      todo.push(...children(g, i).sort((a, b) => g.width[a] - g.width[b] || b - a));
    }
    return reordered(g, order);
  }
  // Boxes side by side are one where they are of one function; what comes later starts a new one.
  function inTime(g) {
    const names = [0], depths = [0], self = [0], open = [];
    for (let m = 0; m < moments; m++) {
      const path = [];
      for (let i = sequence.node[m]; i > 0; i = g.parent[i]) path.push(i);
      path.reverse();
      let same = 0;
      while (same < path.length && same < open.length && open[same].node === path[same]) same++;
      open.length = same;
      for (let d = same; d < path.length; d++) {
        open.push({node: path[d], box: names.length});
        names.push(g.name[path[d]]);
        depths.push(d + 1);
        self.push(0);
      }
      self[open.length ? open[open.length - 1].box : 0] += sequence.value[m];
    }
    return graph(Uint32Array.from(names), Uint32Array.from(depths), Float64Array.from(self));
  }
  // All paths put together, those of one name at one place as one node: surely changed if one of them is.
  function merged(paths) {
    const root = {name: 0, self: 0, base: 0, q: 1001, kids: new Map()};
    paths((node, k) => {
      let kid = node.kids.get(k);
      if (!kid) node.kids.set(k, kid = {name: k, self: 0, base: 0, q: 1001, kids: new Map()});
      return kid;
    }, root);
    const names = [], depths = [], self = [], base = [], q = [], todo = [[root, 0]];
    while (todo.length) {
      const [node, d] = todo.pop();
      names.push(node.name);
      depths.push(d);
      self.push(node.self);
      base.push(node.base);
      q.push(node.q);
      for (const kid of [...node.kids.values()].sort((a, b) => b.name - a.name)) todo.push([kid, d + 1]);
    }
    return graph(Uint32Array.from(names), Uint32Array.from(depths), Float64Array.from(self), meta.diff ? Float64Array.from(base) : undefined, tested ? Float64Array.from(q) : undefined);
  }
  // Callees of a function: the subtrees of its outermost places; callers: the ways up from those.
  function callees(g, f) {
    return merged((child, root) => {
      root.name = f;
      for (let i = 0; i < g.n;) {
        if (g.name[i] !== f || i === 0) { i++; continue; }
        const path = [root];
        for (let k = i; k < g.end[i]; k++) {
          const d = g.depth[k] - g.depth[i];
          if (d) path[d] = child(path[d - 1], g.name[k]);
          path[d].self += g.self[k];
          if (g.selfBase) path[d].base += g.selfBase[k];
          if (g.q) path[d].q = Math.min(path[d].q, g.q[k]);
        }
        i = g.end[i];
      }
    });
  }
  function callers(g, f) {
    return merged((child, root) => {
      root.name = f;
      for (let i = 0; i < g.n;) {
        if (g.name[i] !== f || i === 0) { i++; continue; }
        let node = root;
        const q = g.q ? g.q[i] : 1001;
        root.q = Math.min(root.q, q);
        for (let p = g.parent[i]; p > 0; p = g.parent[p]) {
          node = child(node, g.name[p]);
          node.q = Math.min(node.q, q);
        }
        node.self += g.total[i];
        if (g.base) node.base += g.base[i];
        i = g.end[i];
      }
    });
  }
  return {R, names, shade, name, depth, own, tested, moments, graph, children, heaviest, inTime, callees, callers};
}
