"use strict";
// Drawings come alive as they near the window: marks tell their values, and inputs choose what is shown. Without
// scripts, in print, or where anything fails, the drawing stays.
{
  const EM = 14; // pixels of a chart that are one em of the page
  const LEAST = 160, MOST = 46 * EM; // how wide a panel, and a whole chart, is
  const options = {
    ast: true, // expressions are read, never compiled: the page forbids what would compile them
    actions: false,
    defaultStyle: false,
    logLevel: 1, // what the renderer warns of is for those who make charts
    mode: "vega",
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  };

  const made = (name, properties, ...inside) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...inside);
    return element;
  };

  let started;
  const start = () =>
    (started ??= (async () => {
      const packed = atob(document.getElementById("engine").textContent);
      const bytes = new Blob([Uint8Array.from(packed, (letter) => letter.charCodeAt(0))]).stream();
      const text = await new Response(bytes.pipeThrough(new DecompressionStream("gzip"))).text();
      document.head.append(made("script", { textContent: text }));
      await document.fonts.ready;
      return JSON.parse(document.getElementById("charts").textContent);
    })());

  const spot = (colour) => {
    const [svg, circle] = ["svg", "circle"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
    const shape = { cx: 5, cy: 5, r: 4.5, fill: colour };
    Object.entries(shape).forEach(([name, value]) => circle.setAttribute(name, value));
    svg.setAttribute("viewBox", "0 0 10 10");
    svg.setAttribute("aria-hidden", "true");
    svg.append(circle);
    return svg;
  };

  const legend = (view, entries) => {
    const out = new Set();
    const choices = entries.map(([name, colour]) => {
      const input = made("input", { type: "checkbox", checked: true, autocomplete: "off" });
      input.addEventListener("change", () => {
        out[input.checked ? "delete" : "add"](name);
        view.signal("left_out", [...out]).runAsync();
      });
      return made("label", {}, input, spot(colour), name);
    });
    return made("fieldset", {}, made("legend", { textContent: document.getElementById("charts").dataset.show }), ...choices);
  };

  const enliven = async (drawing) => {
    const chart = (await start())[drawing.dataset.chart];
    const picture = made("div", { className: "picture" });
    const inputs = made("div", { className: "inputs" });
    const { view } = await window.vegaEmbed(picture, chart, { ...options, bind: inputs });
    if (chart.usermeta?.legend) inputs.append(legend(view, chart.usermeta.legend));
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", drawing.getAttribute("aria-label"));
    picture.removeAttribute("aria-roledescription");
    picture.querySelector("svg").setAttribute("aria-hidden", "true");
    drawing.after(made("div", { className: "live" }, inputs, picture));
    drawing.classList.add("still");
    reachable.observe(picture);
    await fit(view, chart, picture);
    addEventListener("resize", () => fit(view, chart, picture));
  };

  // A chart of one panel gives up width for letters that can be read; any other is scrolled.
  const fit = async (view, chart, picture) => {
    const wide = () => +picture.querySelector("svg").getAttribute("width");
    if (chart.width) {
      const room = (EM * picture.parentElement.clientWidth) / parseFloat(getComputedStyle(picture).fontSize);
      const wanted = view.width() + Math.min(room, MOST) - wide();
      await view.width(Math.min(chart.width, Math.max(LEAST, wanted))).runAsync();
      picture.classList.add("fits");
    }
    picture.style.maxWidth = `${wide() / EM}em`;
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        enliven(target).catch(console.warn);
      }
    },
    { rootMargin: "100%" },
  );
  document.querySelectorAll(".drawing[data-chart]").forEach((drawing) => near.observe(drawing));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.getElementById("vg-tooltip-element")?.classList.remove("visible");
  });
}
