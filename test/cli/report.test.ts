import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as os from 'node:os'
import * as path from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type * as PageModule from '../../src/cli/report/page.ts'
import type * as StyleModule from '../../src/cli/report/style.ts'
import { root } from '../helpers/child.ts'
import { backgroundOf, marksOf, openAll, openBrowser, overlapsOf, unnamedOf, widthsOf } from './browser.mjs'
import { madeUpResults } from './results.mjs'

const built = createRequire(path.join(root, 'package.json'))
const { reportOf } = built('./dist/cli/report/page.js') as typeof PageModule
const { colours } = built('./dist/cli/report/style.js') as typeof StyleModule

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-report-'))
/** OFFLOOP_SCREENSHOTS keeps the pictures in a folder, to be looked at. */
const pictures = process.env['OFFLOOP_SCREENSHOTS']
let browser: Awaited<ReturnType<typeof openBrowser>>

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

describe('the report', () => {
  const text = reportOf(madeUpResults())

  it('is one file: nothing in it is to be fetched, and nothing runs', () => {
    expect(text).toMatch(/^<!doctype html>/)
    expect(text).not.toMatch(/<script|<link(?! rel="icon" href="data:)|@import|url\(|src=|https?:/)
  })

  it('escapes what comes from outside', () => {
    expect(text).toContain('a note about &#60;it&#62; &#38; more')
  })

  it('has every bench, contestant and section', () => {
    for (const title of [
      'Against plain JavaScript',
      'The event loop meanwhile',
      'Speed-up by threads',
      'Distance to the machine’s limits',
      'Throughput',
      'Every bench',
    ]) {
      expect(text).toContain(`<h2>${title}</h2>`)
    }
    for (const { bench } of madeUpResults().cases) expect(text).toContain(`<b>${bench.split('/')[1]}</b>`)
  })

  it.each([
    ['only what is not a kernel', /^engine/],
    ['only limits', /^machine/],
    ['one kernel without limits', /^kernels\/sum$/],
  ])('is whole with %s', (_, pattern) => {
    const all = madeUpResults()
    const page = reportOf({ ...all, cases: all.cases.filter(({ bench }) => pattern.test(bench)) })
    expect(page).toContain('<h2>Every bench</h2>')
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('says nothing that is no number', () => {
    expect(text).not.toMatch(/NaN|undefined|Infinity/)
  })
})

describe.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('in Chromium, %i pixels wide, %s', (width, colorScheme) => {
  let page: Awaited<ReturnType<typeof browser.newPage>>
  const complaints: string[] = []
  const requests: string[] = []

  beforeAll(async () => {
    const file = path.join(folder, 'report.html')
    fs.writeFileSync(file, reportOf(madeUpResults()))
    page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    // Only a hang reaches the limit of the tests themselves.
    page.setDefaultTimeout(0)
    page.on('console', (message: { text(): string }) => complaints.push(message.text()))
    page.on('pageerror', (error: Error) => complaints.push(error.message))
    page.on('request', (request: { url(): string }) => requests.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    if (pictures !== undefined) {
      await page.screenshot({ path: path.join(pictures, `${width}-${colorScheme}.png`), fullPage: true })
    }
    await openAll(page)
    if (pictures !== undefined) {
      const { y } = (await page.locator('.bench').first().boundingBox())!
      const clip = { x: 0, y: y - 200, width, height: 2400 }
      await page.screenshot({ path: path.join(pictures, `${width}-${colorScheme}-open.png`), clip, fullPage: true })
    }
  })
  afterAll(() => page.close())

  it('complains of nothing and asks nobody', () => {
    expect(complaints).toEqual([])
    expect(requests.filter((url) => !/^(file|data):/.test(url))).toEqual([])
  })

  it('does not overflow to the side', async () => {
    const { scroll, inner } = await widthsOf(page)
    expect(scroll).toBe(inner)
    expect(inner).toBe(width)
  })

  it('has marks in every chart, inside their boxes', async () => {
    const { charts, empty, outside } = await marksOf(page)
    expect(charts).toBeGreaterThan(100)
    expect({ empty, outside }).toEqual({ empty: [], outside: [] })
  })

  it('has no words over one another', async () => {
    const overlaps = await overlapsOf(page)
    expect(overlaps).toEqual([])
  })

  it('has a name for every picture and a table behind every chart', async () => {
    const lacking = await unnamedOf(page)
    expect(lacking).toBe(0)
  })

  it('is in the colours of its scheme', async () => {
    const background = await backgroundOf(page)
    const [r, g, b] = rgb(colours['page'][colorScheme === 'light' ? 0 : 1])
    expect(background).toBe(`rgb(${r}, ${g}, ${b})`)
  })
})

// WCAG 2.2: 4.5 : 1 for text, 3 : 1 for what must be seen of graphics.
describe('contrast', () => {
  it.each([0, 1] as const)('is enough in scheme %i', (scheme) => {
    const page = colours['page'][scheme]
    const weak = Object.entries(colours)
      .filter(([name]) => name !== 'page' && name !== 'rule')
      .filter(([, values]) => contrast(values[scheme], page) < 4.5)
      .map(([name]) => name)
    expect(weak).toEqual([])
  })
})

function rgb(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}

function luminance(hex: string): number {
  const [r, g, b] = rgb(hex).map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}
