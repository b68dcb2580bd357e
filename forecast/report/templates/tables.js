"use strict";
// Tables marked as searchable get a search field, a choice of group, and headings that sort; without scripts they are
// plain tables.
document.querySelectorAll("table[data-searchable]").forEach((table, place) => {
  const says = table.dataset;
  const rows = [...table.querySelectorAll("tbody tr:not(.group)")];
  const headings = [...table.querySelectorAll("thead th")];
  const groups = [...table.querySelectorAll("tr.group")];
  const made = (name, properties, ...inside) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...inside);
    return element;
  };
  const chooser = (...options) =>
    made("select", {}, ...options.map((text, value) => made("option", { value, textContent: text })));
  const named = (text, field, kind) => made("label", { className: kind ?? "" }, text, field);

  const field = made("input", { type: "search", id: place ? `search-${place}` : "search" });
  const group = chooser(says.every, ...groups.map((row) => row.textContent.trim()));
  const order = chooser(says.written, ...headings.map((heading) => heading.textContent));
  const found = made("span", {});
  found.setAttribute("role", "status");
  const box = made("div", { className: "search" }, named(says.rows, field));
  if (groups.length > 1) box.append(named(says.group, group));
  box.append(named(says.order, order, "narrow"), found);
  table.parentElement.before(box);

  const show = () => {
    const wanted = field.value.trim().toLowerCase();
    const body = +group.value ? groups[group.value - 1].parentElement : null;
    for (const row of rows) {
      row.hidden = (body && row.parentElement !== body) || !row.textContent.toLowerCase().includes(wanted);
    }
    for (const row of groups) row.hidden = rows.every((one) => one.hidden || one.parentElement !== row.parentElement);
    const shown = rows.filter((row) => !row.hidden).length;
    found.textContent =
      shown < rows.length ? says.found.replace("{shown}", shown).replace("{rows}", rows.length) : "";
  };
  field.addEventListener("input", show);
  group.addEventListener("change", show);

  // What is less than a tenth sorts first, what is more than 99.9 last; a drawn cell sorts by its last value.
  const key = (row, column) =>
    row.children[column].dataset.sort ??
    row.children[column].textContent
      .trim()
      .replace(/−/g, "-")
      .replace(/^[<>]/, (mark) => (mark === "<" ? "0.0" : "99.9"));
  const compared = (a, b) => {
    const x = parseFloat(a.replace(/,/g, "")), y = parseFloat(b.replace(/,/g, ""));
    return isNaN(x) || isNaN(y) || /^\d{4}-/.test(a) ? a.localeCompare(b) : x - y;
  };
  const sort = (column, rising) => {
    const sorted = [...rows];
    if (column >= 0) sorted.sort((a, b) => (rising ? 1 : -1) * compared(key(a, column), key(b, column)));
    for (const row of sorted) row.parentElement.append(row);
    for (const heading of headings) heading.removeAttribute("aria-sort");
    headings[column]?.setAttribute("aria-sort", rising ? "ascending" : "descending");
    order.value = column + 1;
  };
  headings.forEach((heading, column) => {
    const button = made("button", { type: "button", textContent: heading.textContent });
    heading.replaceChildren(button);
    button.addEventListener("click", () => sort(column, heading.getAttribute("aria-sort") !== "ascending"));
  });
  order.addEventListener("change", () => sort(order.value - 1, true));
});
