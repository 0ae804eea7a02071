"use strict";
// SPDX-License-Identifier: Apache-2.0
// What the page's scripts share: its data, SVG elements, and a button beside each text that is there to be copied.
const data = JSON.parse(document.getElementById("embedded").textContent);
const grouped = number => number.toLocaleString("en-US");

function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

function svg(name, attributes = {}, ...content) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

async function copy(element, button) {
  getSelection().selectAllChildren(element);
  try {
    await navigator.clipboard.writeText(element.textContent);
    button.textContent = "copied";
  } catch {
    button.textContent = "selected";  // a browser that lets no page of a file copy
  }
  setTimeout(() => { button.textContent = "copy"; }, 1500);
}

function offerCopy(element) {
  const button = make("button", { type: "button", class: "copies" }, "copy");
  button.addEventListener("click", () => copy(element, button));
  element.after(button);
}
document.querySelectorAll(".copy").forEach(offerCopy);

// Draws now, and anew when the room that there is changes.
function drawFitting(element, draw) {
  let width = element.clientWidth;
  draw(width);
  new ResizeObserver(() => requestAnimationFrame(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    draw(width);
  })).observe(element);
}
