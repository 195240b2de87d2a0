// Zoom, search and a keyboard for a flame graph that can be read without them.
(function () {
  'use strict';
  const svg = document.currentScript.ownerSVGElement, NS = 'http://www.w3.org/2000/svg', XHTML = 'http://www.w3.org/1999/xhtml';
  const boxes = svg.querySelector('#boxes'), status = svg.querySelector('#status');
  const width = +boxes.dataset.width, left = +boxes.dataset.left, step = +boxes.dataset.column;
  const frames = [...boxes.querySelectorAll('.f')].map((g, i) => ({
    g, i, rect: g.querySelector('rect'), text: g.querySelector('text'),
    x: +g.dataset.x, w: +g.dataset.w, depth: +g.dataset.d,
    label: g.dataset.l || '', tip: g.querySelector('title').textContent,
  }));
  const room = Math.floor(width / 6.8), HINT = 'Click or Enter zooms, Escape zooms out, arrow keys go from box to box, / searches';
  let root = frames[0], sel = frames[0], expr = null, idle = HINT;

  // In preorder, what follows a frame and is deeper lies below it.
  function end(f) {
    let i = f.i + 1;
    while (i < frames.length && frames[i].depth > f.depth) i++;
    return i;
  }
  function parent(f) {
    let i = f.i;
    while (i > 0 && frames[i].depth >= f.depth) i--;
    return frames[i];
  }
  function children(f) {
    return frames.slice(f.i + 1, end(f)).filter(k => k.depth === f.depth + 1);
  }

  // Wide and combining characters are left to textLength's own measure: two columns for what lies beyond Latin.
  function fit(label, room) {
    const chars = [...label], size = c => (c > '\u02ff' ? 2 : 1);
    let n = 0, used = 0;
    while (n < chars.length && used + size(chars[n]) <= room) used += size(chars[n++]);
    if (n === chars.length) return label;
    return n > 3 ? chars.slice(0, n - 1).join('') + '\u2026' : '';
  }
  function name(f) {
    return (f.label ? f.label + ' ' : '') + f.tip.split('\n')[0];
  }
  function put(f, x, w) {
    f.rect.setAttribute('x', left + x);
    f.rect.setAttribute('width', Math.max(w, 0.3));
    const label = fit(name(f), Math.floor((w - 6) / step));
    if (!f.text && label) {
      f.text = document.createElementNS(NS, 'text');
      f.text.setAttribute('y', +f.rect.getAttribute('y') + 12);
      f.g.appendChild(f.text);
    }
    if (f.text) {
      f.text.setAttribute('x', left + x + 3);
      f.text.textContent = label;
    }
  }

  function zoom(f) {
    const scale = width / f.w, last = end(f), above = new Set();
    for (let p = f; p !== frames[0]; ) above.add(p = parent(p));
    root = f;
    frames.forEach((k, i) => {
      const below = i >= f.i && i < last, up = above.has(k);
      k.g.classList.toggle('out', !below && !up);
      k.g.classList.toggle('up', up);
      if (up) put(k, 0, width);
      if (below) put(k, (k.x - f.x) * scale, k.w * scale);
    });
    select(f);
    reset.disabled = f === frames[0];
  }
  function select(f) {
    sel.g.classList.remove('sel');
    sel = f;
    sel.g.classList.add('sel');
    say(line(f));
  }

  // The share of what matches, a match below a match counted once.
  function search(text) {
    let matched = 0, until = 0;
    try {
      expr = text ? new RegExp(text, 'i') : null;
      field.setAttribute('aria-invalid', 'false');
    } catch (e) {
      field.setAttribute('aria-invalid', 'true');
      return say('not a regular expression: ' + text);
    }
    frames.forEach((f, i) => {
      const hit = expr !== null && i > 0 && expr.test(f.tip.split('\n')[0]);
      f.g.classList.toggle('hit', hit);
      if (hit && i >= until) {
        matched += f.w;
        until = end(f);
      }
    });
    idle = expr ? (100 * matched / frames[0].w).toFixed(2) + '% of the whole matches' : HINT;
    say(idle);
  }
  // What is too long for the picture loses the end of the name, not its numbers.
  function line(f) {
    const [long, values] = f.tip.split('\n');
    return fit(long, room - values.length - 2) + ': ' + values;
  }
  function say(text) {
    status.textContent = fit(text, room);
    status.classList.toggle('hint', text === HINT);
  }

  // ---- the controls, which only a script can serve ----
  function html(tag, attributes) {
    const e = document.createElementNS(XHTML, tag);
    for (const k in attributes) e.setAttribute(k, attributes[k]);
    return e;
  }
  const ui = document.createElementNS(NS, 'foreignObject'), bar = html('div', {class: 'ui'}), beside = Math.min(300, width / 2);
  const reset = html('button', {id: 'reset', type: 'button', title: 'whole graph (0)'}), field = html('input', {id: 'search', type: 'search', placeholder: 'search (/)', 'aria-label': 'search names by a regular expression'});
  reset.textContent = 'Reset';
  for (const [k, v] of [['x', left + width - beside], ['y', 8], ['width', beside], ['height', 30]]) ui.setAttribute(k, v);
  bar.append(field, reset);
  ui.append(bar);
  svg.append(ui);

  reset.addEventListener('click', () => zoom(frames[0]));
  field.addEventListener('input', () => search(field.value));
  field.addEventListener('keydown', e => {
    if (e.key === 'Escape') {
      field.value = '';
      search('');
      boxes.focus();
    }
    e.stopPropagation();
  });
  const of = e => frames.find(f => f.g === e.target.closest('.f'));
  boxes.addEventListener('click', e => { const f = of(e); if (f) zoom(f); });
  boxes.addEventListener('mouseover', e => { const f = of(e); if (f) say(line(f)); });
  boxes.addEventListener('mouseout', () => say(idle));

  function sibling(f, by) {
    const all = f === frames[0] ? [f] : children(parent(f)), at = all.indexOf(f) + by;
    return all[at] || f;
  }
  const keys = {
    ArrowLeft: () => select(sibling(sel, -1)),
    ArrowRight: () => select(sibling(sel, 1)),
    [boxes.dataset.up === '1' ? 'ArrowUp' : 'ArrowDown']: () => select(children(sel).reduce((a, b) => (a && a.w >= b.w ? a : b), null) || sel),
    [boxes.dataset.up === '1' ? 'ArrowDown' : 'ArrowUp']: () => select(parent(sel)),
    Enter: () => zoom(sel),
    Escape: () => zoom(parent(root)),
    0: () => zoom(frames[0]),
    '/': () => field.focus(),
  };
  svg.addEventListener('keydown', e => {
    if (e.target.closest && e.target.closest('.ui') && e.key !== 'Escape') return;
    const act = keys[e.key];
    if (!act || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    act();
  });
  boxes.setAttribute('tabindex', '0');
  boxes.setAttribute('role', 'application');
  reset.disabled = true;
  say(idle);
  // Alone in a window, which begins at its top: the root is what to see first.
  if (boxes.dataset.up === '1' && document.documentElement === svg) scrollTo(0, svg.getBoundingClientRect().height);
  svg.dataset.ready = '1';
})();
