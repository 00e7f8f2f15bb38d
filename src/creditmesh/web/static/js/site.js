// What the pages can do better with JavaScript; every page works without this file.
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const tone = (key) => css(`--tone-${key}`) || css("--accent");
  const compact = new Intl.NumberFormat(document.documentElement.lang || "zh-Hans");
  const charts = new Map();

  function axisLabel(longest) {
    return { color: css("--ink-soft"), fontSize: 12, hideOverlap: true, width: longest, overflow: "truncate" };
  }

  function upright(kind, many) {
    const style = { color: css("--ink-soft"), fontSize: 12 };
    return kind === "line" || many > (window.innerWidth < 600 ? 6 : 16) ? { ...style, hideOverlap: true } : { ...style, interval: 0, width: window.innerWidth < 600 ? 58 : 84, overflow: "break" };
  }

  function valueAxis(data) {
    return {
      type: "value",
      max: data.maximum ?? undefined,
      interval: data.maximum === 100 ? 25 : undefined,
      axisLabel: { color: css("--ink-soft"), hideOverlap: true, formatter: (v) => compact.format(v) + (data.unit || "") },
      splitLine: { lineStyle: { color: css("--line") } },
      splitNumber: 4,
      minInterval: data.whole ? 1 : undefined,
    };
  }

  // Names of series that do not fit beside each other take a second line: the axis makes room for it.
  function legendHeight(names, width) {
    const wide = (one) => [...one].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e80 ? 12 : 5.8), 28);
    const lines = Math.ceil(names.reduce((sum, one) => sum + wide(one), 0) / Math.max(width - 16, 200));
    return 18 + 22 * Math.min(lines, 3);
  }

  function options(data, width) {
    const lying = data.kind !== "line" && data.across;
    const narrow = window.innerWidth < 600;
    const categories = {
      type: "category",
      data: data.categories,
      inverse: lying,
      axisLabel: lying ? axisLabel(narrow ? 84 : 160) : upright(data.kind, data.categories.length),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: css("--line-strong") } },
    };
    const many = data.series.length > 1;
    const series = data.series.map((one) => ({
      name: one.name,
      type: data.kind === "line" ? "line" : "bar",
      stack: data.kind === "stacked" ? "all" : undefined,
      barMaxWidth: 34,
      symbolSize: 7,
      step: data.step ? "end" : undefined,
      connectNulls: false,
      color: tone(one.tone),
      data: one.tones && one.tones.length
        ? one.values.map((value, i) => ({ value, itemStyle: { color: tone(one.tones[i]) } }))
        : one.values,
      label: {
        show: !many && data.kind === "bars",
        position: lying ? "right" : "top",
        color: css("--ink"),
        formatter: (p) => (p.value == null ? "" : compact.format(p.value) + (data.unit || "")),
      },
    }));
    return {
      animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 350,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      aria: { enabled: true, decal: { show: data.kind === "stacked" } },
      // 'richText' draws on the canvas: an HTML tooltip would need inline styles, which our policy forbids.
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: data.kind === "line" ? "line" : "shadow" },
        valueFormatter: (v) => (v == null ? "–" : compact.format(v) + (data.unit || "")) },
      legend: many ? { bottom: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: css("--ink") } } : undefined,
      grid: { left: 8, right: lying ? 44 : 16, top: 24, bottom: many ? legendHeight(data.series.map((one) => one.name), width) : 8, containLabel: true },
      xAxis: lying ? valueAxis(data) : categories,
      yAxis: lying ? categories : valueAxis(data),
      series,
    };
  }

  function draw(figure) {
    const canvas = figure.querySelector(".chart-canvas");
    if (!window.echarts || !canvas || !canvas.dataset.drawing || charts.has(canvas)) return;
    const data = JSON.parse(canvas.dataset.drawing);
    canvas.hidden = false;
    const chart = window.echarts.init(canvas, null, { renderer: "canvas" });
    chart.setOption(options(data, chart.getWidth()));
    charts.set(canvas, chart);
    const numbers = figure.querySelector("details.numbers");
    if (numbers) numbers.open = false;
  }

  function prepare(root) {
    for (const [canvas, chart] of charts) {
      if (!canvas.isConnected) { chart.dispose(); charts.delete(canvas); }
    }
    root.querySelectorAll("figure.chart").forEach(draw);
    root.querySelectorAll("[data-needs-script]").forEach((one) => { one.hidden = "copy" in one.dataset && !navigator.clipboard; });
  }

  document.addEventListener("DOMContentLoaded", () => {
    prepare(document);
    const here = document.querySelector(".side-nav a[aria-current]");
    const strip = here && here.closest(".side-nav");
    if (strip && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - 24;
  });
  document.addEventListener("htmx:load", (event) => prepare(event.target));
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector && event.target.querySelector("progress[data-upload]");
    if (bar && event.detail.lengthComputable) {
      bar.closest("[hidden]")?.removeAttribute("hidden");
      bar.max = event.detail.total;
      bar.value = event.detail.loaded;
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    const text = copy && document.querySelector(copy.dataset.copy);
    if (text && navigator.clipboard) {
      navigator.clipboard.writeText(text.textContent.trim()).then(() => copy.setAttribute("data-copied", ""));
    }
  });
  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => charts.forEach((chart) => chart.resize()), 120);
  });
})();
