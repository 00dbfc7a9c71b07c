'use strict';
// The figures of one run, or of several side by side.

const several = data.runs.length > 1;
let across = 'step';

/** Whether every run tells how many steps an epoch has. */
const hasEpochs = data.runs.every(run => run.steps_per_epoch > 0);

function pointsOf(run, curve) {
  const divisor = across === 'epoch' ? run.steps_per_epoch : 1;
  return curve.x.map((x, i) => [x / divisor, curve.y[i]]);
}

/** The name of a line: what it shows, of which run. */
function lineName(run, what) {
  return several ? run.name + (what ? ': ' + what : '') : what;
}

/**
 * The lines of one figure. `kinds` are [name, choose], where `choose(run)` gives the curve of that kind or nothing. Runs
 * differ by their colours, and the kinds of one run by their dashes; of a single run the kinds differ by colours.
 */
function runLines(kinds) {
  const there = kinds.filter(([, choose]) => data.runs.some(run => choose(run)));
  return data.runs.flatMap((run, i) => there.map(([what, choose], k) => {
    const curve = choose(run);
    if (!curve) return null;
    const style = {...styleOf(several ? i : k), ...(several ? {dash: kDashes[k % kDashes.length]} : {})};
    return {name: lineName(run, there.length > 1 || !several ? what : ''), style, curve, run};
  })).filter(Boolean);
}

function courseFigure(title, yName, kinds) {
  const lines = runLines(kinds);
  if (!lines.length) return null;
  return lineFigure({title, yName, words: title + ' against the step or the epoch' + (lines.length > 1 ? ', ' + lines.length + ' lines.' : '.'),
    x: () => ({name: across, fromZero: true}), series: () => lines.map(line => ({...line, points: pointsOf(line.run, line.curve)})),
    legend: lines.length === 1 ? new Legend([]) : null});
}

function training(name) {
  return run => run.training.find(curve => curve.name === name);
}

function evaluation(name) {
  return run => run.evaluation.find(curve => curve.name === name);
}

/** "dev_mismatched" of "dev_mismatched/accuracy", and of "accuracy" nothing. */
function splitOf(name) {
  return name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : '';
}

function evaluatedKinds(metric) {
  const names = [...new Set(data.runs.flatMap(run => run.evaluation.map(curve => curve.name)))];
  return names.filter(name => name.split('/').pop() === metric)
    .map(name => [splitOf(name) || 'evaluation', evaluation(name)]);
}

function evaluatedMetrics() {
  return [...new Set(data.runs.flatMap(run => run.evaluation.map(curve => curve.name.split('/').pop())))].filter(name => name !== 'loss');
}

function showCourse() {
  const figures = [
    courseFigure('Loss', 'loss', [['training', training('loss')], ['training, on the labels', run => training('consistency')(run) && training('ce')(run)],
      ...evaluatedKinds('loss')]),
    courseFigure('Consistency loss', 'loss between the two passes', [['training', training('consistency')]]),
    ...evaluatedMetrics().map(metric => courseFigure(metric, metric, evaluatedKinds(metric))),
    courseFigure('Learning rate', 'learning rate', [['training', training('lr')]]),
    courseFigure('Gradient norm', 'norm of the gradient before it is clipped', [['training', training('grad_norm')]]),
    courseFigure('Throughput', 'tokens per second', [['training', training('tokens_per_second')]]),
  ].filter(Boolean);
  byId('curves').querySelector('.figures').append(...figures.map(figure => figure.element));
  const damaged = data.runs.reduce((sum, run) => sum + run.damaged, 0);
  byId('curves-note').textContent = 'Numbers of training are means since the point before. ' +
    (damaged ? counted(damaged, 'damaged line') + ' of metrics.jsonl ' + (damaged > 1 ? 'were' : 'was') + ' skipped.' : '');
  byId('across').parentElement.hidden = !hasEpochs;
  byId('across').addEventListener('change', () => {
    across = byId('across').value;
    drawAll();
    figures.forEach(figure => figure.table());
  });
}

function titleOf(run, predictions) {
  return (several ? run.name + ', ' : '') + predictions.split;
}

function confusionPoints(look, {labels, counts}, size) {
  const totals = labels.map((_, row) => counts.filter(([label]) => label === row).reduce((sum, one) => sum + one[2], 0));
  return counts.map(([row, column, count]) => {
    const share = count / totals[row];
    const step = share >= 0.8 ? 0 : share >= 0.5 ? 1 : share >= 0.2 ? 2 : share >= 0.05 ? 3 : 4;
    return {value: [column, row, count, share], itemStyle: {color: look.steps[step]},
      label: {show: size >= 28, formatter: String(count), color: step < 2 ? look.back : look.ink}};
  });
}

function confusionFigure(run, predictions) {
  const {labels, counts} = predictions;
  const number = labels.length;
  const letters = Math.min(18, Math.max(...labels.map(label => label.length)));
  const room = 40 + letters * 7;
  const sizeFor = width => Math.max(4, Math.min(64, (width - room - 12) / number));
  const names = labels.map(label => wrapped(label, letters, 1));
  const correct = counts.filter(([label, prediction]) => label === prediction).reduce((sum, one) => sum + one[2], 0);
  const all = counts.reduce((sum, one) => sum + one[2], 0);
  return new Figure({title: 'Confusion matrix: ' + titleOf(run, predictions), note: correct + ' of ' + all + ' are right.' + (predictions.damaged ? ' ' + counted(predictions.damaged, 'damaged line') + ' skipped.' : ''),
    words: 'How often each label was taken for each: a table of ' + number + ' by ' + number + ' counts.',
    height: width => sizeFor(width) * 0.75 * number + 44 + (number > 6 ? letters * 6 : 0),
    option: (look, width) => {
      const size = sizeFor(width);
      const label = {color: look.ink, interval: Math.ceil(16 / size) - 1, hideOverlap: false};
      return {aria: {enabled: true}, tooltip: tooltip(look, one => tip(labels[one.value[1]] + ' taken for ' + labels[one.value[0]],
        [['examples', one.value[2]], ['share of the label', (100 * one.value[3]).toFixed(1) + '%']])),
      grid: {left: room, top: 8, width: size * number, height: size * 0.75 * number, outerBoundsMode: 'none'},
      xAxis: axis(look, 'predicted', {type: 'category', data: names, nameLocation: 'middle', nameGap: number > 6 ? letters * 6 + 14 : 26,
        axisTick: {show: false}, splitLine: {show: false}, axisLabel: {...label, rotate: number > 6 ? 90 : 0}}),
      yAxis: axis(look, 'label', {type: 'category', inverse: true, data: names, nameLocation: 'middle', nameGap: room - 18, axisTick: {show: false},
        splitLine: {show: false}, axisLabel: label}),
      series: [{type: 'heatmap', data: confusionPoints(look, predictions, size), itemStyle: {borderColor: look.back, borderWidth: 1}}]};
    },
    table: () => plainTable('Confusion matrix', [{title: 'label', value: one => labels[one[0]]}, {title: 'predicted', value: one => labels[one[1]]},
      {title: 'examples', value: one => one[2], numeric: true}], counts)});
}

function scatterFigure(run, predictions) {
  const {pairs, examples} = predictions;
  const all = pairs.flat();
  const [low, high] = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all))];
  return new Figure({title: 'Predicted against true: ' + titleOf(run, predictions),
    note: pairs.length < examples ? 'Drawn are ' + pairs.length + ' of ' + examples + ' examples, evenly chosen.' : '',
    words: 'A dot for each example: its label across, its prediction up.', height: width => Math.min(width, 420),
    option: look => ({aria: {enabled: true}, grid: {left: 12, right: 18, top: 14, bottom: 12, outerBoundsMode: 'same', outerBoundsContain: 'all'},
      tooltip: tooltip(look, one => tip('Example', [['label', shown(one.value[0])], ['predicted', shown(one.value[1])]])),
      xAxis: xAxis(look, 'label', {type: 'value', min: low, max: high}), yAxis: yAxis(look, 'predicted', {type: 'value', min: low, max: high}),
      series: [{type: 'scatter', symbolSize: 6, itemStyle: {color: look.colours[0], opacity: 0.45}, data: pairs},
        {type: 'line', silent: true, showSymbol: false, lineStyle: {color: look.soft, type: 'dashed', width: 1.5}, data: [[low, low], [high, high]]}]}),
    table: () => plainTable('Predicted against true', [{title: 'label', value: one => one[0], numeric: true}, {title: 'predicted', value: one => one[1], numeric: true}], pairs)});
}

function showPredictions() {
  for (const run of data.runs) {
    for (const predictions of run.predictions) {
      const matrix = predictions.labels !== undefined;
      if (!(matrix ? predictions.counts : predictions.pairs).length) continue;
      const figure = matrix ? confusionFigure(run, predictions) : scatterFigure(run, predictions);
      show(matrix ? 'confusions' : 'scatters').querySelector('.figures').append(figure.element);
    }
  }
}
