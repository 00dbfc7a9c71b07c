'use strict';
// Figures of lines over a number, with a legend of our own that has room for long names.

/** A sample of a line: its colour, dash and symbol. */
function swatch(style) {
  const dashes = {solid: 'none', dashed: '6 4', dotted: '2 3'};
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({width: 26, height: 10, 'aria-hidden': 'true'})) svg.setAttribute(key, value);
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
  const marks = {x1: 1, x2: 25, y1: 5, y2: 5, 'stroke-width': 3, 'stroke-dasharray': dashes[style.dash]};
  for (const [key, value] of Object.entries(marks)) line.setAttribute(key, value);
  line.classList.add('colour' + style.colour);
  svg.append(line);
  return svg;
}

/** Buttons that show and hide lines, in all figures that share the legend. */
class Legend {
  constructor(lines) {
    this.hidden = new Set();
    this.figures = [];
    this.element = element('div', {class: 'legend', role: 'group', 'aria-label': 'Lines'}, ...lines.map(line => this.button(line)));
  }

  button({name, style}) {
    const made = element('button', {type: 'button', class: 'key', 'aria-pressed': 'true'}, swatch(style), name);
    made.addEventListener('click', () => {
      if (!this.hidden.delete(name)) this.hidden.add(name);
      made.setAttribute('aria-pressed', String(!this.hidden.has(name)));
      this.figures.forEach(figure => figure.draw());
    });
    return made;
  }
}

/** From the lowest to the highest seed: an area along the line, or a bar at its only point. */
function bandSeries(look, line) {
  const points = line.band, color = look.colours[line.style.colour];
  return {type: 'custom', silent: true, clip: true, z: 1, name: line.name, tooltip: {show: false}, data: points,
    encode: {x: 0, y: [1, 2]},
    renderItem: (params, api) => {
      if (params.dataIndexInside !== 0) return null;
      const outline = [...points.map(([x, low]) => api.coord([x, low])),
        ...[...points].reverse().map(([x, , high]) => api.coord([x, high]))];
      const style = points.length > 1 ? {fill: color, opacity: 0.15} : {fill: 'none', stroke: color, lineWidth: 3, opacity: 0.3};
      return {type: 'polygon', shape: {points: outline}, style};
    }};
}

function lineSeries(look, line) {
  const few = line.points.length <= 40, color = look.colours[line.style.colour];
  return {type: 'line', name: line.name, data: line.points, z: 3, showSymbol: few, symbol: line.style.symbol, symbolSize: 7,
    color, lineStyle: {color, width: 2, type: line.style.dash}, itemStyle: {color}, emphasis: {focus: 'series', lineStyle: {width: 3}}};
}

/** Dots beside the lines, in their colours. */
function dotSeries(look, line) {
  return {type: 'scatter', name: line.name, data: line.dots, z: 2, symbol: line.style.symbol, symbolSize: 6,
    itemStyle: {color: look.colours[line.style.colour], opacity: 0.5}};
}

/** A level that is drawn across the figure, with its name. Its one point is not seen: the axis makes room for it. */
function levelLine(look, level) {
  return {type: 'scatter', name: level.name, data: [[level.x, level.value]], symbolSize: 0, silent: true,
    markLine: {silent: true, symbol: 'none', animation: false, precision: 12,
      data: [{yAxis: level.value}], lineStyle: {color: look.soft, type: 'dashed', width: 1.5},
      label: {formatter: () => level.name, position: 'insideEndTop', color: look.soft, fontSize: 11}}};
}

function lineTip(xName) {
  return params => {
    const lines = params.filter(one => one.seriesType === 'line')
      .map(one => [one.seriesName, shown(one.value[1]), one.color]);
    return lines.length ? tip(xName + ' ' + shown(params[0].value[0]), lines.slice(0, 16)) : '';
  };
}

/** At most about a dozen values can be marked on an axis; on more the axis chooses. */
function markedAxis(look, {name, values, logarithmic, fromZero}) {
  const marked = values && values.length <= 12;
  const more = {type: logarithmic ? 'log' : 'value', logBase: marked ? 2 : 10, scale: !fromZero, splitLine: {show: false}};
  if (!marked) return xAxis(look, name, more);
  return xAxis(look, name, {...more, axisLabel: {customValues: values, formatter: value => shownOnAxis(value)}, axisTick: {customValues: values}});
}

function shownOnAxis(value) {
  return String(Number(value.toPrecision(6)));
}

/** Rows by x, columns by line. */
function linesTable(title, xName, series) {
  const xs = [...new Set(series.flatMap(line => [...line.points, ...(line.dots || [])].map(point => point[0])))].sort((a, b) => a - b);
  const cells = series.map(line => {
    const found = new Map();
    for (const point of line.points) found.set(point[0], shown(point[1]));
    const bands = new Map((line.band || []).map(([x, low, high]) => [x, ' (' + shown(low) + ' to ' + shown(high) + ')']));
    const dots = new Map();
    for (const [x, y] of line.dots || []) dots.set(x, [...(dots.get(x) || []), shown(y)]);
    return x => found.has(x) ? found.get(x) + (bands.get(x) || '') : (dots.get(x) || []).join(', ');
  });
  const columns = [{title: xName, value: x => x, show: x => shownOnAxis(x), numeric: true},
    ...series.map((line, i) => ({title: line.name, value: cells[i], show: cells[i], numeric: true}))];
  return plainTable(title, columns, xs);
}

/**
 * `series` are lines of {name, style, points, band, dots}, of which band and dots may be missing, `x` is {name, values,
 * logarithmic, fromZero}; both may be functions that give them. `level` is a {name, x, value} that is marked across, x any
 * that the axis has, `legend` one that several figures share.
 */
function lineFigure({title, note, words, x, yName, series, level, legend, controls = []}) {
  const now = value => typeof value === 'function' ? value() : value;
  const keys = legend || new Legend(now(series));
  const figure = new Figure({title, note, words, controls: legend ? controls : [...controls, keys.element],
    height: width => width < 500 ? 250 : 310,
    option: look => {
      const drawn = now(series).filter(line => !keys.hidden.has(line.name));
      return {grid: {left: 12, right: 18, top: 14, bottom: 12, outerBoundsMode: 'same', outerBoundsContain: 'all'},
        aria: {enabled: true, label: {description: words}}, tooltip: tooltip(look, lineTip(now(x).name), {trigger: 'axis'}),
        xAxis: markedAxis(look, now(x)), yAxis: yAxis(look, yName, {scale: true}),
        series: [...drawn.filter(line => line.band && line.band.length).map(line => bandSeries(look, line)),
          ...drawn.filter(line => line.dots && line.dots.length).map(line => dotSeries(look, line)),
          ...drawn.map(line => lineSeries(look, line)), ...(level ? [levelLine(look, level)] : [])]};
    },
    table: () => linesTable(title, now(x).name, now(series))});
  keys.figures.push(figure);
  return figure;
}
