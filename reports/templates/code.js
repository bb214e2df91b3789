// The code of each generation, with its live faults marked.
(() => {
  const form = document.getElementById("code-choice");
  if (!form) return;
  const { make } = page;
  const block = document.getElementById("code-text");
  const told = document.getElementById("code-told");
  const lineage = form.elements.lineage, file = form.elements.file, at = form.elements.generation;
  const number = document.getElementById("code-generation");
  let data;
  const whole = [];

  function text(index) {
    const chain = [];
    for (let i = index; i >= 0 && !whole[i]; i = data.texts[i][0]) chain.push(i);
    for (const i of chain.reverse()) {
      const [base, first, last, middle] = data.texts[i];
      const before = base < 0 ? [] : whole[base];
      whole[i] = [...before.slice(0, first), ...middle, ...before.slice(before.length - last)];
    }
    return whole[index];
  }

  const generations = () => data.lineages[Number(lineage.value)][2];
  const name = (fault) => { const [c, l] = data.lineages[Number(lineage.value)]; return `c${c}.l${l}.f${fault}`; };

  function fill(keep) {
    const wanted = keep ? file.value : "";
    const files = generations()[Number(at.value)][1];
    file.replaceChildren(...files.map(([path, , marks]) => {
      const faults = new Set(marks.map(([fault]) => fault)).size;
      return make("option", { value: path }, faults ? `${path} (${faults} live)` : path);
    }));
    const best = files.reduce((a, b) => (b[2].length > a[2].length ? b : a), files[0]);
    file.value = files.some(([path]) => path === wanted) ? wanted : best[0];
  }

  function draw() {
    const [generation, files] = generations()[Number(at.value)];
    const [path, index, marks] = files.find(([each]) => each === file.value);
    number.textContent = String(generation);
    const by = new Map();
    for (const [fault, first, last] of marks) {
      for (let line = first; line <= last; line++) by.set(line, [...(by.get(line) || []), fault]);
    }
    const lines = text(index).map((line, place) => {
      const faults = by.get(place + 1);
      const row = make("div", faults ? { class: "line faulty" } : { class: "line" },
        make("span", { class: "no", "aria-hidden": "true" }, String(place + 1)), make("code", {}, line || " "));
      for (const fault of faults || []) row.append(make("a", { href: `#${name(fault)}` }, `f${fault}`));
      return row;
    });
    block.replaceChildren(...lines);
    block.setAttribute("aria-label", `${path}, generation ${generation}`);
    const all = [...new Set(files.flatMap(([, , each]) => each.map(([fault]) => fault)))];
    told.replaceChildren(all.length ? `Live in generation ${generation}: ` : `No fault is live in generation ${generation}.`);
    all.forEach((fault, i) => told.append(i ? ", " : "", make("a", { href: `#${name(fault)}` }, `f${fault}`)));
    const first = block.querySelector(".faulty");
    block.scrollTop = first ? Math.max(0, first.offsetTop - block.offsetTop - 60) : 0;
  }

  function change(what) {
    if (what === lineage) {
      at.max = String(generations().length - 1);
      at.value = String(Math.min(Number(at.value), generations().length - 1));
    }
    if (what !== file) fill(true);
    draw();
  }

  page.showCode = (c, l, generation, path) => {
    const place = data ? data.lineages.findIndex(([a, b]) => a === c && b === l) : -1;
    if (place < 0) return false;
    lineage.value = String(place);
    at.max = String(generations().length - 1);
    at.value = String(Math.max(0, generations().findIndex(([each]) => each === generation)));
    fill(false);
    if ([...file.options].some((option) => option.value === path)) file.value = path;
    draw();
    document.getElementById("code").scrollIntoView();
    lineage.focus({ preventScroll: true });
    return true;
  };
  page.hasCode = (c, l) => Boolean(data) && data.lineages.some(([a, b]) => a === c && b === l);

  page.unpack("code-data").then((unpacked) => {
    data = unpacked;
    lineage.replaceChildren(...data.lineages.map(([c, l], place) => make("option", { value: String(place) }, `c${c} · lineage ${l}`)));
    at.max = String(generations().length - 1);
    at.value = at.max;
    fill(false);
    draw();
    for (const one of [lineage, file, at]) one.addEventListener("input", () => change(one));
    form.addEventListener("submit", (event) => event.preventDefault());
    document.documentElement.setAttribute("data-code", String(data.lineages.length));
  }).catch((error) => {
    told.textContent = "This browser cannot unpack the code.";
    console.error(error);
  });
})();
