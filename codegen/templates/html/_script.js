// Search, and what makes reading easier. Without it everything is there but these.
"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const remembered = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* It is asked again next time. */ } },
  };
  document.documentElement.classList.add("js");

  // Choices: of colours, and of the language of samples, which is one choice for all of them.
  const choose = (name, key) => {
    const inputs = all(`input[data-choice="${name}"]`);
    const set = (value) => { for (const input of inputs) input.checked = input.value === value; };
    if (inputs.some((input) => input.value === remembered.get(key))) set(remembered.get(key));
    for (const input of inputs) {
      input.addEventListener("change", () => {
        const top = input.getBoundingClientRect().top;
        set(input.value);
        // What is above has another height now; the eye stays where it was.
        window.scrollBy({ top: input.getBoundingClientRect().top - top, behavior: "instant" });
        remembered.set(key, input.value);
      });
    }
  };
  choose("theme", "api-docs-theme");
  choose("sample", "api-docs-sample");

  // Search. An entry is [kind, title, detail, anchor]; a word that is in none of them may be in the section.
  const entries = JSON.parse(one("index").textContent).filter(Boolean)
    .map(([kind, title, detail, anchor]) => ({ kind, title, detail, anchor, low: title.toLowerCase(), more: `${detail} ${kind}`.toLowerCase() }));
  const input = one("query"), list = one("results"), told = one("told");
  const most = 30;
  let found = [], active = -1;

  const whole = (entry) => entry.whole ??= (one(entry.anchor)?.textContent ?? "").toLowerCase();
  const points = (entry, word) => {
    const at = entry.low.indexOf(word);
    if (at === 0) return 50;
    if (at > 0) return /[a-z0-9]/.test(entry.low[at - 1]) ? 20 : 35;
    if (entry.more.includes(word)) return 10;
    return whole(entry).includes(word) ? 1 : 0;
  };
  const search = (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const asked = words.join(" ");
    const scored = entries.map((entry) => {
      const each = words.map((word) => points(entry, word));
      const whole = entry.low === asked ? 1000 : 0;
      const sum = each.includes(0) ? 0 : each.reduce((sum, more) => sum + more, whole);
      // Fields are many, and of equal names.
      return { entry, score: entry.kind === "field" ? sum / 100 : sum };
    });
    // The sort is stable: equals stay in the order of the page.
    return scored.filter((one) => one.score).sort((a, b) => b.score - a.score).map((one) => one.entry);
  };

  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (next) => {
    active = next;
    [...list.children].forEach((item, number) => {
      item.setAttribute("aria-selected", String(number === active));
      if (number === active) {
        item.scrollIntoView({ block: "nearest", behavior: "instant" });
        input.setAttribute("aria-activedescendant", item.id);
      }
    });
  };
  const show = () => {
    found = search(input.value);
    list.replaceChildren(...found.slice(0, most).map((entry, number) => {
      const item = element("li", "", { role: "option", id: `result-${number}`, "aria-selected": "false" });
      item.append(element("i", entry.kind), element("b", entry.title));
      if (entry.detail) item.append(element("code", entry.detail));
      item.addEventListener("click", () => go(number));
      return item;
    }));
    const asked = input.value.trim() !== "";
    const count = found.length === 1 ? "1 result" : `${found.length} results`;
    told.textContent = !asked ? "" : found.length > most ? `${count}, the first ${most} are shown` : found.length ? count : "Nothing found";
    told.className = asked && !found.length ? "" : "unseen";
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    if (found.length) mark(0);
  };
  const go = (number) => {
    const entry = found[number];
    if (!entry) return;
    close();
    input.blur();
    location.hash = entry.anchor;
    const target = one(entry.anchor);
    // The keyboard goes on from there.
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.addEventListener("blur", () => target.removeAttribute("tabindex"), { once: true });
  };
  one("search").hidden = false;
  input.addEventListener("input", show);
  input.addEventListener("focus", () => { if (input.value) show(); });
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    const shown = list.children.length;
    const to = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
    if (to !== undefined && shown && !list.hidden) {
      mark((to + shown) % shown);
    } else if (event.key === "Enter") {
      go(active);
    } else if (event.key === "Escape") {
      if (input.value) { input.value = ""; show(); } else input.blur();
    } else {
      return;
    }
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio]), textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });

  // The contents: folded again once something was chosen, and showing where one is.
  const contents = document.querySelector(".contents");
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a")) contents.firstElementChild.open = false;
  });
  const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  let current;
  const watcher = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) seen.add(target); else seen.delete(target);
    }
    // Sections lie in sections; the last of those in sight is the innermost of the first.
    const inner = [...seen].filter((section) => ![...seen].some((other) => other !== section && section.contains(other)));
    const first = inner.sort((a, b) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1)[0];
    const link = first && links.get(first.id);
    if (!link || link === current) return;
    current?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    current = link;
    const box = link.getBoundingClientRect(), frame = contents.getBoundingClientRect();
    if (box.top < frame.top || box.bottom > frame.bottom) contents.scrollBy({ top: box.top - frame.top - frame.height / 3, behavior: "instant" });
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const id of links.keys()) if (one(id)) watcher.observe(one(id));

  // A table that does not fit is scrolled by keyboard, too.
  const reach = () => {
    for (const box of all(".scroll, pre")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
    }
  };
  reach();
  addEventListener("resize", reach);

  if (navigator.clipboard) {
    for (const block of all(".block")) {
      const button = element("button", "Copy", { type: "button", class: "copy" });
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(block.querySelector("code").textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      block.append(button);
    }
  }
})();
