import { describe, expect, it } from 'vitest'
import { duration, oneOf, parameters, percentage, severalOf, wholeNumber } from './option-values.ts'

describe('values of options', () => {
  it('takes whole numbers, and says what is wrong with others', () => {
    expect(wholeNumber('--faults')('2', undefined)).toBe(2)
    for (const text of ['-1', '1.5', 'two', '', '1e3', '99999999999999999999']) {
      expect(() => wholeNumber('--faults')(text, undefined)).toThrow(`--faults ${text} is not a number`)
    }
    expect(() => wholeNumber('--depth-max', 1)('0', undefined)).toThrow('at least 1')
  })

  it('takes durations with their unit only', () => {
    const parse = (text: string) => duration('--time-limit')(text, undefined)
    expect(['250ms', '60s', '5m', '24h', '1d', '1h30m', '1.5s'].map(parse)).toEqual([
      250, 60_000, 300_000, 86_400_000, 86_400_000, 5_400_000, 1500,
    ])
    expect(() => parse('60')).toThrow('Write --time-limit 60s')
    for (const text of ['s', '5 m', '-5m', '5x', '']) expect(() => parse(text)).toThrow('is not a duration')
  })

  it('takes percentages from 0 to 100', () => {
    expect(['0', '2.5', '100%'].map((text) => percentage('--audit')(text, undefined))).toEqual([0, 2.5, 100])
    for (const text of ['101', '-1', 'all'])
      expect(() => percentage('--audit')(text, undefined)).toThrow('not a percentage')
  })

  it('suggests the name that was probably meant', () => {
    expect(oneOf('--queue', ['fifo', 'priority'])('fifo', undefined)).toBe('fifo')
    expect(() => oneOf('--queue', ['fifo', 'priority'])('prio', undefined)).toThrow('did you mean "priority"?')
    expect(() => oneOf('--queue', ['fifo', 'priority'])('lifo-stack', undefined)).toThrow(/is not known\.\n/)
  })

  it('collects names of repeated options and of lists with commas, each once', () => {
    const parse = severalOf('--profile', ['a', 'b', 'c'])
    expect(parse('b', parse('a,b', undefined))).toEqual(['a', 'b'])
    expect(() => parse('a,,b', undefined)).toThrow('(nothing) is not known')
  })

  it('reads --set values as JSON where they are JSON, else as text', () => {
    const texts = ['n=6', 'w=true', 'name=zk', 'list=[1,"a"]', 'formula=a=b', 'empty=', 'version=1.10.2', 'n=7']
    expect(
      texts.reduce<Readonly<Record<string, unknown>> | undefined>((set, text) => parameters(text, set), undefined),
    ).toEqual({
      n: 7,
      w: true,
      name: 'zk',
      list: [1, 'a'],
      formula: 'a=b',
      empty: '',
      version: '1.10.2',
    })
    for (const text of ['n', '=6', '3=4', '__proto__ =1x'.slice(10)])
      expect(() => parameters(text, undefined)).toThrow('not of the form NAME=VALUE')
  })
})
