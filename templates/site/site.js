// The site's own script: theme, navigation, search, tabs, copying, drawings. Everything works without it but these.
(function () {
  "use strict";
  const root = document.documentElement;
  const base = root.dataset.root || "./";
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* private windows have no store */ } },
  };
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Before the first paint, so that the other theme does not flash.
  root.classList.add("js");
  const asked = store.get("quern-theme");
  if (asked === "light" || asked === "dark") root.dataset.theme = asked;

  function theme() {
    document.querySelector(".theme").addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      store.set("quern-theme", root.dataset.theme);
    });
  }

  function navigation() {
    const menu = document.querySelector(".menu");
    const toggle = (open) => {
      root.classList.toggle("nav-open", open);
      menu.setAttribute("aria-expanded", String(open));
    };
    menu.setAttribute("role", "button");
    toggle(false);
    menu.addEventListener("click", (event) => {
      event.preventDefault();
      toggle(!root.classList.contains("nav-open"));
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".side, .menu")) toggle(false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") toggle(false);
    });
    const here = document.querySelector(".siblings [aria-current]");
    const side = document.querySelector(".side");
    if (here && here.offsetTop > side.clientHeight - 80) side.scrollTop = here.offsetTop - side.clientHeight / 2;
  }

  // The line of the table of contents that belongs to what is on the screen.
  function contents() {
    const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
    if (!links.size || !window.IntersectionObserver) return;
    const sections = [...links.keys()].map((id) => document.getElementById(id));
    const mark = () => {
      const line = innerHeight * 0.3;
      let current = sections[0];
      for (const section of sections) if (section.getBoundingClientRect().top < line) current = section;
      for (const [id, link] of links) link.classList.toggle("here", id === current.id);
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; mark(); });
    }, { passive: true });
    mark();
  }

  function tabs() {
    for (const box of all(".tabs")) {
      const panels = all(".tab", box);
      if (panels.length < 2) { box.classList.add("single"); continue; }
      const bar = make("div", { className: "tabbar" });
      bar.setAttribute("role", "tablist");
      const show = (index, focus) => panels.forEach((panel, place) => {
        panel.hidden = place !== index;
        const button = bar.children[place];
        button.setAttribute("aria-selected", String(place === index));
        button.tabIndex = place === index ? 0 : -1;
        if (place === index && focus) button.focus();
      });
      panels.forEach((panel, index) => {
        const button = make("button", { type: "button", id: "tab-" + index, textContent: panel.dataset.title });
        button.setAttribute("role", "tab");
        panel.id = "panel-" + index;
        panel.setAttribute("role", "tabpanel");
        panel.setAttribute("aria-labelledby", button.id);
        button.setAttribute("aria-controls", panel.id);
        button.addEventListener("click", () => show(index));
        button.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (step) show((index + step + panels.length) % panels.length, true);
        });
        bar.append(button);
      });
      box.classList.add("live");
      box.prepend(bar);
      show(0);
    }
  }

  function copying() {
    document.addEventListener("click", async (event) => {
      const button = event.target.closest(".copy");
      if (!button) return;
      const text = button.parentElement.querySelector("code").textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = make("textarea", { value: text });
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      button.classList.add("done");
      setTimeout(() => button.classList.remove("done"), 1200);
    });
  }

  // Search. The index comes as scripts, because a page opened from a folder may not fetch.
  const index = { rows: [], loaded: 0, total: 0 };
  let refresh = () => {};
  window.quernIndex = (number, total, rows) => {
    for (const row of rows) {
      index.rows.push({ row, name: row[1].toLowerCase(), about: row[3].toLowerCase(), columns: row[4].toLowerCase(), extra: row[5].toLowerCase() });
    }
    if (number === 0) for (let next = 1; next < total; next++) load(next);
    index.loaded++;
    index.total = total;
    refresh();
  };
  const load = (number) => document.head.append(make("script", { src: base + "assets/search-" + number + ".js" }));

  function score(item, words) {
    let sum = 0;
    for (const word of words) {
      const at = item.name.indexOf(word);
      const column = at < 0 ? (" " + item.columns).indexOf(" " + word) : -1;
      if (item.name === word) sum += 120;
      else if (at === 0) sum += 80;
      else if (at > 0) sum += /[a-z0-9]/.test(item.name[at - 1]) ? 40 : 60;
      else if (column >= 0) sum += 30;
      else if (item.columns.includes(word)) sum += 15;
      else if (item.about.includes(word)) sum += 10;
      else if (item.extra.includes(word) || item.row[0] === word) sum += 8;
      else return 0;
    }
    return sum - item.name.length / 100 - (item.row[0] === "macro" || item.row[0] === "test" ? 5 : 0);
  }

  function marked(text, words) {
    const piece = document.createDocumentFragment();
    const found = words.map((word) => [text.toLowerCase().indexOf(word), word.length]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0])[0];
    if (!found) piece.append(text);
    else piece.append(text.slice(0, found[0]), make("mark", { textContent: text.slice(found[0], found[0] + found[1]) }), text.slice(found[0] + found[1]));
    return piece;
  }

  function search() {
    const input = make("input", { type: "search", placeholder: "Name, column or description", autocomplete: "off", spellcheck: false });
    const list = make("div", { id: "found", className: "found" });
    const note = make("p", { className: "searchnote" });
    const dialog = make("dialog", { className: "search" }, input, list, note);
    const attributes = { role: "combobox", "aria-label": "Search", "aria-controls": "found", "aria-expanded": "true", "aria-autocomplete": "list" };
    for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Results");
    note.setAttribute("role", "status");
    dialog.setAttribute("aria-label", "Search");
    document.body.append(dialog);
    let chosen = 0;
    const choose = (next) => {
      const options = list.children;
      if (options[chosen]) options[chosen].setAttribute("aria-selected", "false");
      chosen = Math.max(0, Math.min(next, options.length - 1));
      const option = options[chosen];
      if (!option) { input.removeAttribute("aria-activedescendant"); return; }
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    };
    refresh = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const hits = words.length
        ? index.rows.map((item) => [score(item, words), item]).filter(([points]) => points > 0).sort((a, b) => b[0] - a[0])
        : [];
      list.replaceChildren(...hits.slice(0, 40).map(([, { row }], place) => {
        const column = row[4].split(" ").find((name) => words.some((word) => name.toLowerCase().includes(word) && !row[1].toLowerCase().includes(word)));
        const line = make("span", { className: "line" }, make("span", { className: "dot k-" + row[0] }), make("span", { className: "name" }, marked(row[1], words)), make("span", { className: "kindname", textContent: row[0] }));
        const option = make("a", { href: base + row[2] + (column ? "#column-" + column.toLowerCase() : ""), id: "option-" + place }, line);
        if (column) option.append(make("span", { className: "about" }, "column ", make("code", {}, marked(column, words))));
        else if (row[3]) option.append(make("span", { className: "about" }, marked(row[3], words)));
        option.setAttribute("role", "option");
        option.tabIndex = -1;
        option.addEventListener("mousemove", () => chosen === place || choose(place));
        return option;
      }));
      const waiting = index.loaded < index.total || !index.total;
      note.textContent = !words.length ? "↑ ↓ to choose, Enter to open, Esc to close" : waiting ? "Loading …" : hits.length === 0 ? "Nothing found." : hits.length + (hits.length === 1 ? " result" : " results");
      choose(0);
    };
    let wanted = false;
    const open = () => {
      if (!wanted) { wanted = true; load(0); }
      if (!dialog.open) dialog.showModal();
      input.select();
      refresh();
    };
    document.querySelector(".find").addEventListener("click", open);
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if ((event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        open();
      }
    });
    input.addEventListener("input", () => refresh());
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (step) { event.preventDefault(); choose(chosen + step); }
      if (event.key === "Enter" && list.children[chosen]) { event.preventDefault(); list.children[chosen].click(); dialog.close(); }
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target.closest("a")) dialog.close(); });
  }

  document.addEventListener("DOMContentLoaded", () => {
    theme();
    navigation();
    contents();
    tabs();
    copying();
    search();
  });
})();
