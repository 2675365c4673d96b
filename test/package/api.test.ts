import * as fs from 'node:fs'
import * as path from 'node:path'

import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { expect, it } from 'vitest'

import { root } from '../helpers/child.ts'

it('the public surface is that of etc/offloop.api.md; `npm run api` renews it', () => {
  const config = ExtractorConfig.loadFileAndPrepare(path.join(root, 'api-extractor.json'))
  const said: string[] = []
  const result = Extractor.invoke(config, {
    localBuild: false,
    messageCallback: (message) => {
      message.handled = true
      if (message.logLevel === 'error') said.push(message.text)
    },
  })
  const [committed, now] = [config.reportFilePath, config.reportTempFilePath].map((file) =>
    fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '',
  )
  expect(now).toContain('export const sum: ')
  expect(now, 'run `npm run api`, look at the difference, and commit it').toBe(committed)
  expect(said).toEqual([])
  expect(result.apiReportChanged).toBe(false)
})
