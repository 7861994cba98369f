/**
 * Expressions over triggers: `a;b` b after a, `a&b` both in any order, `a|b` either; `&` binds closer than `|`, and `|`
 * closer than `;`. What is left of an expression when a trigger has fired is an expression again.
 */
export type Expression =
  | { readonly type: 'trigger'; readonly name: string }
  | { readonly type: 'then' | 'and' | 'or'; readonly left: Expression; readonly right: Expression }

const OPERATORS = [
  [';', 'then'],
  ['|', 'or'],
  ['&', 'and'],
] as const

/** The expression, or what is wrong with the text. */
export function parseExpression(text: string): Expression | string {
  const tokens = text.match(/[;&|()]|[^;&|()\s]+/g) ?? []
  let place = 0
  const binary = (level: number): Expression | string => {
    const operator = OPERATORS[level]
    if (operator === undefined) return operand()
    const [symbol, type] = operator
    let left = binary(level + 1)
    while (typeof left !== 'string' && tokens[place] === symbol) {
      place++
      const right = binary(level + 1)
      if (typeof right === 'string') return right
      left = { type, left, right }
    }
    return left
  }
  const operand = (): Expression | string => {
    const token = tokens[place++]
    if (token === undefined) return 'it ends where a trigger is expected'
    if (token === '(') {
      const inner = binary(0)
      if (typeof inner === 'string') return inner
      return tokens[place++] === ')' ? inner : 'a parenthesis is not closed'
    }
    return /^[;&|)]$/.test(token) ? `${token} stands where a trigger is expected` : { type: 'trigger', name: token }
  }
  const whole = binary(0)
  if (typeof whole === 'string') return whole
  return place === tokens.length ? whole : `${tokens[place]} stands where nothing more is expected`
}

export function triggerNames(expression: Expression): readonly string[] {
  return expression.type === 'trigger'
    ? [expression.name]
    : [...triggerNames(expression.left), ...triggerNames(expression.right)]
}

/** Triggers that are waited for now. */
export function awaited(expression: Expression): readonly string[] {
  switch (expression.type) {
    case 'trigger':
      return [expression.name]
    case 'then':
      return awaited(expression.left)
    case 'and':
    case 'or':
      return [...awaited(expression.left), ...awaited(expression.right)]
  }
}

/** What is left when a trigger that is waited for has fired; undefined: nothing. */
export function afterTrigger(expression: Expression, name: string): Expression | undefined {
  if (expression.type === 'trigger') return expression.name === name ? undefined : expression
  const { type, left, right } = expression
  const leftRest = awaited(left).includes(name) ? afterTrigger(left, name) : left
  if (type === 'then') return leftRest === undefined ? right : { type, left: leftRest, right }
  const rightRest = awaited(right).includes(name) ? afterTrigger(right, name) : right
  if (type === 'or')
    return leftRest === undefined || rightRest === undefined ? undefined : { type, left: leftRest, right: rightRest }
  if (leftRest === undefined) return rightRest
  return rightRest === undefined ? leftRest : { type, left: leftRest, right: rightRest }
}
