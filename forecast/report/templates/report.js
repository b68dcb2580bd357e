"use strict";
// Tables marked as searchable get a search field, and headings that sort; without scripts they are plain tables.
document.querySelectorAll("table[data-searchable]").forEach((table, place) => {
  const rows = [...table.querySelectorAll("tbody tr:not(.group)")];
  const field = document.createElement("input");
  field.type = "search";
  field.id = place ? `search-${place}` : "search";
  const label = document.createElement("label");
  label.htmlFor = field.id;
  label.textContent = "Show rows with";
  const found = document.createElement("span");
  found.setAttribute("role", "status");
  const box = document.createElement("div");
  box.className = "search";
  box.append(label, field, found);
  table.parentElement.before(box);
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    found.textContent = wanted ? `${shown} of ${rows.length}` : "";
  });
  table.querySelectorAll("thead th").forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = 0;
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    let rising = false;
    const key = (row) => row.children[column].textContent.replace(/^[<>]/, (mark) => (mark === "<" ? "0.0" : "99.9"));
    button.addEventListener("click", () => {
      rising = !rising;
      heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
      for (const body of table.tBodies) {
        const own = rows.filter((row) => row.parentElement === body);
        const order = (a, b) => {
          const x = parseFloat(key(a)), y = parseFloat(key(b));
          const sign = isNaN(x) || isNaN(y) || /^\d{4}-/.test(key(a)) ? key(a).localeCompare(key(b)) : x - y;
          return rising ? sign : -sign;
        };
        own.sort(order).forEach((row) => body.append(row));
      }
    });
  });
});
