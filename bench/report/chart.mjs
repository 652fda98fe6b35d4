/** @typedef {import('./results.mjs').Chart} Chart */

const WIDTH = 760
const MARGIN = 20
const LABELS = 240
const VALUES = 90
const TOP = 56
const ROW = 34
const BAR = 20

/** Light and dark, by what the reader prefers; a ground of its own, so that it can be read on any page. */
const STYLE = `
    .ground { fill: #ffffff; stroke: #d0d7de }
    text { font: 13px ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
    .title { font-size: 15px; font-weight: 600 }
    .unit { fill: #59636e }
    .bar { fill: #8c959f }
    .ours { fill: #0969da }
    .name { font-weight: 600 }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #0d1117; stroke: #3d444d }
      text { fill: #f0f6fc }
      .unit { fill: #9198a1 }
      .bar { fill: #656c76 }
      .ours { fill: #4493f8 }
    }`

/**
 * Horizontal bars with their labels and values, as SVG.
 *
 * @param {Chart} chart
 */
export function svgOf({ title, unit, bars }) {
  const height = TOP + bars.length * ROW + MARGIN - 8
  const most = Math.max(...bars.map(({ value }) => value))
  const full = WIDTH - 2 * MARGIN - LABELS - VALUES
  const spoken = bars.map(({ label, value }) => `${label}: ${numberOf(value)}`).join('; ')
  const rows = bars.map(({ label, value, ours }, index) => {
    const y = TOP + index * ROW
    const width = Math.max(2, (value / most) * full)
    const x = MARGIN + LABELS
    const kind = ours ? 'bar ours' : 'bar'
    const name = ours ? ' class="name"' : ''
    return `  <text${name} x="${x - 10}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>
  <rect class="${kind}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3"/>
  <text${name} x="${(x + width + 8).toFixed(1)}" y="${y + 15}">${numberOf(value)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(`${title}, ${unit}. ${spoken}`)}">
  <style>${STYLE}
  </style>
  <rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
  <text class="title" x="${MARGIN}" y="30">${escaped(title)} <tspan class="unit">${escaped(unit)}</tspan></text>
${rows.join('\n')}
</svg>
`
}

const numberOf = (/** @type {number} */ value) =>
  value < 100 ? value.toFixed(value < 10 ? 1 : 0) : Math.round(value).toLocaleString('en')

const ENTITIES = /** @type {Readonly<Record<string, string>>} */ ({
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
})

const escaped = (/** @type {string} */ text) => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
