/** Octets from a terminal as the names of keys; several may come at once (a paste, a slow line). */

const SEQUENCES: Readonly<Record<string, string>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  '[5~': 'pageup',
  '[6~': 'pagedown',
  '[H': 'home',
  '[F': 'end',
  '[1~': 'home',
  '[4~': 'end',
}

const SINGLE: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0003': 'ctrl-c',
  '\u0004': 'ctrl-c',
}

export function keysIn(text: string): readonly string[] {
  const keys: string[] = []
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send them
  for (const [part] of text.matchAll(/\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])|[\s\S]/gu)) {
    if (part === '\u001b') keys.push('escape')
    else if (part.startsWith('\u001b')) keys.push(SEQUENCES[part.slice(1)] ?? 'unknown')
    else keys.push(SINGLE[part] ?? part)
  }
  return keys
}
