'use strict';
// The page of one run, or of several side by side: its tables and sections.

function showFacts() {
  const names = data.runs.map(run => run.name);
  document.title = names.join(', ');
  byId('title').textContent = several ? counted(names.length, 'run') : names[0];
  byId('facts').replaceChildren(...data.runs.map(run => element('span', {class: 'line'}, several ? element('strong', {}, run.name + ': ') : null, factsOf(run))));
}

function factsOf(run) {
  const result = run.result;
  if (!result) return 'The run has not come to its end yet. ' + run.folder;
  const best = result.best && result.metric ? 'Best ' + result.metric + ' ' + shown(result.best[result.metric]) + ' at step ' + result.best.step + '. ' : '';
  return [result.task, result.scheme && 'scheme ' + result.scheme, result.seed !== undefined && 'seed ' + result.seed].filter(Boolean).join(', ') + '. ' + best +
    result.steps + ' steps in ' + duration(result.training_seconds) + ' on ' + result.device + '. ';
}

/** Rows by key, a column for each run. */
function keyTable(name, ofRun, text) {
  const maps = data.runs.map(run => new Map(ofRun(run)));
  const keys = [...new Set(maps.flatMap(map => [...map.keys()]))];
  const differs = key => new Set(maps.map(map => text(map.get(key)))).size > 1;
  const table = (title, rows) => rows.length ? plainTable(title, [{title: 'key', value: key => key, show: key => key},
    ...data.runs.map((run, i) => ({title: several ? run.name : 'value', value: key => maps[i].get(key), show: key => text(maps[i].get(key))}))], rows) : null;
  if (!several) return [table(name, keys)];
  return [element('h3', {}, 'What differs'), table(name + ' that differ', keys.filter(differs)) || element('p', {class: 'note'}, 'Nothing.'),
    element('h3', {}, 'The same in all'), table(name + ' that are the same', keys.filter(key => !differs(key)))].filter(Boolean);
}

function numberText(value) {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : settingText(value ?? '');
}

function showResults() {
  if (data.runs.some(run => run.result)) show('results').append(...keyTable('Results', run => flattened(run.result || {}), numberText));
}

function showSettings() {
  if (data.runs.some(run => Object.keys(run.settings).length)) show('settings').append(...keyTable('Settings', run => Object.entries(run.settings), settingText));
}

function showTexts() {
  const prompts = new Map();
  data.runs.forEach((run, i) => run.generations.forEach(one => {
    const row = prompts.get(one.prompt) || {prompt: one.prompt, references: one.references || [], texts: []};
    row.texts[i] = one.text;
    prompts.set(one.prompt, row);
  }));
  if (!prompts.size) return;
  const text = content => element('pre', {}, content ?? '');
  show('texts').append(plainTable('Texts', [{title: 'prompt', value: row => row.prompt, show: row => text(row.prompt)},
    {title: 'references', value: row => '', show: row => text(row.references.join('\n'))},
    ...data.runs.map((run, i) => ({title: several ? run.name : 'written', value: row => '', show: row => text(row.texts[i])}))], [...prompts.values()]));
}

function showContents() {
  for (const section of document.querySelectorAll('main > section')) {
    if (!section.hidden) byId('contents').append(element('a', {href: '#' + section.id}, section.querySelector('h2').textContent));
  }
}

showFacts();
showCourse();
showPredictions();
showTexts();
showResults();
showSettings();
showContents();
startDrawing();
