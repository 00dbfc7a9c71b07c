'use strict';
// What stands on a page is made here. Every text goes in as text, never as markup.

const data = JSON.parse(document.getElementById('data').textContent);

/** An element with attributes and children, which are elements or texts. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

/** A name that may be broken behind its commas alone. */
function brokenName(name) {
  return name.split(/(?<=,)/).flatMap((part, i) => i ? [element('wbr'), part] : [part]);
}

function byId(id) {
  return document.getElementById(id);
}

/** Shows a section, which is hidden as long as there is nothing to show in it. */
function show(id) {
  byId(id).hidden = false;
  return byId(id);
}

/** "0.8211", "1.0e-4", "12345": four digits after the point where the number is about 1. */
function shown(value) {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1000) return value.toFixed(0);
  if (size >= 100) return value.toFixed(1);
  if (size >= 10) return value.toFixed(2);
  return size >= 0.001 ? value.toFixed(4) : value.toPrecision(3);
}

/** Of differences: "+0.0176", "-0.0009". */
function signed(value) {
  if (typeof value !== 'number') return '';
  const size = Math.abs(value);
  const text = size > 0.00005 && size < 1 ? value.toFixed(4) : shown(value);
  return value > 0 ? '+' + text : text;
}

/** "0.031", and "< 0.001" below that. */
function shownP(value) {
  if (value === null || value === undefined) return '';
  return value < 0.001 ? '< 0.001' : value.toFixed(3);
}

/** A setting as the config has it: 0.05, true, dropkey, [query,value]. */
function settingText(value) {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function duration(seconds) {
  if (seconds === undefined || seconds === null) return '';
  if (seconds < 60) return seconds.toFixed(1) + ' s';
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return minutes + ' min';
  return Math.floor(minutes / 60) + ' h ' + String(minutes % 60).padStart(2, '0') + ' min';
}

function gibibytes(bytes) {
  return bytes === undefined || bytes === null ? '' : (bytes / 2 ** 30).toFixed(2);
}

/** "1 trial", "2 trials". */
function counted(number, word) {
  return number + ' ' + word + (number === 1 ? '' : 's');
}

/** Dotted keys of nested sections. */
function flattened(value, prefix = '') {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [[prefix, value]];
  return Object.entries(value).flatMap(([key, below]) => flattened(below, prefix ? prefix + '.' + key : key));
}

/** A link to what lies below the folder of the page; each part of the path is a name, whatever it looks like. */
function linkTo(path, ...children) {
  return element('a', {href: './' + path.split('/').map(encodeURIComponent).join('/')}, ...children);
}
