import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as os from 'node:os'
import * as path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import type * as CgroupModule from '../../src/cli/cgroup.ts'
import { root } from '../helpers/child.ts'

const { cgroupCpus } = createRequire(path.join(root, 'package.json'))('./dist/cli/cgroup.js') as typeof CgroupModule
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-cgroup-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** What the function finds where the system has these files. */
function withFiles(groups: string, files: Record<string, string>): number | undefined {
  const place = fs.mkdtempSync(path.join(folder, 'case-'))
  fs.writeFileSync(path.join(place, 'groups'), groups)
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(place, name)), { recursive: true })
    fs.writeFileSync(path.join(place, name), text)
  }
  return cgroupCpus(place, path.join(place, 'groups'))
}

describe('the limit of control groups', () => {
  it('is that of version 2, the least on the way up', () => {
    const files = { 'a/b/cpu.max': 'max 100000\n', 'a/cpu.max': '150000 100000\n', 'cpu.max': '400000 100000\n' }
    expect(withFiles('0::/a/b\n', files)).toBe(1.5)
  })

  it('is that of version 1', () => {
    const files = { 'cpu,cpuacct/job/cpu.cfs_quota_us': '50000\n', 'cpu,cpuacct/job/cpu.cfs_period_us': '100000\n' }
    expect(withFiles('3:memory:/job\n4:cpu,cpuacct:/job\n', files)).toBe(0.5)
  })

  it('is none where there is none', () => {
    expect(withFiles('0::/\n', { 'cpu.max': 'max 100000\n' })).toBeUndefined()
    expect(
      withFiles('4:cpu:/\n', { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }),
    ).toBeUndefined()
    expect(cgroupCpus(folder, path.join(folder, 'missing'))).toBeUndefined()
  })
})
