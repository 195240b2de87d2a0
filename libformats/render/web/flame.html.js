'use strict';
// A flame graph of up to millions of boxes on a canvas: only what is wide enough to be seen is drawn.
(async function () {
  const $ = id => document.getElementById(id), meta = JSON.parse($('meta').textContent);
  const canvas = $('canvas'), view = $('view'), pen = canvas.getContext('2d');
  const ROW = 18, LEAST = 0.4, FONT = '12px "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace';
  const FILL = [
    '#ffa95c', '#ff9a40', '#ffb573', '#ffbd69', '#ffb14d', '#ffc780', '#ff9b6b', '#ff884f', '#ffab82', '#ffcf7d', '#ffc561', '#ffd794',
    '#8ccbe8', '#75c0e3', '#9fd4ec', '#a3d5f2', '#8acaef', '#b7def5', '#86bfe0', '#70b3da', '#98c9e5', '#b4dff0', '#9dd5eb', '#c7e7f4',
    '#a5d98b', '#95d276', '#b2df9c', '#b9e29a', '#aadc84', '#c5e7ac', '#93cf93', '#80c680', '#a3d6a3', '#c9eab0', '#bae49a', '#d5efc2',
    '#c9bfe8', '#b8aae1', '#d7d0ee', '#d6cbf0', '#c5b5ea', '#e4ddf5', '#bdb4e0', '#aca0d8', '#cbc4e7', '#e0d6f5', '#cfbff0', '#e9e2f8',
    '#d0cbc4', '#c4bdb4', '#dad6d1', '#dbd7cf', '#cfcabf', '#e5e2dc', '#c5c0b8', '#b8b2a9', '#cfcbc5', '#e4e0d8', '#d9d3c7', '#edebe6'];
  const CHANGE = ['#5b9bd5', '#85b5e0', '#aecdea', '#d3e3f3', '#dcdcdc', '#fbdcd3', '#f7bba9', '#f29478', '#ec6c4a'];

  // ---- the data ----
  // A loop: from() with a function takes ten times as long.
  const decoded = atob($('data').textContent), packed = new Uint8Array(decoded.length);
  for (let i = 0; i < packed.length; i++) packed[i] = decoded.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const {R, names, shade, name, depth, own, tested, moments, graph, children, heaviest, inTime, callees, callers} = flameTree(meta, bytes);

  // ---- what is shown: layers of graphs that grow up (-1) or down (1) from a row ----
  let type = meta.type, order = 'name', icicle = meta.icicle, colors = meta.colors, focus = -1, expr = null, hit = null;
  let whole, layers = [], rows = 0, selected = {layer: 0, node: 0};
  const caches = new Map();
  function tree() {
    if (!caches.has(type)) {
      const [now, base, q] = own[type];
      caches.set(type, graph(name, depth, now, base, q));
    }
    return caches.get(type);
  }
  function arrange() {
    whole = tree();
    if (focus >= 0) {
      const above = callers(whole, focus), below = callees(whole, focus);
      layers = [{g: above, step: -1, row: above.max, root: 0}, {g: below, step: 1, row: above.max, root: 0}];
    } else {
      const g = order === 'heavy' ? heaviest(whole) : order === 'time' && type === meta.type ? inTime(whole) : whole;
      layers = [{g, step: icicle ? 1 : -1, row: icicle ? 0 : g.max, root: 0}];
    }
    rows = Math.max(...layers.map(l => l.row + (l.step > 0 ? l.g.max : 0))) + 1;
    selected = {layer: layers.length - 1, node: 0};
    $('room').style.height = rows * ROW + 'px';
    view.style.height = `min(62vh, ${rows * ROW + 2}px)`;
    // In sight at first: the root, wherever it stands.
    view.scrollTop = focus >= 0 ? layers[0].row * ROW - view.clientHeight / 2 : icicle ? 0 : rows * ROW;
    draw();
    table();
  }

  // ---- numbers as people write them ----
  const SCALES = {nanoseconds: [[1e9, 's'], [1e6, 'ms'], [1e3, 'us'], [1, 'ns']], bytes: [[2 ** 40, 'TiB'], [2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [1024, 'KiB'], [1, 'B']]};
  function text(value, sign) {
    const scale = SCALES[meta.types[type].unit], plus = sign && value > 0 ? '+' : '';
    value /= meta.runs;
    if (!scale || !value) return plus + value.toLocaleString('en', {maximumFractionDigits: 1});
    const [size, unit] = scale.find(([s]) => Math.abs(value) >= s * 0.999995) || scale[scale.length - 1];
    return plus + (value / size).toFixed(size > 1 ? 2 : 0) + ' ' + unit;
  }
  const percent = (part, of) => (of ? (100 * part / of).toFixed(2) : '0.00') + '%';
  const grown = (now, base) => (now > base ? '+' : '') + (100 * (now - base) / base).toFixed(2) + '%';
  function change(g, i) {
    const now = g.total[i], base = g.base[i], larger = Math.max(now, base), size = Math.abs(now - base);
    if (!larger || size < whole.width[0] / 1000 || (g.q && g.q[i] > 50)) return 0;
    const level = [0.01, 0.1, 1 / 3, 2 / 3].filter(s => size >= s * larger).length;
    return now < base ? -level : level;
  }
  function word(g, i) {
    if (!g.base || g.total[i] === g.base[i]) return '';
    if (!g.base[i]) return 'new ';
    if (!g.total[i]) return 'gone ';
    const p = 100 * (g.total[i] - g.base[i]) / g.base[i];
    return change(g, i) ? (p > 0 ? '+' : '') + p.toFixed(0) + '% ' : '';
  }
  function label(g, i) {
    return i === 0 && focus < 0 ? 'all' : names[g.name[i]];
  }
  function tip(g, i) {
    let s = label(g, i) + ': ';
    if (g.base) s += `${text(g.base[i])} \u2192 ${text(g.total[i])}, ${text(g.total[i] - g.base[i], true)}` + (g.base[i] ? ` (${grown(g.total[i], g.base[i])})` : '') + (g.q && g.q[i] <= 1000 ? `, q ${g.q[i] / 1000 || '< 0.001'}` : '');
    else s += `${text(g.total[i])} (${percent(g.total[i], whole.total[0])})` + (g.self[i] ? `, self ${text(g.self[i])}` : '');
    return s;
  }

  // ---- drawing ----
  let hatch = null, drawn = [], top = 0, wide = 0, columns = 7.3;
  function makeHatch() {
    const tile = document.createElement('canvas'), t = tile.getContext('2d');
    tile.width = tile.height = 6;
    t.strokeStyle = 'rgba(0,0,0,.2)';
    t.beginPath();
    for (const o of [-6, 0, 6]) { t.moveTo(o, 6); t.lineTo(o + 6, 0); }
    t.stroke();
    hatch = pen.createPattern(tile, 'repeat');
  }
  function fit(s, room) {
    if (s.length <= room && !/[^\x20-\u02ff]/.test(s)) return s;
    let used = 0, n = 0;
    const chars = [...s], size = c => (c > '\u02ff' ? 2 : 1);
    while (n < chars.length && used + size(chars[n]) <= room) used += size(chars[n++]);
    return n === chars.length ? s : n > 3 ? chars.slice(0, n - 1).join('') + '\u2026' : '';
  }
  function fill(g, i) {
    if (hit && i && hit[g.name[i]]) return mark;
    if (g.base) return CHANGE[change(g, i) + 4];
    return i === 0 && focus < 0 ? '#dcdcdc' : FILL[shade[colors][g.name[i]]];
  }
  let mark = '#b000c8', line = '#0a50d0';
  function box(l, layer, i, x, w, dim) {
    const y = (l.row + l.step * l.g.depth[i]) * ROW - top;
    if (y < -ROW || y > view.clientHeight) return;
    const g = l.g, matched = hit && i && hit[g.name[i]];
    pen.globalAlpha = dim ? 0.55 : 1;
    pen.fillStyle = fill(g, i);
    pen.fillRect(x, y, Math.max(w - 0.5, 0.4), ROW - 1);
    if (hatch && i && w > 3) { pen.fillStyle = hatch; pen.fillRect(x, y, w - 0.5, ROW - 1); }
    if (g.base && (!g.base[i] !== !g.total[i]) && w > 3) {
      pen.setLineDash(g.total[i] ? [] : [4, 2]);
      pen.strokeStyle = g.total[i] ? '#8a1c00' : '#103f74';
      pen.lineWidth = 1;
      pen.strokeRect(x + 0.5, y + 0.5, w - 1.5, ROW - 2);
      pen.setLineDash([]);
    }
    if (w > 4 * columns) {
      const s = fit(word(g, i) + label(g, i), Math.floor((w - 6) / columns));
      pen.fillStyle = matched && mark === '#b000c8' ? '#fff' : '#111';
      if (s) pen.fillText(s, x + 3, y + 12, w - 5);
    }
    pen.globalAlpha = 1;
    if (layer === selected.layer && i === selected.node) {
      pen.strokeStyle = line;
      pen.lineWidth = 2;
      pen.strokeRect(x + 1, y + 1, Math.max(w - 2, 1), ROW - 3);
    }
    drawn.push({layer, node: i, depth: g.depth[i], x, y, w, value: g.total[i], base: g.base ? g.base[i] : 0, width: g.width[i]});
  }
  function drawLayer(l, layer) {
    const g = l.g, scale = wide / (g.width[l.root] || 1), from = g.left[l.root];
    for (let i = g.parent[l.root]; i >= 0; i = g.parent[i]) box(l, layer, i, 0, wide, true);
    for (let i = l.root; i < g.end[l.root];) {
      const w = g.width[i] * scale;
      if (w < LEAST) { i = g.end[i]; continue; }
      box(l, layer, i, (g.left[i] - from) * scale, w, false);
      i++;
    }
  }
  function draw() {
    const dpr = window.devicePixelRatio || 1, h = view.clientHeight, style = getComputedStyle(document.documentElement);
    wide = view.clientWidth;
    top = view.scrollTop;
    mark = style.getPropertyValue('--mark').trim();
    line = style.getPropertyValue('--focus').trim();
    if (canvas.width !== Math.round(wide * dpr) || canvas.height !== Math.round(h * dpr)) {
      canvas.width = Math.round(wide * dpr);
      canvas.height = Math.round(h * dpr);
      canvas.style.width = wide + 'px';
      canvas.style.height = h + 'px';
      if (meta.stacks === 'inferred') makeHatch();
    }
    pen.setTransform(dpr, 0, 0, dpr, 0, 0);
    pen.clearRect(0, 0, wide, h);
    pen.font = FONT;
    columns = pen.measureText('mmmmmmmmmm').width / 10;
    drawn = [];
    layers.forEach(drawLayer);
    canvas.boxes = drawn; // what is seen, for whoever wants to measure it
  }

  // ---- pointing, zooming, searching ----
  function found(e) {
    const x = e.offsetX, y = e.offsetY - (e.target === canvas ? 0 : top);
    for (let k = drawn.length - 1; k >= 0; k--) {
      const b = drawn[k];
      if (y >= b.y && y < b.y + ROW && x >= b.x && x < b.x + b.w) return b;
    }
    return null;
  }
  const HINT = 'Click or Enter zooms, Escape zooms out, arrow keys go from box to box, s shows callers and callees, / searches';
  function say(s) {
    $('status').textContent = s || HINT;
    $('status').classList.toggle('hint', !s);
  }
  function select(layer, node) {
    selected = {layer, node};
    const l = layers[layer], y = (l.row + l.step * l.g.depth[node]) * ROW;
    if (y < view.scrollTop) view.scrollTop = y;
    if (y + ROW > view.scrollTop + view.clientHeight) view.scrollTop = y + ROW - view.clientHeight;
    draw();
    say(tip(l.g, node));
  }
  function zoom(layer, node) {
    layers[layer].root = node;
    $('reset').disabled = focus < 0 && layers.every(l => l.root === 0);
    select(layer, node);
  }
  function reset() {
    focus = -1;
    $('reset').disabled = true;
    $('sandwich').setAttribute('aria-pressed', 'false');
    arrange();
    say('');
  }
  function sandwich(f) {
    focus = f;
    $('sandwich').setAttribute('aria-pressed', 'true');
    $('reset').disabled = false;
    arrange();
    say(`${names[f]}: callers above, callees below`);
  }
  function search(s) {
    try {
      expr = s ? new RegExp(s, 'i') : null;
      $('search').setAttribute('aria-invalid', 'false');
    } catch (e) {
      $('search').setAttribute('aria-invalid', 'true');
      $('matched').value = 'not a regular expression';
      return;
    }
    hit = expr && Uint8Array.from(names, n => (expr.test(n) ? 1 : 0));
    let sum = 0;
    for (let i = 1; hit && i < whole.n;) {
      if (hit[whole.name[i]]) { sum += whole.width[i]; i = whole.end[i]; } else i++;
    }
    $('matched').value = hit ? percent(sum, whole.width[0]) + ' matched' : '';
    draw();
  }
  function sibling(by) {
    const g = layers[selected.layer].g, i = selected.node;
    if (!i) return i;
    const all = children(g, g.parent[i]), k = all.indexOf(i) + by;
    return k in all ? all[k] : i;
  }
  function deeper() {
    const g = layers[selected.layer].g;
    return children(g, selected.node).reduce((a, b) => (a < 0 || g.width[b] > g.width[a] ? b : a), -1);
  }
  function vertical(step) {
    const l = layers[selected.layer], g = l.g;
    if (l.step === step) return select(selected.layer, deeper() < 0 ? selected.node : deeper());
    if (selected.node) return select(selected.layer, g.parent[selected.node]);
    if (layers.length > 1) return select(1 - selected.layer, 0);
  }
  const keys = {
    ArrowUp: () => vertical(-1),
    ArrowDown: () => vertical(1),
    ArrowLeft: () => select(selected.layer, sibling(-1)),
    ArrowRight: () => select(selected.layer, sibling(1)),
    Enter: () => zoom(selected.layer, selected.node),
    Escape: () => {
      const l = layers[selected.layer];
      if (l.root) zoom(selected.layer, l.g.parent[l.root]);
      else if (focus >= 0) reset();
    },
    0: reset,
    i: () => $('icicle').click(),
    s: () => $('sandwich').click(),
    '/': () => $('search').focus(),
  };
  view.addEventListener('keydown', e => {
    const act = keys[e.key];
    if (!act || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    act();
  });
  canvas.addEventListener('mousemove', e => {
    const b = found(e);
    canvas.style.cursor = b ? 'pointer' : '';
    if (b) say(tip(layers[b.layer].g, b.node));
  });
  canvas.addEventListener('click', e => {
    const b = found(e);
    if (b) zoom(b.layer, b.node);
  });
  canvas.addEventListener('dblclick', e => {
    const b = found(e);
    if (b && b.node) sandwich(layers[b.layer].g.name[b.node]);
  });
  view.addEventListener('scroll', draw);
  window.addEventListener('resize', draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

  // ---- controls ----
  function options(select, list, value) {
    for (const [v, t] of list) select.add(new Option(t, v, false, String(v) === String(value)));
  }
  options($('type'), meta.types.map((t, k) => [k, `${t.name} (${t.unit})`]), type);
  $('type').parentNode.hidden = meta.types.length < 2;
  options($('order'), [['name', 'by name'], ['heavy', 'heaviest left'], ...(moments ? [['time', 'in time']] : [])], 'name');
  options($('colors'), [[0, 'module'], [1, 'package']], colors);
  $('colors').parentNode.hidden = meta.diff;
  $('type').onchange = e => { type = +e.target.value; arrange(); search($('search').value); heading(); };
  $('order').onchange = e => { order = e.target.value; focus = -1; arrange(); };
  $('colors').onchange = e => { colors = +e.target.value; draw(); };
  $('icicle').onclick = e => {
    icicle = !icicle;
    $('icicle').setAttribute('aria-pressed', String(icicle));
    arrange();
  };
  $('icicle').setAttribute('aria-pressed', String(icicle));
  $('sandwich').onclick = () => {
    const l = layers[selected.layer], f = l.g.name[selected.node];
    if (focus >= 0 && f === focus) reset();
    else if (selected.node) sandwich(f);
    else say('select a box first: its callers and callees are shown then');
  };
  $('reset').onclick = reset;
  $('search').oninput = e => search(e.target.value);
  $('search').onkeydown = e => {
    if (e.key === 'Enter' || e.key === 'Escape') view.focus();
    if (e.key === 'Escape') { e.target.value = ''; search(''); }
  };

  // ---- around the picture ----
  function heading() {
    const g = tree(), t = meta.types[type];
    $('sub').textContent = `${t.name}: ` + (meta.diff ? tip(g, 0).replace(/^all: /, 'base ') : 'total ' + text(g.total[0])) + meta.about;
  }
  function legend() {
    const list = meta.diff ? [['gone', 0, 'gone'], ['-33%', 1], ['-10%', 2], [tested ? 'no significant change' : 'little or no change', 4], ['+10%', 6], ['+33%', 7], ['new', 8, 'new']] :
      [['project', 0], ['standard library', 12], ['packages', 24], ['builtins', 36], ['native code', 48]];
    if (meta.stacks === 'inferred') list.push(['hatched: inferred', -1, 'inferred']);
    for (const [t, k, kind] of list) {
      const item = document.createElement('li'), swatch = document.createElement('i');
      if (kind) swatch.className = kind;
      if (k >= 0) swatch.style.backgroundColor = (meta.diff ? CHANGE : FILL)[k];
      item.append(swatch, t);
      $('legend').append(item);
    }
  }
  // The same numbers without a picture: functions by their own value, recursion counted once.
  function table() {
    const g = whole, self = new Float64Array(R), total = new Float64Array(R), base = new Float64Array(R), until = new Uint32Array(R);
    for (let i = 1; i < g.n; i++) {
      const k = g.name[i];
      self[k] += g.self[i];
      if (i < until[k]) continue;
      total[k] += g.total[i];
      if (g.base) base[k] += g.base[i];
      until[k] = g.end[i];
    }
    const plain = k => [text(self[k]), percent(self[k], g.total[0]), text(total[k]), percent(total[k], g.total[0])];
    const both = k => [text(base[k]), text(total[k]), text(total[k] - base[k], true), !base[k] ? 'new' : !total[k] ? 'gone' : grown(total[k], base[k])];
    const weight = meta.diff ? k => Math.abs(total[k] - base[k]) : k => self[k];
    const order = [...self.keys()].filter(k => total[k] || base[k]).sort((a, b) => weight(b) - weight(a) || total[b] - total[a] || a - b), body = $('table').tBodies[0];
    if (meta.diff) ['base', 'new', 'delta', 'delta %'].forEach((t, k) => { $('table').tHead.rows[0].cells[k].textContent = t; });
    body.replaceChildren();
    for (const k of order.slice(0, 200)) {
      const row = body.insertRow(), open = document.createElement('button');
      for (const v of meta.diff ? both(k) : plain(k)) row.insertCell().textContent = v;
      open.textContent = names[k].trim() || '(no name)';
      open.type = 'button';
      open.onclick = () => { sandwich(k); view.focus(); };
      row.insertCell().append(open);
    }
    $('table').caption.textContent = (meta.diff ? 'Functions by their change, with all that they call: ' : 'Functions by their own value: ') + `${Math.min(200, order.length).toLocaleString('en')} of ${order.length.toLocaleString('en')}`;
  }
  canvas.nameOf = b => label(layers[b.layer].g, b.node);
  legend();
  heading();
  arrange();
  say('');
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
