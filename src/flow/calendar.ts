import type * as Croner from 'croner'

import { rangeMisuse } from '../errors.ts'

/** The times that a cron expression stands for; undefined after the last one. */
export type NextTime = (after: number) => number | undefined

/** Reads a cron expression, by the library croner, which is loaded for the first one. */
export function readCron(expression: string, timeZone: string | undefined): NextTime {
  if (timeZone !== undefined) checkTimeZone(timeZone)
  const { Cron } = require('croner') as typeof Croner
  const what = (why: string) => rangeMisuse('cron', `a cron expression (${why})`, expression)
  let cron: Croner.Cron
  try {
    cron = new Cron(expression, { paused: true, ...(timeZone === undefined ? {} : { timezone: timeZone }) })
  } catch (error) {
    throw what((error as Error).message.replace(/^CronPattern: /, ''))
  }
  // It takes dates as well, which are for `at`.
  if (cron.getOnce() !== null) throw what('not a date: that is for `at`')
  const next: NextTime = (after) => cron.nextRun(new Date(after))?.getTime()
  if (next(Date.now()) === undefined) throw what('one that comes to pass')
  return next
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format()
  } catch {
    throw rangeMisuse('timeZone', 'the name of a time zone', timeZone)
  }
}
