"use strict";
// Draws each chart where its element stands. Colours are CSS variables, so light, dark and paper need no redraw.
(() => {
  const data = JSON.parse(document.getElementById("charts-data").textContent);
  const phone = window.matchMedia("(max-width: 40rem)");
  const views = [];

  function prepared(spec, figure, description) {
    const made = { ...spec, description };
    if (data.shared[figure]) made.datasets = { ...made.datasets, shared: data.shared[figure] };
    made.params = (made.params || []).map((one) =>
      one.name === "narrow" ? { ...one, value: phone.matches } : one);
    return made;
  }

  async function draw(element) {
    const spec = data.specs[element.id];
    const options = { mode: "vega-lite", renderer: "svg", actions: false, config: data.config, tooltip: { theme: "custom" } };
    const { view } = await window.vegaEmbed(element, prepared(spec, element.dataset.figure, element.getAttribute("aria-label")), options);
    views.push(view);
  }

  phone.addEventListener("change", () => {
    for (const view of views) view.signal("narrow", phone.matches).runAsync();
  });

  Promise.all([...document.querySelectorAll(".chart")].map(draw)).then(
    () => document.documentElement.setAttribute("data-charts", "drawn"),
    (error) => console.error(error),
  );
})();
