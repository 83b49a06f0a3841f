// Drawings of the graph: pointing at a node shows its ancestry, arrow keys walk along the edges, large drawings pan and zoom.
(function () {
  "use strict";
  const all = (selector, within) => [...within.querySelectorAll(selector)];

  function drawing(frame) {
    const svg = frame.querySelector("svg");
    const large = frame.dataset.drawing === "large";
    const boxes = all(".box", svg);
    const place = boxes.map((box) => box.getAttribute("transform").match(/[-\d.]+/g).map(Number));
    const edges = all(".edges path", svg).map((path) => ({ path, ends: path.dataset.e.split(" ").map(Number) }));
    const parents = boxes.map(() => []), children = boxes.map(() => []);
    for (const { ends: [from, to] } of edges) { parents[to].push(from); children[from].push(to); }
    const reach = (start, next) => {
      const seen = new Set([start]);
      for (const node of seen) for (const other of next[node]) seen.add(other);
      return seen;
    };
    let held = null;
    const light = (node) => {
      svg.classList.toggle("dim", node !== null);
      if (node === null) return;
      const up = reach(node, parents), down = reach(node, children);
      boxes.forEach((box, other) => box.classList.toggle("on", up.has(other) || down.has(other)));
      boxes.forEach((box, other) => box.classList.toggle("held", other === node));
      for (const { path, ends: [from, to] } of edges) path.classList.toggle("on", (up.has(from) && up.has(to)) || (down.has(from) && down.has(to)));
    };
    const rove = (node, focus) => {
      boxes.forEach((box, other) => box.setAttribute("tabindex", other === node ? "0" : "-1"));
      if (focus) { boxes[node].focus({ preventScroll: true }); reveal(node); }
    };
    const current = Math.max(0, boxes.findIndex((box) => box.classList.contains("current")));
    const number = (event) => {
      const box = event.target.closest && event.target.closest(".box");
      return box ? Number(box.dataset.n) : null;
    };
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    let reveal = (node) => boxes[node].scrollIntoView({ block: "nearest", inline: "nearest" });

    svg.addEventListener("mouseover", (event) => { if (held === null) light(number(event)); });
    svg.addEventListener("mouseleave", () => { if (held === null) light(null); });
    svg.addEventListener("focusin", (event) => { if (held === null && event.target.matches(":focus-visible")) light(number(event)); });
    svg.addEventListener("focusout", () => { if (held === null) light(null); });
    frame.addEventListener("keydown", (event) => {
      const node = number(event);
      if (event.key === "Escape") { held = null; light(null); }
      if (node === null) return;
      const nearest = (list) => [...list].sort((a, b) => Math.abs(place[a][1] - place[node][1]) - Math.abs(place[b][1] - place[node][1]))[0];
      const column = (sign) => nearest([...boxes.keys()].filter((other) => Math.abs(place[other][0] - place[node][0]) < 1 && sign * (place[other][1] - place[node][1]) > 1));
      const next = { ArrowRight: () => nearest(children[node]), ArrowLeft: () => nearest(parents[node]), ArrowDown: () => column(1), ArrowUp: () => column(-1) }[event.key];
      if (next) {
        event.preventDefault();
        const target = next();
        if (target !== undefined) rove(target, true);
      }
      if (event.key === " ") { event.preventDefault(); held = held === node ? null : node; light(node); }
    });
    if (boxes.length) rove(current, false);

    if (!large) {
      // A little smaller, if that shows all of it; else it scrolls, and begins at the page's own node.
      const scale = Math.max(0.76, Math.min(1, (frame.clientWidth - 2) / width));
      svg.setAttribute("width", width * scale);
      svg.setAttribute("height", height * scale);
      const [x, y] = (place[current] || [0, 0]).map((part) => part * scale);
      frame.scrollLeft = x - frame.clientWidth / 2 + 80;
      frame.scrollTop = y - frame.clientHeight / 2;
      return;
    }

    frame.classList.add("live");
    const view = { x: 0, y: 0, scale: 1 };
    const size = () => [frame.clientWidth, frame.clientHeight];
    const apply = () => {
      const [w, h] = size();
      svg.setAttribute("viewBox", [view.x, view.y, w / view.scale, h / view.scale].map((part) => part.toFixed(2)).join(" "));
    };
    const fit = (smallest) => {
      const [w, h] = size();
      view.scale = Math.max(smallest, Math.min(1.1, w / (width + 16), h / (height + 16)));
      view.x = Math.min(0, (width - w / view.scale) / 2);
      view.y = (height - h / view.scale) / 2;
      apply();
    };
    const zoom = (factor, px, py) => {
      const [w, h] = size();
      px ??= w / 2; py ??= h / 2;
      const scale = Math.max(0.03, Math.min(3, view.scale * factor));
      view.x += px / view.scale - px / scale;
      view.y += py / view.scale - py / scale;
      view.scale = scale;
      apply();
    };
    reveal = (node) => {
      const [w, h] = size().map((part) => part / view.scale);
      const [x, y] = place[node];
      if (x < view.x || x + 180 > view.x + w) view.x = x + 90 - w / 2;
      if (y < view.y || y + 40 > view.y + h) view.y = y + 16 - h / 2;
      apply();
    };
    const tools = document.createElement("div");
    tools.className = "tools";
    for (const [text, label, act] of [["+", "Zoom in", () => zoom(1.3)], ["−", "Zoom out", () => zoom(1 / 1.3)], ["Fit", "Show everything", () => fit(0.03)]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      button.setAttribute("aria-label", label);
      button.addEventListener("click", act);
      tools.append(button);
    }
    frame.append(tools);
    frame.addEventListener("keydown", (event) => {
      const act = { "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: () => fit(0.03) }[event.key];
      if (act && !event.ctrlKey && !event.metaKey) { event.preventDefault(); act(); }
    });
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = svg.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    // One pointer drags, two pinch.
    const pointers = new Map();
    let moved = 0;
    svg.addEventListener("pointerdown", (event) => { pointers.set(event.pointerId, event); moved = 0; });
    svg.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const other = [...pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
      const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
      moved += Math.abs(dx) + Math.abs(dy);
      if (other) {
        const distance = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
        const box = svg.getBoundingClientRect();
        zoom(distance(event) / Math.max(1, distance(before)), (event.clientX + other.clientX) / 2 - box.left, (event.clientY + other.clientY) / 2 - box.top);
      } else {
        if (moved > 4 && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
        view.x -= dx / view.scale;
        view.y -= dy / view.scale;
        apply();
      }
      pointers.set(event.pointerId, event);
    });
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, (event) => pointers.delete(event.pointerId));
    svg.addEventListener("dragstart", (event) => event.preventDefault());
    svg.addEventListener("click", (event) => {
      const node = number(event);
      // The keyboard's click has no detail: Enter opens at once.
      if (moved > 4) { event.preventDefault(); return; }
      if (node === null) { held = null; light(null); return; }
      if (event.detail === 0 || held === node || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      held = node;
      light(node);
      rove(node, false);
    });
    addEventListener("resize", apply);
    // No taller than the drawing needs.
    const needed = height * Math.max(0.45, Math.min(1.1, frame.clientWidth / (width + 16))) + 64;
    if (needed < frame.clientHeight) frame.style.height = Math.max(300, needed) + "px";
    fit(frame.clientWidth < 600 ? 0.75 : 0.45);
  }

  document.addEventListener("DOMContentLoaded", () => all(".drawing", document).forEach(drawing));
})();
