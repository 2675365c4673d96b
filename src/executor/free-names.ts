// Names that a function uses and does not declare, by the scoping rules of ECMAScript.
import type { AnyNode, Function as FunctionNode, Node, Pattern, Statement } from 'acorn'

interface Scope {
  readonly names: Set<string>
  readonly outer: Scope | undefined
}

/** What a function takes from outside. */
export interface Free {
  /** Names; `this`, `super` and `import.meta` as they are written. */
  readonly names: Set<string>
  /** Where it says `import(`. */
  readonly imports: number[]
}

export function freeNames(root: Node): Free {
  const free: Free = { names: new Set(), imports: [] }
  visit(root as AnyNode, { names: new Set(), outer: undefined }, free)
  return free
}

function visit(node: AnyNode, scope: Scope, free: Free): void {
  switch (node.type) {
    case 'Identifier':
      use(node.name, scope, free)
      return
    case 'ThisExpression':
      use('this', scope, free)
      return
    case 'Super':
      use('super', scope, free)
      return
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      visitFunction(node, scope, free)
      return
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const inner = nested(scope)
      if (node.id) inner.names.add(node.id.name)
      if (node.superClass) visit(node.superClass, inner, free)
      visit(node.body, inner, free)
      return
    }
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'Property':
      if (node.computed) visit(node.key, scope, free)
      if (node.value) visit(node.value, node.type === 'PropertyDefinition' ? callScope(scope) : scope, free)
      return
    case 'StaticBlock':
      visitAll(node.body, blockScope(node.body, varScope(node.body, callScope(scope))), free)
      return
    case 'MemberExpression':
      visit(node.object, scope, free)
      if (node.computed) visit(node.property, scope, free)
      return
    case 'UnaryExpression':
      // `typeof x` of a name that is not there is no error.
      if (node.operator === 'typeof' && node.argument.type === 'Identifier') return
      visit(node.argument, scope, free)
      return
    case 'LabeledStatement':
      visit(node.body, scope, free)
      return
    case 'BreakStatement':
    case 'ContinueStatement':
      return
    case 'MetaProperty':
      if (node.meta.name === 'import') free.names.add('import.meta')
      return
    case 'ImportExpression':
      free.imports.push(node.start)
      visitChildren(node, scope, free)
      return
    case 'BlockStatement':
      visitAll(node.body, blockScope(node.body, scope), free)
      return
    case 'SwitchStatement': {
      visit(node.discriminant, scope, free)
      const inner = blockScope(
        node.cases.flatMap(({ consequent }) => consequent),
        scope,
      )
      for (const branch of node.cases) {
        if (branch.test) visit(branch.test, inner, free)
        visitAll(branch.consequent, inner, free)
      }
      return
    }
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement': {
      const head = node.type === 'ForStatement' ? node.init : node.left
      visitChildren(node, head?.type === 'VariableDeclaration' ? blockScope([head], scope) : scope, free)
      return
    }
    case 'CatchClause': {
      const inner = nested(scope)
      if (node.param) declare(node.param, inner.names)
      visitChildren(node, inner, free)
      return
    }
    default:
      visitChildren(node, scope, free)
  }
}

function visitFunction(node: FunctionNode, scope: Scope, free: Free): void {
  const outer = node.type === 'ArrowFunctionExpression' ? scope : callScope(scope)
  const named = nested(outer)
  if (node.id && node.type === 'FunctionExpression') named.names.add(node.id.name)
  const inner = nested(named)
  for (const param of node.params) declare(param, inner.names)
  visitAll(node.params, inner, free)
  if (node.body.type === 'BlockStatement') {
    const { body } = node.body
    visitAll(body, blockScope(body, varScope(body, inner)), free)
  } else {
    visit(node.body, inner, free)
  }
}

function visitAll(nodes: readonly (AnyNode | null)[], scope: Scope, free: Free): void {
  for (const node of nodes) if (node !== null) visit(node, scope, free)
}

function visitChildren(node: AnyNode, scope: Scope, free: Free): void {
  for (const child of children(node)) visit(child, scope, free)
}

function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) for (const entry of value as unknown[]) if (isNode(entry)) yield entry
    if (isNode(value)) yield value
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

function use(name: string, scope: Scope, free: Free): void {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) if (at.names.has(name)) return
  free.names.add(name)
}

function nested(outer: Scope): Scope {
  return { names: new Set(), outer }
}

/** What every function but an arrow has of its own. */
function callScope(outer: Scope): Scope {
  return { names: new Set(['arguments', 'this', 'super']), outer }
}

/** The scope of everything declared with `var`, which default values of parameters don't see. */
function varScope(body: readonly (Statement | AnyNode)[], outer: Scope): Scope {
  const scope = nested(outer)
  for (const statement of body) hoist(statement as AnyNode, scope.names)
  return scope
}

/** The scope of everything declared with `let`, `const`, `class` and `function`. */
function blockScope(body: readonly AnyNode[], outer: Scope): Scope {
  const scope = nested(outer)
  for (const statement of body) {
    if (statement.type === 'VariableDeclaration') {
      for (const { id } of statement.declarations) declare(id, scope.names)
    } else if (statement.type === 'ClassDeclaration' || statement.type === 'FunctionDeclaration') {
      if (statement.id) scope.names.add(statement.id.name)
    }
  }
  return scope
}

// `var`, and functions in blocks as sloppy code has them, belong to the function around them.
function hoist(node: AnyNode, names: Set<string>): void {
  if (node.type === 'FunctionDeclaration') {
    if (node.id) names.add(node.id.name)
    return
  }
  if (/Function|Class/.test(node.type)) return
  if (node.type === 'VariableDeclaration' && node.kind === 'var') {
    for (const { id } of node.declarations) declare(id, names)
  }
  for (const child of children(node)) hoist(child, names)
}

function declare(pattern: Pattern, names: Set<string>): void {
  switch (pattern.type) {
    case 'Identifier':
      names.add(pattern.name)
      return
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        declare(property.type === 'RestElement' ? property.argument : property.value, names)
      }
      return
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) declare(element, names)
      return
    case 'RestElement':
      declare(pattern.argument, names)
      return
    case 'AssignmentPattern':
      declare(pattern.left, names)
      return
    default:
  }
}
