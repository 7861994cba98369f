/** Makes elements. Text goes in as text: nothing from a dump is ever read as HTML. */
export type Child = Node | string | undefined
type Properties = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>

const SVG = 'http://www.w3.org/2000/svg'

/** A function among the properties listens to the event of its name. */
export function element(name: string, properties: Properties, ...children: readonly Child[]): HTMLElement {
  return filled(document.createElement(name), properties, children)
}

export function shape(name: string, properties: Properties, ...children: readonly Child[]): SVGElement {
  return filled(document.createElementNS(SVG, name) as SVGElement, properties, children)
}

function filled<E extends Element>(made: E, properties: Properties, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(name, value)
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value))
  }
  made.append(...children.filter((child) => child !== undefined))
  return made
}
