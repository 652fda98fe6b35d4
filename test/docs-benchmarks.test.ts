import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { GOALS, judge } from '../bench/report/goals.mjs'
import { charts, page } from '../bench/report/page.mjs'
import { readResults } from '../bench/report/results.mjs'
import { DECISIONS, SUITES } from '../bench/suites.mjs'
import { FILES, headingsIn, ROOT, tableIn, textOf } from './markdown.ts'

const PAGE = 'docs/benchmarks.md'
const results = readResults()

describe('the page of benchmarks', () => {
  it('has a section for every suite, and names the command that repeats it', () => {
    const headings = headingsIn(textOf(PAGE))
    for (const [suite, { title }] of Object.entries(SUITES)) {
      expect(headings).toContain(title)
      expect(textOf(PAGE).replaceAll('\n', ' ')).toContain(`bench ${suite}\``)
    }
  })

  it('tells of every goal what was measured and whether it is met', () => {
    const told = tableIn(textOf(PAGE), 'Goal').map(([goal, , , verdict]) => [goal, verdict])
    const verdicts = { true: 'met', false: 'not met', undefined: 'not measured' }
    expect(told).toEqual(GOALS.map((goal) => [goal.says, verdicts[`${judge(goal, results).isMet}`]]))
  })

  it('is what was measured last, and so are its charts: run `pnpm bench --page` after a change', () => {
    expect(textOf(PAGE)).toBe(page(results))
    for (const [name, svg] of charts(results)) expect(textOf(`docs/benchmarks/${name}`)).toBe(svg)
    const drawn = FILES.filter((file) => /^docs\/benchmarks\/.*\.svg$/.test(file))
    expect(drawn.toSorted()).toEqual([...charts(results).keys()].map((name) => `docs/benchmarks/${name}`).toSorted())
  })

  it('says of each suite when, at which commit and in how many rounds it was measured', () => {
    expect([...results.keys()]).toEqual(Object.keys(SUITES))
    for (const { measured } of results.values()) {
      const { at, commit, rounds } = measured
      expect(textOf(PAGE).replaceAll('\n', ' ')).toContain(`measured ${at} at commit ${commit}; ${rounds} round`)
    }
  })
})

it('has a program for every suite, and no other', () => {
  const programs = FILES.filter((file) => file.startsWith('bench/suites/')).map((file) =>
    file.slice('bench/suites/'.length).replace('.mjs', ''),
  )
  expect(programs.toSorted()).toEqual(Object.keys({ ...SUITES, ...DECISIONS }).toSorted())
})

it('judges goals by figures that the suites have', () => {
  for (const { suite, figure, beside = figure, limit = figure } of GOALS) {
    expect(Object.keys(SUITES)).toContain(suite)
    const { figures = {} } = results.get(suite) ?? {}
    // What could not be measured has no figures at all, or says in a sentence why.
    if (Object.keys(figures).length > 1)
      expect(Object.keys(figures)).toEqual(expect.arrayContaining([figure, beside, limit]))
  }
  expect(existsSync(`${ROOT}/docs/benchmarks/token-endpoint.svg`)).toBe(true)
})
