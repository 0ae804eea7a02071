// SPDX-License-Identifier: Apache-2.0
// The sequence diagram of the exchange chosen, its steps as a list, and their frames' octets.
const exchange = document.getElementById("exchange");
if (exchange) {
  const { all, first } = data.exchanges;
  const select = exchange.querySelector("select");
  const roles = {
    KDC: "key distribution", CTA: "telephony adapter", Attacker: "on the network", Reveille: "the circuit",
    Controller: "the host's software"
  };
  const parts = ["hex-ethernet", "hex-ip", "hex-udp", "hex-header", "hex-message", "hex-padding"];
  let shown = first;
  let width = 0;

  const kindOf = step => step.from === "Attacker" ? (step.dropped ? "drop" : "attack") :
    step.from === "KDC" || step.to === "KDC" ? "quiet" : step.to === "Controller" ? "in" : "out";
  const placeOf = step => step.file ? `${step.file}, frame ${grouped(step.number)}` : "";

  function drawSequence() {
    const { steps } = all[shown];
    const narrow = width < 640;
    const names = Object.keys(roles).filter(name => steps.some(step => step.from === name || step.to === name));
    const gutter = narrow ? 42 : 96;
    const [top, rowHeight] = narrow ? [40, 36] : [64, 46];
    const lane = (width - gutter) / names.length;
    const x = name => gutter + lane * (names.indexOf(name) + 0.5);
    const bottom = top + steps.length * rowHeight;
    const picture = svg("svg", { width, height: bottom + 6, role: "group", class: narrow ? "narrow" : "",
      "aria-label": `Sequence diagram of the exchange with ${all[shown].client}` });
    picture.append(svg("text", { class: "small end", x: gutter - 8, y: narrow ? 22 : 30 }, "µs"));
    for (const name of names) {
      const half = Math.min(70, lane / 2 - 2);
      const style = name === "Attacker" ? "lane attack" : "lane";
      const box = name === "Reveille" ? "box core" : "box";
      picture.append(svg("line", { class: style, x1: x(name), x2: x(name), y1: top - 10, y2: bottom }),
        svg("rect", { class: box, x: x(name) - half, y: 4, width: 2 * half, height: narrow ? 28 : 44, rx: 7 }),
        svg("text", { class: "mid name", x: x(name), y: 23 }, name));
      if (!narrow) picture.append(svg("text", { class: "mid small", x: x(name), y: 39 }, roles[name]));
    }
    steps.forEach((step, i) => picture.append(drawStep(step, i)));
    return picture;

    function drawStep(step, i) {
      const line = top + i * rowHeight + (narrow ? 22 : 26);
      const [begin, end] = [x(step.from), x(step.to)];
      const tip = end > begin ? -1 : 1;
      const stop = step.dropped ? end + 12 * tip : end;
      const middle = (begin + end) / 2;
      const group = svg("g", { class: kindOf(step) },
        svg("title", {}, `${step.label}, ${step.from} → ${step.to}${step.detail ? `: ${step.detail}` : ""}`),
        svg("rect", { class: "row", x: 0, y: top + i * rowHeight, width, height: rowHeight }),
        svg("text", { class: "mono end", x: gutter - 8, y: line + 4 }, step.us.toFixed(narrow ? 0 : 1)),
        svg("path", { class: "arrow", d: `M${begin} ${line}H${stop + (step.dropped ? 0 : 3 * tip)}` }),
        step.dropped ? svg("path", { class: "arrow", d: `M${stop - 4} ${line - 4}l8 8m0 -8l-8 8` })
          : svg("path", { class: "head", d: `M${end} ${line}l${9 * tip} -4.5v9z` }),
        svg("text", { class: "mid halo name", x: middle, y: line - 7 },
          narrow ? step.label.replace(/ in its name|, replayed|, forged/, "") : step.label));
      if (!narrow) group.append(svg("text", { class: "small end", x: 22, y: line + 4 }, `${i + 1}`));
      if (!narrow && step.detail && step.detail.length * 5.8 < Math.abs(end - begin) + 40)
        group.append(svg("text", { class: "mid halo small", x: middle, y: line + 15 }, step.detail));
      const words = `Step ${i + 1}: ${step.label}, ${step.from} to ${step.to}`;
      const link = svg("a", { href: `#step-${i + 1}`, "aria-label": words }, group);
      link.addEventListener("click", event => { event.preventDefault(); open(i + 1); });
      return link;
    }
  }

  function open(number) {
    const details = document.getElementById(`step-${number}`);
    details.open = true;
    details.querySelector("summary").focus();
  }

  // Sixteen octets a line: offset, hexadecimal coloured by part, ASCII.
  function hexDump(frame) {
    const octets = Uint8Array.from(atob(frame.octets), letter => letter.charCodeAt(0));
    const partOf = at => parts[frame.parts.filter(end => end <= at).length];
    const dump = make("pre", { tabindex: "0" });
    for (let line = 0; line < octets.length; line += 16) {
      dump.append(line.toString(16).padStart(4, "0") + " ");
      let part = null;
      for (let at = line; at < line + 16; ++at) {
        if (part === null || partOf(at) !== part.className) {
          part = make("span", { class: partOf(at) });
          dump.append(part);
        }
        part.append(at < octets.length ? " " + octets[at].toString(16).padStart(2, "0") : "   ");
      }
      const letters = Array.from(octets.slice(line, line + 16),
        octet => octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".");
      dump.append(`  ${letters.join("")}\n`);
    }
    return dump;
  }

  function listStep(step, i, frames) {
    const span = (name, text) => make("span", { class: name }, text);
    const summary = make("summary", {}, span("at", `${i + 1}`), span("us", `${step.us.toFixed(1)} µs`),
      make("b", {}, step.label), span("what", `${step.from} → ${step.to}${step.detail ? `, ${step.detail}` : ""}`),
      span("place", placeOf(step)));
    const details = make("details", { id: `step-${i + 1}` }, summary);
    details.addEventListener("toggle", () => {
      if (details.children.length > 1) return;
      if (step.file) {
        const filter = make("code", { class: "copy" }, `frame.number == ${step.number}`);
        details.append(make("p", { class: "filter" }, make("span", {}, `In ${step.file}:`), " ", filter));
        offerCopy(filter);
      } else {
        details.append(make("p", { class: "filter" }, "In no capture."));
      }
      if (step.frame !== undefined) details.append(hexDump(frames[step.frame]));
    });
    return make("li", {}, details);
  }

  function show(index) {
    shown = index;
    const { steps, frames, address, outcome, before } = all[index];
    exchange.querySelector(".static").textContent = address;
    exchange.querySelector(".outcome").textContent = outcome;
    exchange.querySelector(".before").textContent = before;
    exchange.querySelector(".frames").replaceChildren(...steps.map((step, i) => listStep(step, i, frames)));
    const numbers = [...new Set(steps.filter(step => step.file === "network.pcapng").map(step => step.number))];
    const list = numbers.sort((a, b) => a - b).join(", ");
    exchange.querySelector(".script .filter code").textContent = `frame.number in {${list}}`;
    exchange.querySelector(".sequence").replaceChildren(drawSequence());
  }

  all.forEach((one, index) =>
    select.append(make("option", { value: index }, `${one.client}: ${one.outcome.split(";")[0]}`)));
  select.value = first;
  select.addEventListener("change", () => show(Number(select.value)));
  exchange.querySelectorAll(".script").forEach(element => { element.hidden = false; });
  drawFitting(exchange.querySelector(".sequence"), now => { width = now; show(shown); });
}
