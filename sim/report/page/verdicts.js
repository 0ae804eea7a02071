// SPDX-License-Identifier: Apache-2.0
// Verdicts over time: a row of bars for each verdict chosen, in the time chosen, and the sessions established above.
{
  const root = document.getElementById("verdicts");
  const form = root.querySelector("form");
  const [from, to] = [".from", ".to"].map(name => root.querySelector(name));
  const scale = root.querySelector(".scale");
  const chart = data.verdicts;
  const unit = chart.slice_us * chart.slices >= 1e7 ? { name: "s", us: 1e6 } : { name: "ms", us: 1e3 };
  const end = chart.slice_us * chart.slices / unit.us;
  let view = [0, end];
  let width = 0;
  const inUnit = value => value.toFixed(end < 10 ? 3 : end < 100 ? 2 : 1);

  // A round distance between five and ten ticks apart.
  function tickOf(span) {
    const decade = 10 ** Math.floor(Math.log10(span));
    return [0.1, 0.2, 0.5].map(step => step * decade).find(tick => span / tick <= 10) ?? decade;
  }

  const sum = (values, begin, behind) => values.slice(begin, behind).reduce((a, b) => a + b, 0);
  const boxOf = row => form.querySelector(`[value="${row.verdict}"]`);
  const chosen = () => chart.rows.filter(row => boxOf(row).checked);

  function draw() {
    const narrow = width < 600;
    const [left, right] = narrow ? [112, width - 58] : [136, width - 84];
    const rowHeight = narrow ? 26 : 30;
    const barHeight = rowHeight - 6;
    const first = Math.floor(view[0] * unit.us / chart.slice_us + 1e-6);
    const behind = Math.min(chart.slices, Math.max(first + 1, Math.ceil(view[1] * unit.us / chart.slice_us - 1e-6)));
    const most = Math.max(10, Math.min(120, Math.floor((right - left) / 4)));
    const joined = Math.ceil((behind - first) / most);
    const bars = Math.ceil((behind - first) / joined);
    const x = slice => left + (right - left) * (slice - first) / (behind - first);
    const starts = Array.from({ length: bars }, (_, i) => first + i * joined);
    const rows = chosen().map(row => ({
      ...row, total: sum(row.frames, first, behind),
      heights: starts.map(start => sum(row.frames, start, Math.min(behind, start + joined)))
    }));
    const highest = Math.max(1, ...rows.flatMap(row => row.heights));
    const top = chart.established ? (narrow ? 96 : 126) : 10;
    const bottom = top + rows.length * rowHeight;
    const picture = svg("svg", { width, height: bottom + 30, role: "img", class: narrow ? "narrow" : "",
      "aria-label": "Verdicts over time" });
    const text = (at, y, style, words) => picture.append(svg("text", { x: at, y, class: style }, words));

    const begin = first * chart.slice_us / unit.us;
    const span = (behind - first) * chart.slice_us / unit.us;
    const tick = tickOf(span) * (narrow ? 2 : 1);
    for (let at = Math.ceil(begin / tick - 1e-9) * tick; at <= begin + span * 1.0001; at += tick) {
      const place = left + (right - left) * (at - begin) / span;
      picture.append(svg("line", { class: "grid", x1: place, x2: place, y1: 10, y2: bottom }));
      text(place, bottom + 20, "small mid", tick < 1 ? at.toFixed(tick < 0.1 ? 2 : 1) : at.toFixed(0));
    }
    text(width - 4, bottom + 20, "small end", unit.name);
    if (chart.established) drawEstablished();
    rows.forEach((row, i) => {
      const base = top + (i + 1) * rowHeight;
      picture.append(svg("line", { class: "grid", x1: left, x2: right, y1: base, y2: base }));
      text(left - 10, base - 6, `end name ${row.fate}`, row.verdict);
      text(width - 4, base - 6, "end total", grouped(row.total));
      const bar = (right - left) / bars;
      const height = frames => barHeight * Math.log1p(frames) / Math.log1p(highest);
      const box = (frames, j) =>
        `M${(left + j * bar).toFixed(2)} ${base}v-${height(frames).toFixed(1)}h${(bar * 0.86).toFixed(2)}V${base}z`;
      const path = row.heights.map((frames, j) => frames === 0 ? "" : box(frames, j)).join("");
      picture.append(svg("path", { class: `bar ${row.fate}`, d: path }));
    });
    const cursor = svg("rect", { class: "cursor", y: 10, height: bottom - 10, visibility: "hidden" });
    picture.append(cursor);
    root.querySelector(".plot").replaceChildren(picture);
    const sliceUs = joined * chart.slice_us;
    const timeOf = (low, high) =>
      `${inUnit(low)} to ${inUnit(high)} ${unit.name}, and on the right the frames in that time.`;
    const about = `${timeOf(begin, begin + span)} Every row has the same logarithmic scale; a whole row is ` +
      `${grouped(highest)} in ${grouped(Math.round(sliceUs))} µs.`;
    scale.textContent = about;
    follow();

    // Sessions established, of those that can be.
    function drawEstablished() {
      const high = 16, low = top - 26;
      const y = sessions => low - (low - high) * Math.min(1, sessions / Math.max(1, chart.reachable));
      let sessions = sum(chart.established, 0, first);
      let line = `${left} ${y(sessions)}`;
      let last = left;
      for (let i = first; i < behind && i < chart.done_us / chart.slice_us; ++i) {
        sessions += chart.established[i];
        last = x(i + 1);
        line += `L${last.toFixed(2)} ${y(sessions).toFixed(1)}`;
      }
      picture.append(
        svg("path", { class: "under", d: `M${line}L${last} ${low}H${left}z` }),
        svg("line", { class: "goal", x1: left, x2: right, y1: high, y2: high }),
        svg("line", { class: "grid", x1: left, x2: right, y1: low, y2: low }),
        svg("path", { class: "curve", d: `M${line}` }));
      text(left - 10, (high + low) / 2 + 4, "end name passed", "established");
      text(width - 4, high + 14, "small end", `of ${grouped(chart.reachable)}`);
    }

    // Under the pointer: the numbers of one bar; a drag chooses a time.
    function follow() {
      const totals = picture.querySelectorAll(".total");
      let dragged = null;
      const barAt = event => Math.max(0, Math.min(bars - 1,
        Math.floor((event.clientX - picture.getBoundingClientRect().left - left) / (right - left) * bars)));
      const edge = bar => Math.min(begin + bar * sliceUs / unit.us, begin + span);
      const show = (one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        cursor.setAttribute("x", left + low * (right - left) / bars);
        cursor.setAttribute("width", Math.max(1, (high - low + 1) * (right - left) / bars));
        cursor.setAttribute("visibility", "visible");
        rows.forEach((row, i) => { totals[i].textContent = grouped(sum(row.heights, low, high + 1)); });
        scale.textContent = `${timeOf(edge(low), edge(high + 1))} Drag to look closer.`;
      };
      const leave = () => {
        dragged = null;
        cursor.setAttribute("visibility", "hidden");
        rows.forEach((row, i) => { totals[i].textContent = grouped(row.total); });
        scale.textContent = about;
      };
      picture.addEventListener("pointerdown", event => {
        dragged = barAt(event);
        picture.setPointerCapture(event.pointerId);
      });
      picture.addEventListener("pointermove", event => show(dragged ?? barAt(event), barAt(event)));
      picture.addEventListener("pointerleave", leave);
      picture.addEventListener("pointercancel", leave);
      picture.addEventListener("pointerup", event => {
        const other = barAt(event);
        if (dragged === null || dragged === other) return leave();
        choose(edge(Math.min(dragged, other)), edge(Math.max(dragged, other) + 1));
      });
    }
  }

  function choose(begin, behind) {
    view = [Math.max(0, begin), Math.min(end, behind)];
    if (!(view[0] < view[1])) view = [0, end];
    [from.value, to.value] = view.map(inUnit);
    draw();
  }

  // The fates' boxes stand for those of their verdicts.
  function settleFates() {
    for (const fate of form.querySelectorAll(".fates input")) {
      const own = chart.rows.filter(row => row.fate === fate.value).map(boxOf);
      fate.parentElement.hidden = own.length === 0;
      fate.checked = own.some(box => box.checked);
      fate.indeterminate = fate.checked && !own.every(box => box.checked);
    }
  }

  for (const row of chart.rows) {
    const box = make("input", { type: "checkbox", value: row.verdict, checked: "" });
    const dot = make("span", { class: `dot ${row.fate}` });
    form.querySelector(".choices").append(make("label", {}, box, dot, row.verdict));
  }
  form.addEventListener("change", event => {
    if (event.target === from || event.target === to) return choose(Number(from.value), Number(to.value));
    if (event.target.closest(".fates")) {
      for (const row of chart.rows) {
        if (row.fate === event.target.value) boxOf(row).checked = event.target.checked;
      }
    }
    settleFates();
    draw();
  });
  form.addEventListener("submit", event => event.preventDefault());
  root.querySelector(".whole").addEventListener("click", () => choose(0, end));
  root.querySelectorAll(".unit").forEach(element => { element.textContent = unit.name; });
  for (const field of [from, to]) [field.max, field.step] = [inUnit(end), "any"];
  form.hidden = false;
  settleFates();
  drawFitting(root.querySelector(".plot"), now => { width = now; choose(...view); });
}
