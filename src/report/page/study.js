'use strict';
// The page of a study: its tables and sections.

const varied = [...new Set(data.trials.flatMap(trial => Object.keys(trial.settings)))];
const metricNames = [...new Set([data.metric, ...data.trials.flatMap(trial => Object.keys(trial.metrics))])];
const stateSigns = {done: '✓', failed: '✗', stopped: '■', paused: '‖', running: '▶', waiting: '…'};

function metricTitle() {
  return data.metric + ' (' + (data.higher_is_better ? 'higher' : 'lower') + ' is better)';
}

function stateCell(trial) {
  return element('span', {class: 'state ' + trial.state}, stateSigns[trial.state] + ' ' + trial.state);
}

function trialLink(trial) {
  const name = element('span', {class: 'name'}, ...brokenName(trial.name));
  return trial.folder ? linkTo(trial.folder + (trial.page ? '/report.html' : '/'), name) : name;
}

function showFacts() {
  document.title = data.name + ': ' + data.metric;
  byId('title').textContent = data.name;
  const states = ['done', 'failed', 'stopped', 'paused', 'running', 'waiting']
    .map(state => [state, data.trials.filter(trial => trial.state === state).length]).filter(([, count]) => count > 0)
    .map(([state, count]) => count + ' ' + state);
  const sign = data.higher_is_better ? 1 : -1;
  const best = data.cells.filter(cell => cell.median !== null).sort((a, b) => sign * (b.median - a.median))[0];
  byId('facts').replaceChildren(counted(data.trials.length, 'trial') + ' in ' + counted(data.cells.length, 'cell') + ': ' + states.join(', ') +
    '. Compared by ' + metricTitle() + '. Best median: ', element('strong', {}, best.name),
    ' with ' + shown(best.median) + ' (n = ' + best.done + ').');
}

function showFailures() {
  const failed = data.trials.filter(trial => trial.state === 'failed' || trial.error);
  if (!failed.length) return;
  show('failed').append(plainTable('Trials that failed', [
    {title: 'trial', value: trial => trial.name, show: trialLink},
    {title: 'error', value: trial => trial.error, show: trial => element('span', {class: 'error'}, trial.error || 'none was recorded')},
  ], failed));
}

const hasFolds = data.trials.some(trial => trial.fold);

function comparisonColumns() {
  const interval = cell => cell.low === undefined ? '' : '[' + signed(cell.low) + ', ' + signed(cell.high) + ']';
  return [
    {title: 'difference', value: cell => cell.difference, show: cell => signed(cell.difference), numeric: true},
    {title: '95% interval', value: cell => cell.low, show: interval, numeric: true},
    ...[['p (t)', 't'], ['p (t), Holm', 't_holm'], ['p (rank)', 'rank'], ['p (rank), Holm', 'rank_holm'],
      ['p (examples)', 'example'], ['p (examples), Holm', 'example_holm']]
      .filter(([, name]) => data.cells.some(cell => typeof cell[name] === 'number'))
      .map(([title, name]) => ({title, value: cell => cell[name], show: cell => shownP(cell[name]), numeric: true})),
  ];
}

function showSummary() {
  const compares = data.cells.some(cell => cell.difference !== undefined);
  const number = title => ({title, value: cell => cell[title], numeric: true});
  const cells = data.cells.map((cell, i) => ({...cell, number: i + 1}));
  const table = new SortedTable('Cells', [
    {title: '#', value: cell => cell.number, numeric: true},
    {title: 'cell', value: cell => cell.name, show: cell => element('span', {class: 'name'}, cell.name)},
    {title: 'n', value: cell => cell.done, show: cell => cell.done < cell.trials ? cell.done + ' of ' + cell.trials : String(cell.done), numeric: true},
    number('median'), number('mean'), number('sd'), number('best'), ...(compares ? comparisonColumns() : []),
  ], cells);
  const elements = table.elements();
  byId('summary').append(...(cells.length > 12 ? elements : elements.slice(1, 2)));
  byId('summary-note').textContent = 'The metric is ' + metricTitle() + ', of the best checkpoint where one is kept. n: trials that have finished; sd: of a sample. ' +
    (compares ? 'Differences are to ' + data.cells[data.compare_to].name + ', paired by seed' + (hasFolds ? ' and fold' : '') + '; Holm: corrected over the cells of the table.' : '');
}

function showTrials() {
  const number = (title, value, show) => ({title, value, show, numeric: true});
  const table = new SortedTable('Trials', [
    {title: 'trial', value: trial => trial.name, show: trialLink},
    number('cell', trial => trial.cell + 1),
    number('seed', trial => trial.seed),
    ...(hasFolds ? [number('fold', trial => trial.fold)] : []),
    {title: 'state', value: trial => trial.state, show: stateCell},
    ...varied.map(key => ({title: key, value: trial => trial.settings[key], show: trial => settingText(trial.settings[key]),
      numeric: data.trials.every(trial => ['number', 'undefined'].includes(typeof trial.settings[key]))})),
    ...metricNames.map(name => number(name, trial => trial.metrics[name])),
    number('time', trial => trial.seconds, trial => duration(trial.seconds)),
    number('tokens/s', trial => trial.tokens_per_second, trial => shown(Math.round(trial.tokens_per_second) || null)),
    number('memory (GiB)', trial => trial.peak_memory_bytes, trial => gibibytes(trial.peak_memory_bytes)),
    {title: 'error', value: trial => trial.error, show: trial => element('span', {class: 'error'}, trial.error || '')},
  ], data.trials);
  byId('trials').append(...table.elements());
}

function showSettings() {
  const common = flattened(data.config).filter(([key]) => key && !varied.includes(key));
  if (!common.length) {
    byId('settings').hidden = true;
    return;
  }
  byId('settings').append(plainTable('Settings', [
    {title: 'key', value: row => row[0], show: row => row[0]},
    {title: 'value', value: row => settingText(row[1]), show: row => settingText(row[1])},
  ], common));
}

function showContents() {
  for (const section of document.querySelectorAll('main > section')) {
    if (!section.hidden) byId('contents').append(element('a', {href: '#' + section.id}, section.querySelector('h2').textContent));
  }
}

showFacts();
showFailures();
showSummary();
showSeeds();
showKeys();
showShares();
showEpochs();
showPairs();
showTrials();
showSettings();
showContents();
startDrawing();
