"use strict";
// A table of sums gets choices of domain, models and years, and says what the rows that are left come to. Sums are added
// as whole numbers of their last decimal, so nothing is lost; without scripts it is a plain table.
document.querySelectorAll("section[id^='sums-'] table").forEach((table) => {
  const DOMAIN = 0, MODELS = 1, YEAR = 2, OUT = 3, VOID = 4, MINE = 5, USUAL = 6, MILLION = 1e6;
  const says = table.closest("section").dataset;
  const rows = [...table.querySelectorAll("tbody tr")];
  const text = (row, column) => row.children[column].textContent.trim();
  const whole = (row, column) => Number(text(row, column).replace(/,/g, ""));
  const made = (name, properties, ...inside) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...inside);
    return element;
  };
  const chooser = (label, column, ...first) => {
    const values = [...new Set(rows.map((row) => text(row, column)))].sort();
    const options = [...first, ...values].map((value) => made("option", { value, textContent: value }));
    const select = made("select", { autocomplete: "off" }, ...options);
    box.append(made("label", {}, label, select));
    select.addEventListener("change", show);
    return select;
  };
  const box = made("div", { className: "search" });
  const found = made("p", { className: "sums" });
  found.setAttribute("role", "status");

  const filled = (text, fields) => text.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  const told = (kept) => {
    const sum = (column, scale) => kept.reduce((total, row) => total + Math.round(whole(row, column) * scale), 0);
    const out = sum(OUT, 1), mine = sum(MINE, MILLION), usual = sum(USUAL, MILLION);
    const count = (number) => number.toLocaleString(document.documentElement.lang);
    const counts = { out: count(out), void: count(sum(VOID, 1)) };
    if (!out) return filled(says.counted, counts);
    const mean = (total) => (total / MILLION / out).toFixed(4);
    const means = { ...counts, mine: mean(mine), usual: mean(usual) };
    if (!usual) return filled(says.scored, means);
    const skill = ((100 * (usual - mine)) / usual).toFixed(1);
    return filled(says.skilled, { ...means, skill: skill.startsWith("-") ? skill.replace("-", "−") : `+${skill}` });
  };
  const show = () => {
    const kept = rows.filter(
      (row) =>
        [says.all, text(row, DOMAIN)].includes(domain.value) &&
        [says.all, text(row, MODELS)].includes(models.value) &&
        from.value <= text(row, YEAR) &&
        text(row, YEAR) <= to.value,
    );
    for (const row of rows) row.hidden = !kept.includes(row);
    found.textContent = told(kept);
  };
  const domain = chooser(says.domain, DOMAIN, says.all);
  const models = chooser(says.models, MODELS, says.all);
  const from = chooser(says.from, YEAR);
  const to = chooser(says.to, YEAR);
  to.selectedIndex = to.options.length - 1;
  table.parentElement.before(box, found);
  show();
});
