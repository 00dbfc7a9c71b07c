'use strict';
// Figures: how they look, when they are drawn, and the table that each has beside it.

// Okabe and Ito's colours, which the colour-blind can tell apart; page.css has the same for the legends. Lines differ by
// their dashes and symbols as well.
const kSymbols = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'roundRect', 'arrow'];
const kDashes = ['solid', 'dashed', 'dotted'];
const kThemes = {
  light: {ink: '#1c1f24', soft: '#5a616b', line: '#d9dde3', back: '#ffffff',
    colours: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f'],
    steps: ['#08306b', '#2171b5', '#6baed6', '#c6dbef', '#eef1f5']},
  dark: {ink: '#e8eaed', soft: '#a5acb6', line: '#3a4048', back: '#16191d',
    colours: ['#56b4e9', '#e69f00', '#00b886', '#cc79a7', '#f0e442', '#e8722a', '#a0a0a0'],
    steps: ['#c6e2ff', '#6db3f2', '#2f7fc1', '#1d4f7c', '#252b33']},
};
const kPrintedWidth = 660;

const figures = [];
let printing = false;

function theme() {
  return !printing && matchMedia('(prefers-color-scheme: dark)').matches ? kThemes.dark : kThemes.light;
}

/** The look of the number-th of several lines; its colour is that place in a theme's. */
function styleOf(number) {
  return {colour: number % kSymbols.length, symbol: kSymbols[number % kSymbols.length],
    dash: kDashes[Math.floor(number / kSymbols.length) % kDashes.length]};
}

/** What all axes have in common; `more` is the axis' own. */
function axis(look, name, more = {}) {
  const {axisLabel, ...others} = more;
  return {name, nameTextStyle: {color: look.ink, fontSize: 12}, axisLine: {show: true, lineStyle: {color: look.soft}},
    axisTick: {lineStyle: {color: look.soft}}, splitLine: {lineStyle: {color: look.line}}, minorTick: {show: false},
    axisLabel: {color: look.soft, fontSize: 11, hideOverlap: true, ...axisLabel}, ...others};
}

function xAxis(look, name, more) {
  return axis(look, name, {nameLocation: 'middle', nameGap: 26, ...more});
}

/** Its name stands above it, where there is room for words. */
function yAxis(look, name, more) {
  return axis(look, name, {nameLocation: 'end', nameGap: 12, nameTextStyle: {color: look.ink, fontSize: 12, align: 'left', padding: [0, 0, 0, -34]}, ...more});
}

function tooltip(look, formatter, more = {}) {
  return {confine: true, formatter, backgroundColor: look.back, borderColor: look.line,
    textStyle: {color: look.ink, fontSize: 12}, ...more};
}

/** Lines of a tooltip as an element: ECharts would take a string for markup. */
function tip(title, lines) {
  return element('div', {class: 'tip'}, element('strong', {}, title),
    ...lines.map(([name, value, colour]) => element('div', {},
      colour ? element('span', {class: 'dot', style: 'background:' + colour}) : null, name + ': ' + value)));
}

class Figure {
  /**
   * `option(look, width)` gives ECharts' option, `height(width)` the height in pixels, `table()` the same numbers as an
   * element, and `controls` are elements between the title and the drawing. `words` say what is drawn, for those who
   * cannot see it.
   */
  constructor({title, note, words, option, height, table, controls = []}) {
    Object.assign(this, {option, height: height || (() => 300), words});
    this.place = element('div', {class: 'drawing', role: 'img', 'aria-label': words || title});
    const numbers = element('details', {}, element('summary', {}, 'The numbers as a table'));
    numbers.addEventListener('toggle', () => {
      if (numbers.open && numbers.children.length === 1) numbers.append(table());
    });
    this.element = element('figure', {}, element('figcaption', {}, element('h3', {}, title),
      note ? element('p', {class: 'note'}, note) : null), ...controls, this.place, numbers);
    this.table = () => numbers.replaceChildren(numbers.firstChild, ...(numbers.open ? [table()] : []));
    figures.push(this);
  }

  draw() {
    const width = printing ? Math.min(kPrintedWidth, this.element.clientWidth || kPrintedWidth) : this.place.parentElement.clientWidth;
    const height = this.height(width);
    this.place.style.height = height + 'px';
    if (!this.chart) {
      this.chart = echarts.init(this.place, null, {renderer: 'svg', width, height});
      this.chart.on('finished', () => { this.place.dataset.drawn = 'true'; });
    } else {
      this.chart.resize({width, height});
    }
    const common = {animation: false, backgroundColor: 'transparent', textStyle: {color: theme().ink, fontFamily: 'inherit'}};
    this.chart.setOption({...common, ...this.option(theme(), width)}, true);
  }
}

function drawAll() {
  for (const figure of figures) figure.draw();
}

/** Once the page is laid out, and again whenever its width, its colours or its medium change. */
function startDrawing() {
  drawAll();
  let width = document.documentElement.clientWidth;
  addEventListener('resize', () => {
    if (printing || width === document.documentElement.clientWidth) return;
    width = document.documentElement.clientWidth;
    drawAll();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  addEventListener('beforeprint', () => { printing = true; drawAll(); });
  addEventListener('afterprint', () => { printing = false; drawAll(); });
  document.documentElement.dataset.ready = 'true';
}

/** A line of at most so many lines of text, with what is left out marked. */
function wrapped(text, width, most) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line && line.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = line ? line + ' ' + word : word;
  }
  const cut = lines.map(line => line.length > width ? line.slice(0, width - 1) + '…' : line);
  return cut.length <= most ? cut.join('\n') : cut.slice(0, most).join('\n').slice(0, -1) + '…';
}
