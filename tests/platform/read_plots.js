// SPDX-License-Identifier: Apache-2.0
// Put behind a page of `vp report` or `vp sweep`: says in an element `shown` what a browser shows of its
// plots, a line each. Values come from where things are, by the labels of the vertical axis.
const lines = [];
const box = (element) => element.getBoundingClientRect();
const middle = (element) => (box(element).top + box(element).bottom) / 2;

// What is at a height, from the labels of the axis: numbers one above the other that end at one place.
function scaleOf(svg) {
    const columns = new Map();
    for (const text of svg.querySelectorAll('text')) {
        const words = text.textContent.trim();
        if (words === '' || isNaN(words)) continue;
        const right = Math.round(box(text).right);
        columns.set(right, [...(columns.get(right) ?? []), { value: Number(words), y: middle(text) }]);
    }
    const axis = columns.get(Math.min(...[...columns].filter(([, all]) => all.length > 2).map(([x]) => x)));
    const [low, high] = [axis[0], axis[axis.length - 1]];
    return (y) => low.value + ((y - low.y) / (high.y - low.y)) * (high.value - low.value);
}

// What is in the frame, not in the key.
function inFrame(svg) {
    const closed = (path) => path.getAttribute('d').trim().endsWith('Z');
    const frames = [...svg.querySelectorAll('path')].filter(closed).map(box);
    const frame = frames.reduce((a, b) => (a.width * a.height < b.width * b.height ? b : a));
    return (element) => {
        const { left, right, top, bottom, height } = box(element);
        return height > 0 && left > frame.left - 9 && right < frame.right + 9 && top > frame.top - 9 &&
            bottom < frame.bottom + 9;
    };
}

for (const section of document.querySelectorAll('section[id]')) {
    const svg = section.querySelector('svg');
    if (!svg) continue;
    const area = box(svg);
    const value = scaleOf(svg);
    const shows = inFrame(svg);
    const outside = [...svg.querySelectorAll('text')].filter((text) => {
        const place = box(text);
        return place.left < area.left - 1 || place.right > area.right + 1 || place.top < area.top - 1 ||
            place.bottom > area.bottom + 1;
    });
    lines.push(`plot ${section.id} ${Math.round(area.width)} ${outside.length}`);
    for (const mark of [...svg.querySelectorAll('use')].filter(shows))
        lines.push(`mark ${section.id} ${value(middle(mark)).toPrecision(6)}`);
    for (const bar of [...svg.querySelectorAll('polygon')].filter(shows))
        lines.push(`bar ${section.id} ${(value(box(bar).top) - value(box(bar).bottom)).toPrecision(6)}`);
}
lines.push(`wide ${Math.max(0, document.documentElement.scrollWidth - innerWidth)}`);
lines.push(`fetched ${performance.getEntriesByType('resource').length}`);
lines.push(`broken ${document.querySelectorAll('parsererror').length}`);
const shown = document.createElement('pre');
shown.id = 'shown';
shown.textContent = `\n${lines.join('\n')}\n`;
document.body.append(shown);
