'use strict';
// The figures of a study.

const curveCells = [...new Set(Object.values(data.curves).flatMap(curves => Array.isArray(curves) ? curves.map(curve => curve.cell) : []))].sort((a, b) => a - b);
const cellStyle = new Map(curveCells.map((cell, place) => [cell, styleOf(place)]));

function axisName(key) {
  return key.endsWith('.rate') || key === 'lora.dropout' ? key + ' (probability of a drop)' : key;
}

function cellLabel(cell) {
  return (cell + 1) + ' ' + data.cells[cell].name;
}

/** Of 200 cells the 40 that are drawn, in words. */
function choiceInWords(drawn) {
  const finished = data.cells.filter(cell => cell.median !== null).length;
  if (drawn >= finished) return '';
  const reference = data.compare_to === null ? '' : ' and the one that is compared to';
  return 'Drawn are the ' + drawn + ' of ' + finished + ' cells with the best medians' + reference + '; the tables have all.';
}

function valuesOf(cell) {
  return data.trials.filter(trial => trial.cell === cell && trial.state === 'done' && typeof trial.metrics[data.metric] === 'number');
}

/** A row of a figure needs room for its name. */
function labelWidth(width) {
  return Math.round(Math.min(300, width * 0.42));
}

function labelLines(cells, width) {
  const letters = Math.floor(labelWidth(width) / 6.2);
  return cells.map(cell => wrapped(cellLabel(cell), letters, 3));
}

function rowHeight(lines) {
  return Math.max(28, ...lines.map(line => line.split('\n').length * 13 + 10));
}

function seedLabel(trial) {
  return trial.fold ? trial.seed + ', fold ' + trial.fold : String(trial.seed);
}

function seedPoints(cells, look) {
  return cells.flatMap((cell, row) => valuesOf(cell).map((trial, i) => ({
    value: [trial.metrics[data.metric], row, seedLabel(trial)], symbolOffset: [0, (i % 3 - 1) * 4],
    itemStyle: {color: cell === data.compare_to ? look.ink : look.colours[0], opacity: 0.65}})));
}

function showSeeds() {
  const cells = data.shown;
  const lines = width => labelLines(cells, width);
  const figure = new Figure({title: data.metric + ' of each seed',
    note: 'A dot is a seed, the bar the median of its cell. ' + choiceInWords(cells.length),
    words: 'For each cell the ' + data.metric + ' of each seed as a dot, and the median as a bar.',
    height: width => cells.length * rowHeight(lines(width)) + 70,
    option: (look, width) => ({
      aria: {enabled: true, label: {description: 'For each cell the ' + data.metric + ' of each seed, and the median.'}},
      grid: {left: labelWidth(width) + 12, right: 18, top: 8, bottom: 46, outerBoundsMode: 'none'},
      tooltip: tooltip(look, one => tip(data.cells[cells[one.value[1]]].name, [[one.value[2] === null ? 'median' : 'seed ' + one.value[2], shown(one.value[0])]])),
      xAxis: xAxis(look, metricTitle(), {type: 'value', scale: true}),
      yAxis: axis(look, '', {type: 'category', inverse: true, data: lines(width), splitLine: {show: true, lineStyle: {color: look.line}},
        axisTick: {show: false}, axisLabel: {color: look.ink, interval: 0, hideOverlap: false, lineHeight: 13, width: labelWidth(width), overflow: 'truncate'}}),
      series: [{type: 'scatter', z: 2, symbol: 'circle', symbolSize: 9, data: seedPoints(cells, look)},
        {type: 'scatter', z: 3, symbol: 'rect', symbolSize: [4, 20], itemStyle: {color: look.colours[1]},
          data: cells.map((cell, row) => [data.cells[cell].median, row, null])}]}),
    table: () => plainTable('Seeds', [{title: 'cell', value: cell => cellLabel(cell), show: cellLabel},
      {title: 'median', value: cell => data.cells[cell].median, numeric: true},
      {title: 'seeds', value: cell => cell, show: cell => valuesOf(cell).map(trial => seedLabel(trial) + ': ' + shown(trial.metrics[data.metric])).join(', ')}], cells)});
  byId('seeds').querySelector('.figures').append(figure.element);
}

/** Keys with numbers, of which the finished cells have more than one. */
function numericKeys() {
  const finished = data.cells.map((_, cell) => cell).filter(cell => data.cells[cell].median !== null);
  const settings = finished.map(cell => ({cell, settings: data.trials.find(trial => trial.cell === cell).settings}));
  return varied.map(key => ({key, cells: settings.filter(one => typeof one.settings[key] === 'number')}))
    .filter(({key, cells}) => new Set(cells.map(one => one.settings[key])).size > 1)
    .filter(({key}) => settings.every(one => ['number', 'undefined'].includes(typeof one.settings[key])));
}

/** A line for each scheme, or for each combination of settings that are words while those are few. */
function groupedBy(cells) {
  const worded = varied.filter(key => cells.some(({settings}) => settings[key] !== undefined && typeof settings[key] !== 'number'));
  const named = keys => one => keys.map(key => settingText(one.settings[key])).filter(Boolean).join(', ') || 'all cells';
  const scheme = worded.includes('dropout.scheme') ? ['dropout.scheme'] : worded.slice(0, 1);
  const many = new Set(cells.map(named(worded))).size > 8;
  return named(many ? scheme : worded);
}

const groupNames = [];

/** The same in every figure. */
function groupStyle(name) {
  if (!groupNames.includes(name)) groupNames.push(name);
  return styleOf(groupNames.indexOf(name));
}

function betterFirst(a, b) {
  return (data.higher_is_better ? -1 : 1) * (data.cells[a.cell].median - data.cells[b.cell].median);
}

function extremes(cell) {
  const values = valuesOf(cell).map(trial => trial.metrics[data.metric]);
  return [Math.min(...values), Math.max(...values)];
}

/** The line of one group: at each value through the best of its cells, and dots for the others. */
function keyLine(key, name, style, cells, joined) {
  const byValue = new Map();
  for (const one of cells) byValue.set(one.settings[key], [...(byValue.get(one.settings[key]) || []), one]);
  const values = [...byValue.keys()].sort((a, b) => a - b);
  const best = values.map(value => [value, byValue.get(value).sort(betterFirst)[0].cell]);
  if (!joined) return {name, style, points: [], dots: cells.map(one => [one.settings[key], data.cells[one.cell].median])};
  return {name, style, points: best.map(([value, cell]) => [value, data.cells[cell].median]),
    band: best.map(([value, cell]) => [value, ...extremes(cell)]),
    dots: values.flatMap(value => byValue.get(value).slice(1).map(one => [value, data.cells[one.cell].median]))};
}

function keyFigure({key, cells}) {
  const values = [...new Set(cells.map(one => one.settings[key]))].sort((a, b) => a - b);
  const group = groupedBy(cells);
  const names = [...new Set(cells.map(group))];
  const joined = values.length <= 12;
  const series = names.map(name => keyLine(key, name, groupStyle(name), cells.filter(one => group(one) === name), joined));
  const reference = data.compare_to;
  const outside = reference !== null && data.cells[reference].median !== null && !cells.some(one => one.cell === reference);
  return lineFigure({title: data.metric + ' by ' + key, words: 'The median ' + data.metric + ' at each value of ' + key + ', a line for each scheme.',
    note: joined ? '' : 'There are too many values for lines: each dot is the median of a cell.',
    x: {name: axisName(key), values, logarithmic: values[0] > 0 && values[values.length - 1] / values[0] >= 10},
    yName: 'median ' + metricTitle(), series,
    level: outside ? {name: data.cells[reference].name, x: values[0], value: data.cells[reference].median} : null});
}

function showKeys() {
  const keys = numericKeys();
  if (keys.length) show('keys').querySelector('.figures').append(...keys.map(one => keyFigure(one).element));
}

function showShares() {
  if (!data.shares.length) return;
  const shares = [...data.shares].sort((a, b) => b.share - a.share);
  const figure = new Figure({title: 'Shares of the spread of ' + data.metric, words: 'A bar for each axis: its share of the spread in percent.',
    height: () => shares.length * 34 + 60,
    option: (look, width) => ({aria: {enabled: true}, grid: {left: labelWidth(width) + 12, right: 48, top: 4, bottom: 44, outerBoundsMode: 'none'},
      xAxis: xAxis(look, 'share of the sum of squares (%)', {type: 'value', min: 0, max: 100}),
      yAxis: axis(look, '', {type: 'category', inverse: true, data: shares.map(one => one.axis), axisTick: {show: false},
        axisLabel: {color: look.ink, interval: 0, width: labelWidth(width), overflow: 'truncate'}}),
      series: [{type: 'bar', barMaxWidth: 18, itemStyle: {color: look.colours[0]}, data: shares.map(one => 100 * one.share),
        label: {show: true, position: 'right', color: look.ink, formatter: one => one.value.toFixed(1) + '%'}}]}),
    table: () => plainTable('Shares', [{title: 'axis', value: one => one.axis},
      {title: 'share (%)', value: one => 100 * one.share, show: one => (100 * one.share).toFixed(1), numeric: true}], shares)});
  show('shares').querySelector('.figures').append(figure.element);
}

function curveFigure(title, yName, curves, legend) {
  if (!curves.length) return null;
  const series = curves.map(curve => ({name: data.cells[curve.cell].name, style: cellStyle.get(curve.cell),
    points: curve.x.map((x, i) => [x, curve.y[i]])}));
  return lineFigure({title, words: title + ' against the epoch, a line for each cell.', x: {name: 'epoch', fromZero: true}, yName, series, legend});
}

function showEpochs() {
  const curves = data.curves;
  const legend = new Legend(curveCells.map(cell => ({name: data.cells[cell].name, style: cellStyle.get(cell)})));
  const made = [curveFigure('Training loss', 'loss on the labels (mean since the point before)', curves.loss, legend),
    curveFigure('Consistency loss', 'loss between the two passes', curves.consistency, legend),
    curveFigure(data.metric, metricTitle(), curves.metric, legend)].filter(Boolean);
  if (!made.length) return;
  show('epochs').querySelector('.figures').before(legend.element);
  byId('epochs').querySelector('.figures').append(...made.map(figure => figure.element));
  const damaged = curves.damaged ? counted(curves.damaged, 'damaged line') + ' of metrics.jsonl ' + (curves.damaged > 1 ? 'were' : 'was') + ' skipped. ' : '';
  byId('epochs-note').textContent = 'A line is the mean over the finished seeds of a cell that have got so far. ' + damaged + choiceInWords(curveCells.length);
}
