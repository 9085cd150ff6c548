// What the tests of the report ask the page in a browser. Each function gives a list of what is wrong.

function seen(e) {
	return e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
}

function luminance([r, g, b]) {
	const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
}

// rgb is a colour with its opacity.
function rgb(colour) {
	const c = colour.match(/[\d.]+/g).map(Number);
	return [c.slice(0, 3), c.length > 3 ? c[3] : 1];
}

const backgrounds = new Map();

function behind(e) {
	if (!e) return [255, 255, 255];
	if (!backgrounds.has(e)) {
		const [colour, opacity] = rgb(getComputedStyle(e).backgroundColor);
		backgrounds.set(e, opacity > 0 ? colour : behind(e.parentElement));
	}
	return backgrounds.get(e);
}

function lowContrast() {
	const faults = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let texts = 0;
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.parentElement;
		if (!n.data.trim() || !seen(e) || e.closest('style, title, desc')) continue;
		texts++;
		const style = getComputedStyle(e);
		const [front] = rgb(e instanceof SVGElement ? style.fill : style.color);
		const [x, y] = [luminance(front), luminance(behind(e))].sort((a, b) => b - a);
		const ratio = (x + 0.05) / (y + 0.05);
		if (ratio < 4.5) faults.push(n.data.trim().slice(0, 40) + ' has a contrast of ' + ratio.toFixed(2));
	}
	if (texts < 300) faults.push('only ' + texts + ' texts');
	return faults;
}

function overflow() {
	const width = document.documentElement.clientWidth;
	const faults = [];
	if (document.documentElement.scrollWidth > width) faults.push('the page is ' + document.documentElement.scrollWidth + ' px wide in a window of ' + width);
	for (const e of document.body.querySelectorAll('*')) {
		if (!seen(e) || e.closest('.skip, svg *, .assumptions thead') || e.parentElement.closest('.scroll')) continue;
		const box = e.getBoundingClientRect();
		if (box.right > width + 1 || box.left < -1) faults.push(e.tagName + ' ' + e.className + ' ' + e.textContent.trim().slice(0, 30) + ' reaches from ' + box.left + ' to ' + box.right + ' of ' + width);
	}
	return faults.slice(0, 5);
}

function charts() {
	const faults = [];
	const figures = [...document.querySelectorAll('figure')];
	if (figures.length < 8) faults.push('only ' + figures.length + ' figures');
	for (const f of figures) {
		const shown = [...f.querySelectorAll('svg')].filter(seen);
		if (shown.length !== 1) {
			faults.push(f.id + ' shows ' + shown.length + ' charts');
			continue;
		}
		const svg = shown[0], box = svg.getBoundingClientRect();
		const names = (svg.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id)?.textContent.trim() || '');
		if (svg.getAttribute('role') !== 'img' || names.length !== 2 || names.some(n => n.length < 10)) faults.push(f.id + ' is named ' + JSON.stringify(names));
		if (!svg.querySelector('title') || !svg.querySelector('desc')) faults.push(f.id + ' has no title or no description');
		if (box.width < 250 || box.height < 100 || svg.querySelectorAll('path').length < 8 || svg.querySelectorAll('text').length < 5) faults.push(f.id + ' is nearly empty');
		if (!f.querySelector('details table tbody tr')) faults.push(f.id + ' has no table');
	}
	return faults;
}

// overlaps looks at the labels of charts: on top of each other, outside of the chart, or too small.
function overlaps() {
	const faults = [];
	for (const svg of [...document.querySelectorAll('figure svg')].filter(seen)) {
		const frame = svg.getBoundingClientRect();
		const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
		const scale = frame.width / svg.viewBox.baseVal.width;
		if (12 * scale < 9.5) faults.push(svg.closest('figure').id + ' has type of ' + (12 * scale).toFixed(1) + ' px');
		boxes.forEach(([text, a], i) => {
			if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.top < frame.top - 1 || a.bottom > frame.bottom + 1) faults.push(svg.closest('figure').id + ': ' + text + ' is outside');
			for (const [other, b] of boxes.slice(i + 1)) {
				if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) faults.push(svg.closest('figure').id + ': ' + text + ' is on top of ' + other);
			}
		});
	}
	return faults.slice(0, 8);
}

function structure() {
	const faults = [];
	if (!document.documentElement.lang) faults.push('no language');
	if (document.querySelectorAll('h1').length !== 1 || document.querySelectorAll('main').length !== 1) faults.push('expected one h1 and one main');
	let last = 0;
	for (const h of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
		const level = Number(h.tagName[1]);
		if (level > last + 1) faults.push(h.textContent + ' is a heading of level ' + level + ' after one of ' + last);
		last = level;
	}
	const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
	ids.forEach((id, i) => { if (ids.indexOf(id) !== i) faults.push('two elements are named ' + id); });
	for (const e of document.querySelectorAll('[aria-labelledby]')) {
		for (const id of e.getAttribute('aria-labelledby').split(' ')) if (!ids.includes(id)) faults.push(e.tagName + ' is labelled by ' + id + ', which is not there');
	}
	for (const a of document.querySelectorAll('a[href^="#"]')) if (!ids.includes(a.getAttribute('href').slice(1))) faults.push('a link leads to ' + a.getAttribute('href'));
	for (const t of document.querySelectorAll('table')) if (!t.querySelector('thead th[scope=col]') || [...t.tBodies[0].rows].some(r => r.cells[0].scope !== 'row')) faults.push('a table without heads');
	return faults;
}

function interactive() {
	return [...document.querySelectorAll('a[href], summary, [tabindex="0"]')].filter(seen);
}

// focusFault says what is wrong with the focus that should be on an element; empty if nothing is.
function focusFault(want) {
	const e = document.activeElement, style = getComputedStyle(e);
	if (e !== want) return 'the focus is on ' + e.tagName + ' ' + e.textContent.trim().slice(0, 30) + ', not on ' + want.tagName + ' ' + want.textContent.trim().slice(0, 30);
	if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return 'no outline shows the focus on ' + e.textContent.trim().slice(0, 30);
	const box = e.getBoundingClientRect();
	return box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth ? '' : 'the focus on ' + e.textContent.trim().slice(0, 30) + ' is out of sight';
}

function paper() {
	const faults = [];
	for (const e of document.querySelectorAll('nav, .skip, .files')) if (seen(e)) faults.push(e.className + ' ' + e.tagName + ' is printed');
	for (const e of document.querySelectorAll('details table')) if (!seen(e) || e.getBoundingClientRect().height < 20) faults.push('a table is not printed');
	if (luminance(rgb(getComputedStyle(document.documentElement).backgroundColor)[0]) < 0.9) faults.push('paper is dark');
	for (const svg of document.querySelectorAll('svg.narrow')) if (seen(svg)) faults.push('a chart for a phone is printed');
	return faults.slice(0, 8);
}
