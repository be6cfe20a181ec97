// Draws the figures of this page in the colours of its text; again when the ground changes.
"use strict";
function draw() {
  const { color, fontFamily } = getComputedStyle(document.body);
  for (const box of document.querySelectorAll("[data-figure]")) {
    const drawn = JSON.parse(document.getElementById(box.dataset.figure).textContent);
    Object.assign(drawn.layout.font, { color, family: fontFamily });
    Plotly.react(box, drawn.data, drawn.layout, { responsive: true, displayModeBar: false });
  }
}
draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
addEventListener("beforeprint", draw);
addEventListener("afterprint", draw);
