// Shows that the next report is overdue, by the clock of whoever reads; a page that is open, too.
"use strict";
function look() {
  for (const time of document.querySelectorAll("[data-due-by]")) {
    const box = time.closest(".due"), late = box.querySelector(".late");
    if (late.hidden && Date.now() > Date.parse(time.dataset.dueBy)) {
      late.hidden = false;
      box.querySelector(".waits").hidden = true;
      document.title = `${late.querySelector("strong").textContent}: ${document.title}`;
    }
  }
}
look();
setInterval(look, 30000);
