import type { Look, Shape } from './contestant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import type { Scale } from './scale.ts'

// A chart is a list of rows: a name, a track, and the value in figures. Positions are in percent, so that a chart is as
// wide as its place; the only words inside a track are those of the axis.

export interface ChartRow {
  readonly name: string
  /** A second line, small. */
  readonly note?: string
  readonly marks: readonly Html[]
  readonly value: string
  /** What the row says, in words. */
  readonly title: string
  /** Class of the name's colour. */
  readonly colour?: string
}

export interface Chart {
  /** What is shown, and how to read it. */
  readonly caption: Html | string
  readonly scale: Scale
  /** Of a labelled tick. */
  readonly label: (value: number) => string
  readonly rows: readonly ChartRow[]
  /** The columns of the table behind it, and its rows. */
  readonly table: readonly (readonly string[])[]
  /** Values at which a line is drawn, with its name in the caption. */
  readonly lines?: readonly number[]
  /** Rows of one contestant each, less high than those with marks of many. */
  readonly tight?: boolean
}

export function chart({ caption, scale, label, rows, table, lines = [], tight = false }: Chart): Html {
  const grid = html`${scale.ticks.map(({ value }) => gridLine(scale.at(value), ''))}${lines.map((value) =>
    gridLine(scale.at(value), 'limit'),
  )}`
  return html`<figure class="chart${tight ? ' tight' : ''}">
    <div class="axis" aria-hidden="true">
      <svg>
        ${scale.ticks.filter(({ labelled }) => labelled).map(({ value }) => tick(scale.at(value), label(value)))}
      </svg>
    </div>
    <div class="rows">
      <div class="lines" aria-hidden="true"><svg>${grid}</svg></div>
      ${rows.map(rowOf)}
    </div>
    <figcaption>${caption}</figcaption>
    ${tableOf(table)}
  </figure>`
}

function rowOf({ name, note, marks, value, title, colour }: ChartRow): Html {
  return html`<div class="row">
    <span class="name ${colour}">${name}${note === undefined ? undefined : html`<small>${note}</small>`}</span>
    <svg class="track" role="img">
      <title>${title}</title>
      ${marks}
    </svg>
    <span class="value">${value}</span>
  </div>`
}

export function tableOf([head, ...rows]: readonly (readonly string[])[]): Html {
  return html`<details class="data">
    <summary>The numbers</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([first, ...cells]) =>
              html`<tr>
                <th scope="row">${first}</th>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`
}

function gridLine(at: number, kind: string): Html {
  return html`<line class="grid ${kind}" x1="${fix(at)}" x2="${fix(at)}" y1="0" y2="100%" />`
}

function tick(at: number, text: string): Html {
  return html`<text x="${fix(at)}" y="13" text-anchor="middle">${text}</text>`
}

const shapes: Readonly<Record<Shape, Html>> = {
  disc: html`<circle r="5" />`,
  ring: html`<circle r="4.2" class="hollow" />`,
  square: html`<rect x="-4.2" y="-4.2" width="8.4" height="8.4" />`,
  diamond: html`<path d="M0-5.8L5.8 0L0 5.8L-5.8 0Z" />`,
  up: html`<path d="M0-5.4L5.4 4.4H-5.4Z" />`,
  down: html`<path d="M0 5.4L5.4-4.4H-5.4Z" />`,
  cross: html`<path d="M-4-4L4 4M4-4L-4 4" class="hollow" />`,
}

/** A contestant's mark in the middle of a track's height. */
export function mark(at: number, { name, colour, shape }: Look, value: string): Html {
  return html`<svg x="${fix(at)}" y="50%" class="mark ${colour}">
    <title>${name}: ${value}</title>
    ${shapes[shape]}
  </svg>`
}

/** The same for a legend. */
export function symbol({ colour, shape }: Look): Html {
  return html`<svg class="symbol ${colour}" viewBox="-7 -7 14 14" aria-hidden="true">${shapes[shape]}</svg>`
}

/** A thin line from one value to another, as for a spread. */
export function whisker(from: number, to: number, colour: string): Html {
  return html`<line class="whisker ${colour}" x1="${fix(from)}" x2="${fix(to)}" y1="50%" y2="50%" />`
}

/** A bar; `y` and `height` in percent of the track's height. */
export function bar(from: number, to: number, colour: string, { y = 20, height = 60, title = '' } = {}): Html {
  return html`<rect
    class="bar ${colour}"
    x="${fix(from)}"
    width="${fix(Math.max(0.3, to - from))}"
    y="${y}%"
    height="${height}%"
    ><title>${title}</title></rect
  >`
}

function fix(percent: number): string {
  return `${Number(percent.toFixed(2))}%`
}
