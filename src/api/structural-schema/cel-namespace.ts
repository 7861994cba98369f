import type { Environment } from '@marcbachmann/cel-js'

/** A name such as `sets` whose functions are called like methods. */
export function registerNamespace(environment: Environment, name: string): string {
  const typeName = `${name[0]?.toUpperCase()}${name.slice(1)}Functions`
  const Namespace = class {}
  environment.registerType(typeName, { ctor: Namespace, fields: {} })
  environment.registerConstant(name, typeName, new Namespace())
  return typeName
}
