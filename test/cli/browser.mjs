// Chromium, and what the tests ask of a page in it. Plain JavaScript: in the types of the tests there is no browser.
import * as fs from 'node:fs'
import { createRequire } from 'node:module'

const { chromium } = createRequire(import.meta.url)('playwright-core')

export async function openBrowser() {
  const executablePath = process.env['OFFLOOP_CHROMIUM'] ?? '/usr/bin/chromium'
  if (!fs.existsSync(executablePath)) {
    throw new Error(
      `No Chromium at ${executablePath}. Install it (Debian: apt-get install chromium), or set OFFLOOP_CHROMIUM to its path.`,
    )
  }
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update']
  return await chromium.launch({
    executablePath,
    timeout: 0,
    args: ['--no-sandbox', '--disable-gpu', '--disable-sync', ...quiet],
  })
}

/** How wide the page is, and its window. */
export function widthsOf(page) {
  return page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    inner: window.innerWidth,
  }))
}

/** Charts that are empty, and those with marks outside their boxes, by title. */
export function marksOf(page) {
  return page.evaluate(() => {
    const shapes = 'circle, rect, path, line'
    const slack = 0.75
    const found = [...document.querySelectorAll('figure.chart')]
    const title = (chart) => chart.parentElement?.querySelector('h2, h3')?.textContent ?? ''
    const escapes = (track) => {
      const box = track.getBoundingClientRect()
      return [...track.querySelectorAll(shapes)].some((shape) => {
        const { left, right, top, bottom } = shape.getBoundingClientRect()
        return (
          left < box.left - slack || right > box.right + slack || top < box.top - slack || bottom > box.bottom + slack
        )
      })
    }
    return {
      charts: found.length,
      empty: found
        .filter((chart) => [...chart.querySelectorAll('.track')].some((track) => track.querySelector(shapes) === null))
        .map(title),
      outside: found.filter((chart) => [...chart.querySelectorAll('.track')].some(escapes)).map(title),
    }
  })
}

/** Words of charts that lie over one another, or leave the page. */
export function overlapsOf(page) {
  return page.evaluate(() => {
    const found = []
    const apart = (a, b) =>
      a.right <= b.left + 0.5 || b.right <= a.left + 0.5 || a.bottom <= b.top + 0.5 || b.bottom <= a.top + 0.5
    for (const group of document.querySelectorAll('.axis, .row, .figures, .legend')) {
      const words = [...group.querySelectorAll('text, .name, .value, .track, dt, dd, li')].map((element) => ({
        text: element.textContent ?? '',
        box: element.getBoundingClientRect(),
      }))
      words.forEach(({ text, box }, i) => {
        for (const other of words.slice(i + 1)) if (!apart(box, other.box)) found.push(`${text} | ${other.text}`)
        if (box.left < 0 || box.right > window.innerWidth) found.push(`${text} leaves the page`)
      })
    }
    return found
  })
}

/** Charts without a table behind them, or with a picture that has no name. */
export function unnamedOf(page) {
  return page.evaluate(
    () =>
      [...document.querySelectorAll('figure.chart')].filter(
        (chart) =>
          chart.querySelector('tbody tr') === null ||
          [...chart.querySelectorAll('.track')].some((track) => !track.querySelector(':scope > title')?.textContent),
      ).length,
  )
}

/** The page's colour. */
export function backgroundOf(page) {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor)
}

/** Unfolds all that is folded. */
export function openAll(page) {
  return page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
}
