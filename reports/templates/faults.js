// The table of all faults: filtered, sorted, and drawn some rows at a time.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const STEP = 100;
  const body = document.querySelector("#faults-table tbody");
  const status = document.getElementById("shown");
  const more = document.getElementById("more");
  const heads = [...document.querySelectorAll("#faults-table th[data-sort]")];
  const byId = new Map();
  let data, found = [], drawn = 0, order = { by: "id", down: false };

  const { make, shape } = page;
  const number = (value) => value.toLocaleString("en-US");
  const plural = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
  const link = (fault, id) => make("a", { href: `#${id}` }, `f${fault}`);
  const sibling = (fault, n) => `c${fault.c}.l${fault.l}.f${n}`;

  // --- a life as a strip ---
  const CELL = 8, HIGH = 18;
  function strip(fault) {
    const wide = Math.max(1, data.generations) * CELL + CELL;
    const said = [...fault.strip].map((letter, at) => `generation ${fault.birth + at} ${(data.rungs[letter] || ["not examined"])[0]}`);
    said.push(fault.end ? `ended in generation ${fault.end}: ${data.causes[fault.cause]}` : "alive when last seen");
    const svg = shape("svg", { width: wide, height: HIGH + 2, role: "img", "aria-label": said.join(", ") });
    svg.append(shape("line", { x1: 0, x2: wide - CELL, y1: HIGH + 1, y2: HIGH + 1, stroke: "var(--rule)" }));
    [...fault.strip].forEach((letter, at) => {
      const [name, rung] = data.rungs[letter] || ["", 0];
      const height = rung * 3, x = (fault.birth - 1 + at) * CELL;
      const bar = shape("rect", {
        x, width: CELL - 1.5, y: HIGH - Math.max(1, height), height: Math.max(1, height),
        fill: name ? `var(--rung-${name})` : "var(--rule)",
      });
      const title = shape("title", {});
      title.textContent = said[at];
      bar.append(title);
      svg.append(bar);
    });
    if (!fault.end) {
      const x = (fault.birth - 1 + fault.strip.length) * CELL + 1;
      svg.append(shape("path", { d: `M${x} ${HIGH - 9}l5 4l-5 4z`, fill: "var(--end-alive)" }));
    }
    return svg;
  }

  // --- on how many inputs it shows ---
  const share = (part, whole) => {
    const percent = 100 * part / whole;
    return `${part && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)}%`;
  };
  const shows = (fault) => (fault.harm[0] ? share(fault.harm[2], fault.harm[0]) : "");

  function severity(fault) {
    const [inputs, reached, deviating, crashing] = fault.harm;
    const seen = `Its change: ${plural(fault.seen[0], "line")}, ${plural(fault.seen[1], "token")}. `;
    if (!inputs) return `${seen}No differential input was asked at its birth, so its severity is not known.`;
    if (!reached) return `${seen}At birth none of ${plural(inputs, "input")} reached it.`;
    const hit = fault.public.length ? `, behind ${fault.public.length > 6 ? plural(fault.public.length, "public function") : fault.public.join(", ")}` : "";
    return `${seen}At birth, alone, it showed on ${number(deviating)} of ${plural(inputs, "input")} (severity ${share(deviating, inputs)}) and of ${number(reached)} that reach it (rarity ${share(deviating, reached)}); ${number(crashing)} of them crashed${hit}.`;
  }

  // --- one row, and what opens below it ---
  function row(fault) {
    const button = make("button", { type: "button", class: "open", "aria-expanded": "false" }, fault.id);
    const end = make("span", { class: "swatch", style: `background:var(--end-${fault.cause})` });
    const line = make("tr", { id: fault.id },
      make("th", { scope: "row" }, button),
      make("td", {}, fault.operator, make("small", {}, [fault.family, fault.witnesses.length ? "" : "no witness", fault.residual ? "residual" : ""].filter(Boolean).join(", "))),
      make("td", {}, make("code", {}, fault.where || "module"), make("small", {}, `${fault.path}:${fault.line}`)),
      make("td", {}, String(fault.birth)),
      make("td", {}, strip(fault)),
      make("td", {}, shows(fault), make("small", {}, fault.harm[1] ? `${share(fault.harm[2], fault.harm[1])} when reached` : "")),
      make("td", {}, fault.copies.length ? String(fault.copies.length) : ""),
      make("td", {}, end, data.causes[fault.cause], make("small", {}, fault.end ? `generation ${fault.end}` : "")));
    button.addEventListener("click", () => toggle(line, button, fault));
    return line;
  }

  function toggle(line, button, fault) {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) line.nextElementSibling.remove();
    else line.after(make("tr", { class: "detail" }, make("td", { colspan: String(heads.length) }, detail(fault))));
  }

  function diff(text) {
    const block = make("code");
    for (const part of text.trimEnd().split("\n")) {
      const kind = /^(\+\+\+|---|@@)/.test(part) ? "place" : part[0] === "+" ? "added" : part[0] === "-" ? "removed" : "";
      block.append(make("span", kind ? { class: kind } : {}, `${part}\n`));
    }
    return make("pre", { class: "diff", tabindex: "0", "aria-label": "The fault's change" }, block);
  }

  function table(names, rows, title) {
    const headers = names.map((name) => make("th", { scope: "col" }, name));
    const lines = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
    return make("table", {}, make("caption", {}, title), make("thead", {}, make("tr", {}, ...headers)), make("tbody", {}, ...lines));
  }

  // --- where it came from and what came of it, as a tree ---
  function ancestor(fault) {
    let one = fault;
    for (let seen = 0; one.parent && seen < 10000; seen++) one = byId.get(sibling(one, one.parent)) || { ...one, parent: 0 };
    return one;
  }

  function branch(one, here) {
    const said = ` born in generation ${one.birth}, ${one.end ? `ended in ${one.end}: ${data.causes[one.cause]}` : "alive"}`;
    const name = one === here ? make("b", {}, `f${one.n}`, " (this one)") : link(one.n, one.id);
    const item = make("li", {}, name, make("small", {}, said));
    const copies = one.copies.map((n) => byId.get(sibling(one, n))).filter(Boolean);
    if (copies.length) item.append(make("ul", {}, ...copies.map((copy) => branch(copy, here))));
    return item;
  }

  function family(fault) {
    if (!fault.parent && !fault.copies.length) return make("p");
    return make("div", { class: "tree" }, make("p", {}, make("b", {}, "Its family")), make("ul", {}, branch(ancestor(fault), fault)));
  }

  // --- why nothing caught it, from what is known of its generations ---
  function uncaught(fault) {
    if (fault.end) return "";
    const times = (letters) => [...fault.strip].filter((letter) => letters.includes(letter)).length;
    const examined = fault.strip.length - times("-");
    const letter = Object.fromEntries(Object.entries(data.rungs).map(([key, [name]]) => [name, key]));
    const beyond = (...names) => times(names.map((name) => letter[name]).join(""));
    const reached = examined - beyond("present"), acted = beyond("propagated", "masked", "revealed");
    const of = (n) => `${n} of ${plural(examined, "generation")}`;
    const parts = [];
    if (!reached) parts.push("no test or input of the screen ever reached it");
    else if (!acted) parts.push(`reached in ${of(reached)}, it never changed an outcome that is checked`);
    else parts.push(`it changed an outcome in ${of(acted)}, but none that an oracle of the screen looks at`);
    if (beyond("masked")) parts.push(`other faults hid it in ${of(beyond("masked"))}`);
    parts.push(fault.read ? `a reviewer read a line of it ${plural(fault.read, "time")} and saw nothing` : "no reviewer read a line of it");
    return `Why nothing caught it: ${parts.join("; ")}.`;
  }

  function toCode(fault) {
    const last = fault.birth + fault.strip.length - 1 - (fault.end ? 1 : 0);
    if (!page.hasCode || !page.hasCode(fault.c, fault.l) || last < fault.birth) return "";
    const button = make("button", { type: "button" }, "Show it in the code");
    button.addEventListener("click", () => page.showCode(fault.c, fault.l, last, fault.last));
    return make("p", {}, button);
  }

  function detail(fault) {
    const [, label] = data.conditions[fault.c];
    const about = [
      `${label}, lineage ${fault.l}.`,
      fault.let ? `A reviewer found it and it was let in all the same, ${plural(fault.let, "time")}.` : "",
      fault.residual ? "Residual: the target's own unit tests did not see it at birth." : "The target's own unit tests saw it at birth.",
      fault.import ? "Acts while the code is imported." : "",
      fault.end ? `Ended in generation ${fault.end}: ${data.causes[fault.cause]}${fault.by ? `, ${fault.by}` : ""}.` : "Alive when last seen.",
    ].filter(Boolean).join(" ");
    const box = make("div", { class: "fault" }, make("p", {}, about), make("p", {}, severity(fault)), make("p", {}, uncaught(fault)), diff(fault.diff), toCode(fault), family(fault));
    if (fault.witnesses.length) {
      box.append(table(["oracle", "test or input", "correct code", "with the fault"], fault.witnesses, "Witnesses"));
    } else {
      box.append(make("p", {}, `No witness in ${plural(fault.searched, "execution")}: perhaps equivalent to the correct code.`));
    }
    if (fault.agreeing.length) box.append(make("p", {}, `Inputs that reach it and show nothing: ${fault.agreeing.join(", ")}.`));
    if (fault.rungs.length) {
      const rungs = fault.rungs.map(([generation, letter, oracles, tests, alone]) => [
        String(generation), data.rungs[letter][0], oracles ? `${oracles}: ${tests.join(", ")}` : "", String(alone)]);
      box.append(table(["generation", "got as far as", "revealed by", "fails alone"], rungs, "Its ladder"));
    }
    return box;
  }

  // --- filter, sort, draw ---
  const KINDS = {
    witnessed: (f) => f.witnesses.length > 0, unwitnessed: (f) => !f.witnesses.length,
    seeded: (f) => !f.parent, copy: (f) => f.parent > 0, residual: (f) => f.residual,
    rare: (f) => f.harm[0] > 0 && f.harm[2] > 0 && f.harm[2] <= f.harm[0] / 100, crash: (f) => f.harm[3] > 0,
  };
  const VALUES = {
    id: (f) => f.c * 1e9 + f.l * 1e6 + f.n, operator: (f) => f.operator, where: (f) => `${f.path} ${f.where}`,
    birth: (f) => f.birth, life: (f) => f.strip.length, harm: (f) => (f.harm[0] ? f.harm[2] / f.harm[0] : -1), copies: (f) => f.copies.length, cause: (f) => f.cause,
  };

  function chosen() {
    return Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  }

  function matches(fault, want) {
    if (want.condition && `c${fault.c}` !== want.condition) return false;
    if (want.family && fault.family !== want.family) return false;
    if (want.end && fault.cause !== want.end) return false;
    if (want.kind && !KINDS[want.kind](fault)) return false;
    return (want.q || "").toLowerCase().split(/\s+/).every((word) => fault.text.includes(word));
  }

  function apply(keep) {
    const want = chosen(), value = VALUES[order.by], sign = order.down ? -1 : 1;
    found = data.faults.filter((fault) => matches(fault, want));
    found.sort((a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : VALUES.id(a) - VALUES.id(b)));
    body.replaceChildren();
    drawn = 0;
    grow();
    if (!keep) {
      const query = new URLSearchParams(want).toString();
      history.replaceState(null, "", query ? `#faults?${query}` : location.pathname + location.search);
    }
  }

  function grow() {
    body.append(...found.slice(drawn, drawn + STEP).map(row));
    drawn = Math.min(found.length, drawn + STEP);
    more.hidden = drawn >= found.length;
    const all = data.faults.length;
    const part = found.length === all ? plural(all, "fault") : `${number(found.length)} of ${plural(all, "fault")}`;
    status.textContent = drawn < found.length ? `${part}; the first ${number(drawn)} are shown.` : `${part}.`;
  }

  function show(id) {
    const at = found.findIndex((fault) => fault.id === id);
    if (at < 0) return false;
    while (drawn <= at) grow();
    const line = document.getElementById(id), button = line.querySelector("button");
    if (button.getAttribute("aria-expanded") !== "true") button.click();
    line.scrollIntoView({ block: "center" });
    button.focus({ preventScroll: true });
    return true;
  }

  function follow() {
    const place = decodeURIComponent(location.hash.slice(1));
    if (/^c\d+\.l\d+\.f\d+$/.test(place)) {
      if (!show(place)) { form.reset(); apply(true); show(place); }
    } else if (place.startsWith("faults?")) {
      for (const [name, value] of new URLSearchParams(place.slice(7))) {
        if (form.elements[name]) form.elements[name].value = value;
      }
      apply(true);
      document.getElementById("faults").scrollIntoView();
    }
  }

  function sortBy(head) {
    order = { by: head.dataset.sort, down: order.by === head.dataset.sort && !order.down };
    for (const one of heads) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    apply(true);
  }

  page.unpack("faults-data").then((unpacked) => {
    data = unpacked;
    for (const fault of data.faults) byId.set(fault.id, fault);
    for (const fault of data.faults) {
      fault.text = [fault.id, fault.family, fault.operator, fault.path, fault.where, fault.by, fault.cause, fault.diff,
        ...fault.witnesses.flat()].join(" ").toLowerCase();
    }
    apply(true);
    let waiting;
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    for (const head of heads) head.querySelector("button").addEventListener("click", () => sortBy(head));
    more.addEventListener("click", grow);
    new IntersectionObserver((seen) => {
      if (seen.some((one) => one.isIntersecting) && drawn < found.length) grow();
    }, { rootMargin: "400px" }).observe(more);
    window.addEventListener("hashchange", follow);
    follow();
    document.documentElement.setAttribute("data-faults", String(data.faults.length));
  }).catch((error) => {
    status.textContent = "This browser cannot unpack the table of faults.";
    console.error(error);
  });
})();
