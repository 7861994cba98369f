import { describe, expect, test } from 'vitest'
import { type Writers, withAuthor, withWriting } from './writers.ts'

const written = (author: string, revision: number, ...paths: string[]) => ({ author, paths, revision })
const authorsMatter = { authorsMatter: true }
const fieldsMatter = { authorsMatter: false }

describe('who wrote what', () => {
  test('is the last one of each field, and of each author', () => {
    const both = withWriting([written('left', 1, 'a', 'b')], written('right', 2, 'a'), authorsMatter)
    expect(both).toEqual([written('left', 1, 'b'), written('right', 2, 'a')])
    expect(withWriting(both, written('right', 3, 'b'), authorsMatter)).toEqual([
      written('left', 1),
      written('right', 2, 'a'),
      written('right', 3, 'b'),
    ])
    expect(withWriting(both, written('right', 3, 'b'), fieldsMatter)).toEqual([
      written('right', 2, 'a'),
      written('right', 3, 'b'),
    ])
  })

  test('is no longer after many writes than after one round of them', () => {
    let known: Writers = []
    for (let revision = 1; revision <= 100; revision++) {
      known = withWriting(known, written(revision % 2 === 0 ? 'left' : 'right', revision), authorsMatter)
    }
    expect(known).toEqual([written('right', 99), written('left', 100)])
  })

  test('is no more than the last author, and the last write of another, where no field is asked for', () => {
    const nobody = (revision: number) => ({ author: undefined, paths: [], revision })
    const once = withAuthor([], 'left', 1)
    expect(once).toEqual([written('left', 1)])
    const twice = withAuthor(once, 'right', 2)
    expect(twice).toEqual([nobody(1), written('right', 2)])
    expect(withAuthor(twice, 'right', 3)).toEqual([nobody(1), written('right', 3)])
    expect(withAuthor(twice, undefined, 3)).toEqual([nobody(3)])
    expect(withAuthor([nobody(3)], 'left', 4)).toEqual([nobody(3), written('left', 4)])
  })
})
