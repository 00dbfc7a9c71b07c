'use strict';
// The heat map of p-values between each two cells of a study.

const kSteps = [[0.001, 'p < 0.001'], [0.01, 'p < 0.01'], [0.05, 'p < 0.05'], [0.1, 'p < 0.1'], [Infinity, 'p ≥ 0.1']];
const kTests = [['t', 'Paired t-test'], ['t_holm', "Paired t-test, Holm's correction"],
  ['rank', 'Exact signed-rank test'], ['rank_holm', "Exact signed-rank test, Holm's correction"]];

/** Where the pair of the i-th and the j-th cell, i < j, stands in the lists. */
function pairPlace(i, j) {
  const n = data.shown.length;
  return i * n - i * (i + 1) / 2 + (j - i - 1);
}

function pairValue(name, row, column) {
  if (row === column) return null;
  return data.pairs[name][pairPlace(Math.min(row, column), Math.max(row, column))];
}

function rowMinusColumn(row, column) {
  const difference = pairValue('difference', row, column);
  return difference === null ? null : row < column ? difference : -difference;
}

function stepOf(p) {
  return kSteps.findIndex(([limit]) => p < limit);
}

/** "<.001", ".034", ".24", "1". */
function pInCell(p) {
  return p < 0.001 ? '<.001' : p.toFixed(p < 0.1 ? 3 : 2).replace(/^0/, '').replace(/^1.00$/, '1');
}

function pairPoints(look, test, size) {
  const places = data.shown.map((_, place) => place);
  return places.flatMap(row => places.filter(column => column !== row).map(column => {
    const p = pairValue(test, row, column);
    if (p === null) return {value: [column, row, -1], itemStyle: {color: 'transparent'}, label: {show: size >= 22, formatter: '–', color: look.soft}};
    const step = stepOf(p);
    return {value: [column, row, p], itemStyle: {color: look.steps[step]},
      label: {show: size >= 32, formatter: () => pInCell(p), color: step < 2 ? look.back : look.ink}};
  }));
}

function pairTip(test) {
  return one => {
    const [column, row] = one.value;
    const p = pairValue(test, row, column);
    return tip(cellLabel(data.shown[row]) + ' against ' + cellLabel(data.shown[column]),
      [['mean difference', signed(rowMinusColumn(row, column))], ['p', p === null ? 'too few seeds in common, or no spread' : shownP(p)]]);
  };
}

/** On a phone there is no room for names; the cells go by their numbers then. */
function pairLayout(width) {
  const names = width >= 560;
  const room = names ? labelWidth(width) + 12 : 30;
  return {names, room, size: Math.min(56, (width - room - 12) / data.shown.length)};
}

function pairOption(look, width, test) {
  const {room, size, names} = pairLayout(width);
  const label = {color: look.ink, interval: 0, hideOverlap: false};
  const every = Math.ceil(18 / size);
  return {aria: {enabled: true}, tooltip: tooltip(look, pairTip(test)),
    grid: {left: room, top: 24, width: size * data.shown.length, height: pairHeight(width) - 30, outerBoundsMode: 'none'},
    xAxis: axis(look, '', {type: 'category', position: 'top', data: data.shown.map(cell => String(cell + 1)), splitLine: {show: false},
      axisTick: {show: false}, axisLabel: {...label, interval: every - 1}}),
    yAxis: axis(look, '', {type: 'category', inverse: true, data: names ? labelLines(data.shown, width) : data.shown.map(cell => String(cell + 1)), splitLine: {show: false}, axisTick: {show: false},
      axisLabel: {...label, interval: names ? 0 : 'auto', lineHeight: 13, width: room - 12, overflow: 'truncate'}}),
    series: [{type: 'heatmap', data: pairPoints(look, test, size), itemStyle: {borderColor: look.back, borderWidth: 1}}]};
}

function pairHeight(width) {
  const {size, names} = pairLayout(width);
  return data.shown.length * (names ? Math.max(size * 0.6, rowHeight(labelLines(data.shown, width))) : size) + 30;
}

function pairTable(test) {
  const rows = data.shown.flatMap((_, row) => data.shown.map((__, column) => [row, column]).filter(([, column]) => column > row));
  return plainTable('p-values', [
    {title: 'cell', value: ([row]) => row, show: ([row]) => cellLabel(data.shown[row])},
    {title: 'against', value: ([, column]) => column, show: ([, column]) => cellLabel(data.shown[column])},
    {title: 'mean difference', value: ([row, column]) => row, show: ([row, column]) => signed(rowMinusColumn(row, column)), numeric: true},
    {title: 'p', value: () => 0, show: ([row, column]) => shownP(pairValue(test, row, column)), numeric: true},
  ], rows);
}

/** What the colours mean, in the colours of the moment. */
function colourScale() {
  const scale = element('div', {class: 'scale'});
  scale.update = () => scale.replaceChildren(...kSteps.map(([, name], i) =>
    element('span', {}, element('i', {style: 'background:' + theme().steps[i]}), name)), element('span', {}, '– no test'));
  return scale;
}

function showPairs() {
  if (data.shown.length < 2 || data.pairs.difference.every(value => value === null)) return;
  let test = 't';
  const choice = element('select', {id: 'test'}, ...kTests.map(([value, title]) => element('option', {value}, title)));
  const named = element('p', {class: 'note'}, kTests[0][1]);
  const scale = colourScale();
  const figure = new Figure({title: 'p-values between cells', note: 'Numbers are those of the table of cells. ' + choiceInWords(data.shown.length),
    words: 'A table of cells against cells, coloured by the p-value of their difference.',
    controls: [element('label', {class: 'choice'}, 'Test: ', choice), named, scale], height: pairHeight,
    option: (look, width) => {
      scale.update();
      return pairOption(look, width, test);
    },
    table: () => pairTable(test)});
  choice.addEventListener('change', () => {
    test = choice.value;
    named.textContent = kTests.find(([value]) => value === test)[1];
    figure.draw();
    figure.table();
  });
  show('pairs').querySelector('.figures').append(figure.element);
}
