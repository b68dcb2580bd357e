"use strict";
// What is wider than its place is scrolled with the keyboard too; nothing else is a stop on the way.
const reachable = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
document.querySelectorAll(".table, .drawing, pre").forEach((part) => reachable.observe(part));
