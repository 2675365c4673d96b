import * as fs from 'node:fs'
import * as path from 'node:path'

/**
 * How many CPUs' worth of time the control groups of this process allow, or undefined where they set no limit; the least
 * of the group itself and those around it. Linux only. The native pool reads the same (`native/sched/cpus.cc`).
 */
export function cgroupCpus(mounts = '/sys/fs/cgroup', groups = '/proc/self/cgroup'): number | undefined {
  const limits: number[] = []
  // Lines of "number:controllers:path"; number 0 without controllers is version 2.
  for (const line of read(groups).split('\n')) {
    const [, controllers, group] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (group === undefined) continue
    if (controllers === '') limits.push(...upwards(mounts, group, quotaOfV2))
    else if (controllers.split(',').includes('cpu')) {
      limits.push(...upwards(path.join(mounts, controllers), group, quotaOfV1))
    }
  }
  return limits.length === 0 ? undefined : Math.min(...limits)
}

function upwards(mount: string, group: string, quotaOf: (folder: string) => number | undefined): number[] {
  const limits: number[] = []
  for (let at = group; ; at = path.posix.dirname(at)) {
    const limit = quotaOf(path.join(mount, at))
    if (limit !== undefined) limits.push(limit)
    if (at === '/') return limits
  }
}

// "max 100000" or "150000 100000".
function quotaOfV2(folder: string): number | undefined {
  const [quota, period] = read(path.join(folder, 'cpu.max')).split(' ').map(Number)
  return quota > 0 && period > 0 ? quota / period : undefined
}

// Two files, and -1 for no quota.
function quotaOfV1(folder: string): number | undefined {
  const [quota, period] = ['quota', 'period'].map((name) => Number(read(path.join(folder, `cpu.cfs_${name}_us`))))
  return quota > 0 && period > 0 ? quota / period : undefined
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
