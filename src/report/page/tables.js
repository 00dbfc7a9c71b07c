'use strict';
// Tables, which can be sorted by each column and filtered by words.
//
// A column is {title, value, show, numeric}: `value` gives what a row is sorted by, and `show` (by default the value)
// the text or the element that stands in the cell.

const kRowsAtFirst = 100;

function cellOf(column, row) {
  const content = column.show ? column.show(row) : shown(column.value(row));
  return element('td', {class: column.numeric ? 'number' : null}, content === undefined ? '' : content);
}

function rowOf(columns, row) {
  return element('tr', {}, ...columns.map(column => cellOf(column, row)));
}

/** Wide tables are scrolled within themselves, by the keyboard too. */
function scrolled(table, name) {
  return element('div', {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': name}, table);
}

function plainTable(name, columns, rows) {
  const head = columns.map(column => element('th', {scope: 'col', class: column.numeric ? 'number' : null}, column.title));
  return scrolled(element('table', {}, element('caption', {}, name), element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows.map(row => rowOf(columns, row)))), name);
}

/** What is missing comes last, whichever way the others are sorted. */
function compareBy(column, direction) {
  const missing = value => value === null || value === undefined || value === '';
  return (a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    if (missing(left) || missing(right)) return missing(left) - missing(right);
    const order = typeof left === 'number' && typeof right === 'number'
      ? left - right : String(left).localeCompare(String(right), 'en', {numeric: true});
    return direction * order;
  };
}

class SortedTable {
  constructor(name, columns, rows) {
    Object.assign(this, {name, columns, rows, words: [], column: null, direction: 1, most: kRowsAtFirst});
    this.body = element('tbody');
    this.heads = columns.map(column => this.head(column));
    this.count = element('p', {class: 'note', 'aria-live': 'polite'});
    this.more = element('button', {type: 'button', hidden: true}, 'Show all rows');
    this.more.addEventListener('click', () => this.update({most: Infinity}));
    this.update({});
  }

  head(column) {
    const button = element('button', {type: 'button'}, column.title);
    const head = element('th', {scope: 'col', 'aria-sort': 'none', class: column.numeric ? 'number' : null}, button);
    button.addEventListener('click', () =>
      this.update({column, direction: this.column === column ? -this.direction : 1}));
    return head;
  }

  filter() {
    const input = element('input', {type: 'search', placeholder: 'hiddenkey done 0.1', spellcheck: 'false'});
    input.addEventListener('input', () => this.update({words: input.value.toLowerCase().split(/\s+/).filter(Boolean)}));
    return element('label', {class: 'filter'}, 'Rows with these words: ', input);
  }

  text(row) {
    return this.columns.map(column => column.show ? nodeText(column.show(row)) : shown(column.value(row))).join(' ').toLowerCase();
  }

  update(changes) {
    Object.assign(this, changes);
    const found = this.rows.filter(row => this.words.every(word => this.text(row).includes(word)));
    if (this.column) found.sort(compareBy(this.column, this.direction));
    this.body.replaceChildren(...found.slice(0, this.most).map(row => rowOf(this.columns, row)));
    this.heads.forEach((head, i) => head.setAttribute('aria-sort',
      this.columns[i] !== this.column ? 'none' : this.direction > 0 ? 'ascending' : 'descending'));
    const drawn = Math.min(found.length, this.most);
    this.count.textContent = drawn + ' of ' + counted(this.rows.length, 'row') + (this.words.length ? ', filtered' : '');
    this.more.hidden = drawn === found.length;
  }

  elements() {
    const table = element('table', {}, element('caption', {}, this.name),
      element('thead', {}, element('tr', {}, ...this.heads)), this.body);
    return [this.filter(), scrolled(table, this.name), this.count, this.more];
  }
}

function nodeText(content) {
  return content instanceof Node ? content.textContent : String(content ?? '');
}
